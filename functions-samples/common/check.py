#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses a sample and verifies every answer: no update lost, doubled or reordered, nothing started anew, no clock that jumped.

    check.py cart http://ADDRESS:8080 --updates 20 --remember alice.json     # before a move
    check.py cart http://ADDRESS:8080 --updates 20 --remember alice.json     # after it, at the new address

With --remember the second run goes on where the first ended, and also verifies that it meets the same processes.
Ends with 0 if all is as it must be.
"""
import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True
import ledger

# a sample need not have all of them
SAME = {
    "process": "the function's process was started anew",
    "redis": "Redis was started anew",
    "connects": "the connection between function and Redis was made anew",
}
CLOCK_TOLERANCE = 2.0  # seconds; answers take time, and wall clocks of two machines differ


@dataclass(frozen=True)
class Sample:
    read: str  # path
    write: str
    content: str  # the answer's field that has what the updates made
    update: Callable  # of a number
    apply: Callable | None = None  # the content after an update, where it can be known


SAMPLES = {
    "cart": Sample("/cart", "/items", "items", apply=ledger.apply,
                   update=lambda number: {"item": f"thing-{number % 7}", "quantity": 1 if number % 5 else 2}),
    "readings": Sample("/readings", "/readings", "sensors",
                       update=lambda number: {"sensor": f"sensor-{number % 7}", "value": number}),
}


class Wrong(Exception):
    """The function's answer is not what it must be."""


class Witness:
    """Knows what a sample must answer, from its first answer on."""

    def __init__(self, sample, first, wall_clock):
        self.sample, self.last, self.at = sample, first, wall_clock

    def after_update(self, update, answer, wall_clock):
        sequence = self.last["sequence"] + 1
        wanted = {"sequence": sequence, "hash": ledger.next_hash(self.last["hash"], sequence, **update)}
        if self.sample.apply:
            wanted[self.sample.content] = self.sample.apply(self.last[self.sample.content], **update)
        self._verify(wanted, answer, wall_clock)

    def after_nothing(self, answer, wall_clock):
        self._verify({key: self.last[key] for key in ("sequence", "hash", self.sample.content)}, answer, wall_clock)

    def _verify(self, wanted, answer, wall_clock):
        for key, value in wanted.items():
            if answer[key] != value:
                raise Wrong(f"{key} must be {value}, the function says {answer[key]}: an update was lost, doubled or reordered")
        for key, meaning in SAME.items():
            if answer.get(key) != self.last.get(key):
                raise Wrong(f"{meaning}: {key} was {self.last.get(key)}, is {answer.get(key)}")
        passed = answer["uptimeSeconds"] - self.last["uptimeSeconds"]
        # a frozen process' clock stands still in some runtimes and goes on in others: never back, never ahead
        if not 0 <= passed <= wall_clock - self.at + CLOCK_TOLERANCE:
            raise Wrong(f"the function's monotonic clock went on by {passed:.1f} s in {wall_clock - self.at:.1f} s")
        self.last, self.at = answer, wall_clock


def call(url, update=None):
    data = None if update is None else json.dumps(update).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise Wrong(f"status {error.code}: {error.read().decode(errors='replace')}") from error


def check(sample, url, updates, memory):
    if memory and memory.exists():
        known = json.loads(memory.read_text())
        witness = Witness(sample, known["last"], known["at"])
        witness.after_nothing(call(url + sample.read), time.time())
    else:
        witness = Witness(sample, call(url + sample.read), time.time())
    for number in range(updates):
        update = sample.update(number)
        witness.after_update(update, call(url + sample.write, update), time.time())
    witness.after_nothing(call(url + sample.read), time.time())
    if memory:
        memory.write_text(json.dumps({"last": witness.last, "at": witness.at}))
    return witness.last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", choices=SAMPLES)
    parser.add_argument("url", help="http://ADDRESS:8080, with the instance's status.address")
    parser.add_argument("--updates", type=int, default=10)
    parser.add_argument("--remember", type=Path, metavar="FILE", help="what the function must answer next time")
    arguments = parser.parse_args()
    try:
        last = check(SAMPLES[arguments.sample], arguments.url.rstrip("/"), arguments.updates, arguments.remember)
    except Wrong as error:
        sys.exit(f"WRONG: {error}")
    except OSError as error:
        sys.exit(f"no answer from {arguments.url}: {error}")
    print(f"right: update {last['sequence']}, hash {last['hash'][:12]}, process {last['process']}, "
          f"up for {last['uptimeSeconds']:.1f} s")


if __name__ == "__main__":
    main()
