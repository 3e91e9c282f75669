# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Timers: behind descriptors (`timerfd`), also those that are due and unread; alarms and interval timers"
# expect: moves
# from: checkpoint-restore/criu#3162, checkpoint-restore/criu#2030, checkpoint-restore/criu#2559
# ---
import os
import signal
import threading
import time

from serve import serve

PERIODS, ALARM = (0.01, 0.05, 0.2), 600
ticks = {}
alarms = []


def loop(clock, period):
    descriptor = os.timerfd_create(clock)
    os.timerfd_settime(descriptor, initial=period, interval=period)
    while True:
        ticks[clock, period] += int.from_bytes(os.read(descriptor, 8), "little")


def check():
    before, used, begin = dict(ticks), len(alarms), time.monotonic()
    while time.monotonic() < begin + 0.5 or len(alarms) == used and time.monotonic() < begin + 20:
        pass  # one of the timers counts the time of the processor
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    still = [key for key, count in ticks.items() if count == before[key]]
    return (not still and len(alarms) > used and 0 < left < ALARM) or f"still: {still}; {len(alarms) - used} alarms; {left} s left"


for clock in (time.CLOCK_MONOTONIC, time.CLOCK_REALTIME):
    for period in PERIODS:
        ticks[clock, period] = 0
        threading.Thread(target=loop, args=(clock, period), daemon=True).start()
signal.signal(signal.SIGPROF, lambda *_: alarms.append(1))
signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
signal.setitimer(signal.ITIMER_PROF, 0.2, 0.2)
signal.setitimer(signal.ITIMER_REAL, ALARM)
threading.Thread(target=serve, args=[check], daemon=True).start()
while True:
    time.sleep(0.05)  # handlers run in this thread, whichever the signal came to
