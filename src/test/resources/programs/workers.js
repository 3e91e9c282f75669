// SPDX-License-Identifier: Apache-2.0
// ---
// what: Node.js with worker threads, shared memory between them, timers and a child process
// expect: moves
// from: checkpoint-restore/criu#515, checkpoint-restore/criu#1251
// ---
const http = require('http');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { fork } = require('child_process');

function child() {
  let count = 0;
  process.on('message', () => process.send({ count: ++count }));
}

function worker() {
  const shared = new Int32Array(workerData);
  let count = 0;
  parentPort.on('message', () => {
    Atomics.add(shared, 0, 1);
    parentPort.postMessage({ count: ++count });
  });
}

function main() {
  const buffer = new SharedArrayBuffer(4);
  const shared = new Int32Array(buffer);
  const others = [1, 2, 3].map(() => new Worker(__filename, { workerData: buffer }));
  const ask = (other, send) => new Promise((done) => {
    other.once('message', done);
    other[send]('?');
  });
  const forked = fork(__filename, ['child']);
  let calls = 0, ticks = 0;
  setInterval(() => ticks++, 20);

  async function check() {
    const count = ++calls, before = ticks;
    const said = await Promise.all([...others.map((other) => ask(other, 'postMessage')), ask(forked, 'send')]);
    await new Promise((done) => setTimeout(done, 100));
    const ok = said.every((answer) => answer.count === count) && shared[0] === 3 * count && ticks > before;
    return { ok, calls: count, said: { said, shared: shared[0], ticks: ticks - before } };
  }

  http.createServer(async (request, response) => {
    const body = request.url === '/readyz' ? { ready: true } : await check();
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }).listen(8080);
}

if (process.argv[2] === 'child') {
  child();
} else if (isMainThread) {
  main();
} else {
  worker();
}
