# SPDX-License-Identifier: Apache-2.0
"""What the tests on virtual nodes share: commands of the lab, and patience."""
import subprocess
import time
from pathlib import Path

VM = Path(__file__).resolve().parent.parent
ROOT = VM.parent.parent
PATIENCE = 600  # seconds; an emulated processor is some ten times slower, and the machine may be busy
USER = 1000


def run(*command, stdin=b"", **options):
    """The output of a command; raises with all that it said if it fails."""
    done = subprocess.run([str(part) for part in command], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout


def node(name, command, stdin=b""):
    return run(VM / "sh", "-t", PATIENCE, name, command, stdin=stdin).decode()


def kubectl(site, *arguments, stdin=b""):
    return run(ROOT / "lab/kubectl", site, *arguments, stdin=stdin).decode()


def until(what, true):
    """Waits for something that can only be asked for."""
    end = time.monotonic() + PATIENCE
    while not (answer := true()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(1)
    return answer
