# SPDX-License-Identifier: Apache-2.0
# ---
# what: A shell at a terminal (pty) with its size, its variables and its jobs
# expect: moves
# from: checkpoint-restore/criu#68, opencontainers/runc#1355
# ---
import fcntl
import os
import pty
import select
import struct
import termios
import time

from serve import serve

shell, terminal = pty.fork()
if shell == 0:
    os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 123, 0, 0))


def say(text, until):
    os.write(terminal, text.encode() + b"\n")
    heard, end = b"", time.monotonic() + 3
    while until.encode() not in heard and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            heard += os.read(terminal, 4096)
    return heard.decode(errors="replace")


say("secret=42; sleep 100000 & echo rea''dy", "ready")


def check():
    heard = say("echo $((secret))-$(stty size | tr ' ' x)-$(jobs | wc -l)-en''d", "-end")
    return "42-40x123-1-end" in heard or heard


serve(check)
