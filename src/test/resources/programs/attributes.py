# SPDX-License-Identifier: Apache-2.0
# ---
# what: "What processes and threads have set for themselves: processor affinity, niceness, scheduling, I/O priority, OOM score, timer slack, subreaper, umask, limits, `coredump_filter`"
# expect: moves
# from: checkpoint-restore/criu#2014, checkpoint-restore/criu#1969, checkpoint-restore/criu#1298, dmtcp/dmtcp#203
# ---
import ctypes
import os
import queue
import resource
import threading

from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
SET_TIMERSLACK, GET_TIMERSLACK, SET_SUBREAPER, GET_SUBREAPER, SET_THP_DISABLE, GET_THP_DISABLE = 29, 30, 36, 37, 41, 42
IOPRIO_SET, IOPRIO_GET = 251, 252


def read(name):
    with open(f"/proc/self/{name}") as file:
        return file.read().strip()


def facts():
    subreaper = ctypes.c_int()
    libc.prctl(GET_SUBREAPER, ctypes.byref(subreaper), 0, 0, 0)
    return {
        "affinity": os.sched_getaffinity(0), "nice": os.getpriority(os.PRIO_PROCESS, 0), "policy": os.sched_getscheduler(0),
        "ioprio": libc.syscall(IOPRIO_GET, 1, 0), "oom_score_adj": read("oom_score_adj"), "coredump_filter": read("coredump_filter"),
        "timerslack": libc.prctl(GET_TIMERSLACK, 0, 0, 0, 0), "subreaper": subreaper.value, "thp": libc.prctl(GET_THP_DISABLE, 0, 0, 0, 0),
        "umask": [line for line in read("status").splitlines() if line.startswith("Umask")],
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE), "core": resource.getrlimit(resource.RLIMIT_CORE),
    }


def write(name, text):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)


def main():
    os.sched_setaffinity(0, {0})
    os.nice(5)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    libc.syscall(IOPRIO_SET, 1, 0, 3 << 13)
    write("oom_score_adj", "999")
    write("coredump_filter", "0x7f")
    libc.prctl(SET_TIMERSLACK, 1000000, 0, 0, 0)
    libc.prctl(SET_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(SET_THP_DISABLE, 1, 0, 0, 0)
    os.umask(0o027)
    resource.setrlimit(resource.RLIMIT_NOFILE, (500, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    first = facts()
    questions, answers = queue.Queue(), queue.Queue()

    def check():
        questions.put(None)
        now = answers.get(timeout=3)
        return now == first or {name: f"{value}, expected {first[name]}" for name, value in now.items() if value != first[name]}

    threading.Thread(target=serve, args=[check], daemon=True).start()
    while True:  # the main thread says it: affinity and slack are a thread's own
        questions.get()
        answers.put(facts())


main()
