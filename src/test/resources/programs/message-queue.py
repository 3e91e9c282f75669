# SPDX-License-Identifier: Apache-2.0
# ---
# what: A POSIX message queue
# expect: refused MessageQueue
# note: its messages belong to the pod and not to a process, so that no dump has them
# from: checkpoint-restore/criu#2285, checkpoint-restore/criu#2983, checkpoint-restore/criu#1785
# ---
import ctypes
import os

from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
attributes = (ctypes.c_long * 8)(0, 10, 64)
queue = libc.mq_open(b"/jobs", os.O_RDWR | os.O_CREAT, 0o600, attributes)
for _ in range(5):
    libc.mq_send(queue, b"job", 3, 0)


def check():
    now = (ctypes.c_long * 8)()
    libc.mq_getattr(queue, now)
    return now[3] == 5 or f"{now[3]} messages, expected 5"


serve(check)
