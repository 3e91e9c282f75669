# SPDX-License-Identifier: Apache-2.0
# ---
# what: 500 threads, a thousand open files, 900 pipes with something in them
# expect: moves
# from: cri-o/cri-o#6936, checkpoint-restore/criu#2185, checkpoint-restore/criu#1785
# ---
import os
import resource
import threading

from serve import serve

resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
threading.stack_size(256 << 10)
turn, woken, go = 0, 0, threading.Condition()


def wait():
    global woken
    with go:
        while True:
            seen = turn
            go.wait_for(lambda: turn > seen)
            woken += 1
            go.notify_all()


for _ in range(500):
    threading.Thread(target=wait, daemon=True).start()
pipes = [os.pipe() for _ in range(900)]
for number, (_, writer) in enumerate(pipes):
    os.write(writer, number.to_bytes(2))
files = [os.open(f"/tmp/{number}", os.O_CREAT | os.O_RDWR) for number in range(1000)]


def check():
    global turn, woken
    with go:
        woken = 0
        turn += 1
        go.notify_all()
        if not go.wait_for(lambda: woken == 500, timeout=5):
            return f"{woken} of 500 threads were woken"
    for number, (reader, writer) in enumerate(pipes):
        said = os.read(reader, 2)
        os.write(writer, said)
        if said != number.to_bytes(2):
            return f"pipe {number} has {said}"
    return True


serve(check)
