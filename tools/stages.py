# SPDX-License-Identifier: Apache-2.0
"""What tools/test is made of: stages, what a run of one does and counts, and which of them run at the same time."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import typing
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "target/test-logs"
MVN = ["mvn", "-B", "-ntp"]


def say(text):
    """In one piece, whoever else speaks."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Stage(typing.NamedTuple):
    work: typing.Callable
    needs: tuple = ()  # stages without whose success this one cannot run
    apart: tuple = ()  # stages that must not run at the same time


class Children:
    """The commands that run now. Each has a process group of its own, so that whatever it started ends with it."""

    def __init__(self):
        self.lock, self.running, self.ended = threading.Lock(), set(), False

    def start(self, command, **options):
        with self.lock:
            if self.ended:
                sys.exit(f"interrupted before {command[0]}")  # ends this stage's thread only
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
            self.running.add(child)
            return child

    def wait(self, child):
        code = child.wait()
        with self.lock:
            self.running.discard(child)
        return code

    def end(self):
        with self.lock:
            self.ended = True
            for sign in (signal.SIGTERM, signal.SIGKILL):
                alive = [child for child in self.running if child.poll() is None]
                for child in alive:
                    os.killpg(child.pid, sign)
                deadline = time.monotonic() + 20
                for child in alive:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(max(0, deadline - time.monotonic()))


class Run:
    """One run of a stage: its log and what it counts."""

    children = Children()

    def __init__(self, name, env):
        self.name, self.env = name, dict(env)
        self.passed = self.failed = 0
        self.log = open(LOGS / f"{name}.log", "w")

    def start(self, command, cwd=ROOT, stdout=None):
        self.log.write(f"$ {' '.join(map(str, command))}\n")
        self.log.flush()
        return self.children.start(command, cwd=cwd, env=self.env, stdout=stdout or self.log, stderr=subprocess.STDOUT, text=True)

    def run(self, *command, cwd=ROOT):
        """Runs a command into the log; True when it ended with 0."""
        return self.children.wait(self.start(command, cwd)) == 0

    def fails(self, what):
        self.failed += 1
        self.names(what)

    def names(self, what):
        say(f"  {self.name} failed: {what}")

    def must(self, *command, cwd=ROOT):
        """A step that is not a test itself: when it fails, that counts as one failure."""
        ok = self.run(*command, cwd=cwd)
        if not ok:
            self.fails(" ".join(map(str, command)))
        return ok

    def maven(self, *arguments, reports, project=ROOT):
        """Runs Maven in a project's folder and counts what its tests reported into some folders."""
        for folder in reports:
            for old in folder.glob("TEST-*.xml"):
                old.unlink()
        before = self.failed
        ok = self.run(*MVN, *arguments, cwd=project)
        for folder in reports:
            self.count_junit(folder)
        if not ok and self.failed == before:
            self.fails(f"mvn {' '.join(arguments)}")

    def integration_tests(self, includes, *arguments):
        """Java's tests of one kind, with reports of their own, so that several kinds may run at once."""
        folder = ROOT / "target/failsafe-reports" / self.name
        self.maven("failsafe:integration-test", "failsafe:verify", f"-Dit.includes={includes}", f"-Dit.reports={folder}", *arguments, reports=[folder])

    def count_junit(self, folder):
        for file in sorted(folder.glob("TEST-*.xml")):
            suite = ElementTree.parse(file).getroot()
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            self.passed += int(suite.get("tests", 0)) - bad - skipped
            self.failed += bad
            for case in suite.iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    self.names(f"{case.get('classname')}.{case.get('name')}")

    def go(self, *command, cwd):
        """`go test -json`, or anything that prints the same."""
        child = self.start(command, cwd, stdout=subprocess.PIPE)
        before, failed = self.passed + self.failed, self.failed
        for line in child.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                self.log.write(line)
                continue
            self.log.write(event.get("Output", ""))
            if event.get("Test") and event["Action"] == "pass":
                self.passed += 1
            if event.get("Test") and event["Action"] == "fail":
                self.fails(event["Test"])
        if self.children.wait(child) != 0 and self.failed == failed or self.passed + self.failed == before:
            self.fails(" ".join(map(str, command)))

    def python(self, folder):
        child = self.start([sys.executable, "-m", "unittest", "discover", "-s", folder, "-v"], stdout=subprocess.PIPE)
        output = child.stdout.read()
        self.log.write(output)
        code = self.children.wait(child)
        ran = int((re.search(r"^Ran (\d+) tests?", output, re.M) or [0, 0])[1])
        bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", output))
        self.passed += max(0, ran - bad)
        self.failed += bad
        if code != 0 and bad == 0 or ran == 0:
            self.fails(f"unittest {folder}")


class Schedule:
    """Starts stages in their order, each as soon as it may."""

    def __init__(self, stages, names, env):
        self.stages, self.env = stages, env
        found = self.with_needs(names)
        self.waiting = [name for name in stages if name in found]
        self.running, self.ended = set(), {}
        self.change = threading.Condition()

    def with_needs(self, names):
        found = set(names)
        for name in names:
            found |= self.with_needs(self.stages[name].needs)
        return found

    def may_start(self, name):
        stage = self.stages[name]
        together = any(other in stage.apart or name in self.stages[other].apart for other in self.running)
        return not together and all(need in self.ended for need in stage.needs)

    def go_through(self):
        with self.change:
            while self.waiting or self.running:
                for name in filter(self.may_start, list(self.waiting)):
                    self.waiting.remove(name)
                    self.running.add(name)
                    threading.Thread(target=self.execute, args=[name], daemon=True).start()
                self.change.wait()

    def execute(self, name):
        run = Run(name, self.env)
        begin = time.monotonic()
        say(f"== {name}")
        try:
            missing = [need for need in self.stages[name].needs if self.ended[need].failed]
            if missing:
                run.fails(f"not run, it needs {missing[0]}")
            else:
                self.stages[name].work(run)
        except Exception as problem:
            run.fails(f"{type(problem).__name__}: {problem}")
        finally:
            run.log.close()
            with self.change:
                self.running.discard(name)
                self.ended[name] = run
                tell(run, time.monotonic() - begin)
                self.change.notify()


def tell(run, seconds):
    lines = [f"   {run.name}: {run.passed} passed, {run.failed} failed in {seconds:.0f} s"]
    if run.failed:
        lines += (LOGS / f"{run.name}.log").read_text(errors="replace").splitlines()[-60:]
    say("\n".join(lines))
