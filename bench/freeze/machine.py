# SPDX-License-Identifier: Apache-2.0
"""Describes the machine and the versions that took part, as read when the benchmark ran."""
import datetime
import json
import os
import re
import subprocess
import time
from pathlib import Path

import lab


def memory(field):
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def available_memory():
    return memory("MemAvailable")


def await_rest(busy=0.25, seconds=30):
    """Waits until what the last move left to do is done: until all cores together are less than `busy` for a second."""
    deadline = time.monotonic() + seconds
    before = _ticks()
    while time.monotonic() < deadline:
        time.sleep(1)
        now = _ticks()
        idle, total = (b - a for a, b in zip(before, now))
        if 1 - idle / total < busy:
            return
        before = now


def _ticks():
    """Idle and all ticks of all cores since the machine's start."""
    user, nice, system, idle, wait, *rest = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return idle + wait, user + nice + system + idle + wait + sum(rest)


def describe(site, stock_lock):
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "date": datetime.date.today().isoformat(),
        "commit": lab.output("git", "rev-parse", "--short", "HEAD").strip(),
        "processor": processor[1] if processor else os.uname().machine,
        "cores": os.cpu_count(),
        "memory": f"{memory('MemTotal') / (1 << 30):.0f} GiB",
        "kernel": os.uname().release,
        # the lab idles at about 1; much more means that something else took part
        "load before": f"{os.getloadavg()[0]:.1f}",
        "kubelet": _version(site, "kubelet", "--version"),
        "containerd": _version(site, "containerd", "--version"),
        "runc": _version(site, "runc", "--version"),
        "CRIU": _version(site, "criu", "--version"),
        "Liqo": subprocess.run(["bash", "-c", ". lab/lib.sh; echo $LIQO_VERSION"], cwd=lab.ROOT, check=True,
                               capture_output=True, text=True).stdout.strip(),
        "stock path's network lock": stock_lock,
    }


def write(file, site, stock_lock):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(describe(site, stock_lock), indent=2) + "\n")


def _version(site, *command):
    text = lab.output("lab/node", site, *command).splitlines()[0]
    return re.search(r"v?\d+\.\d+[\w.+~-]*", text)[0]
