# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Random numbers of children that are forked after a move: none is told twice"
# expect: moves
# from: checkpoint-restore/criu#2659
# ---
import ctypes
import os

from serve import serve

libc = ctypes.CDLL(None)


def number():
    buffer = ctypes.create_string_buffer(16)
    libc.getrandom(buffer, 16, 0)
    return buffer.raw


def of_child():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, number())
        os._exit(0)
    os.waitpid(child, 0)
    said = os.read(reader, 16)
    os.close(reader)
    os.close(writer)
    return said


number()


def check():
    numbers = [of_child() for _ in range(4)] + [number()]
    return len(set(numbers)) == 5 or [n.hex() for n in numbers]


serve(check)
