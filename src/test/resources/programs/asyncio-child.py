# SPDX-License-Identifier: Apache-2.0
# ---
# what: asyncio, with a child that it talks to by pipes and waits for by a descriptor (pidfd)
# expect: moves
# from: checkpoint-restore/criu#2258
# after: kill
# ---
import asyncio
import threading

from serve import serve


class Loop:
    def __init__(self):
        self.ticks = 0
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.run(self.start())

    def run(self, task):
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(task, 3), self.loop).result()

    async def start(self):
        self.child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        self.end = asyncio.ensure_future(self.child.wait())
        self.ticking = asyncio.ensure_future(self.tick())

    async def tick(self):
        while True:
            await asyncio.sleep(0.02)
            self.ticks += 1

    async def ask(self):
        before = self.ticks
        self.child.stdin.write(b"a line\n")
        said = await self.child.stdout.readline()
        await asyncio.sleep(0.1)
        return (said == b"a line\n" and self.ticks > before) or f"{said}, {self.ticks - before} ticks"

    async def kill(self):
        self.child.kill()
        code = await self.end
        return code == -9 or f"the child's end is {code}"


def main():
    loop = Loop()
    serve(lambda: loop.run(loop.ask()), kill=lambda: loop.run(loop.kill()))


main()
