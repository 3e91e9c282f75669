# SPDX-License-Identifier: Apache-2.0
"""The floor: what runc and CRIU alone need to dump and restore N containers at once. Runs inside a node of the lab.

    python3 floor.py STATE-BINARY CONTAINERS STATE_MIB RUNS

Prints one JSON object for each run: wall-clock milliseconds of `runc checkpoint` and `runc restore` for all containers
together, and CRIU's own longest times (frozen_time and restore_time of its statistics).
"""
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PORT = 18080
WORK = Path("/run/carovana-bench")


class Container:
    def __init__(self, number, binary, state_mib):
        self.id, self.port = f"bench-floor-{number}", PORT + number
        self.bundle = WORK / str(number)
        (self.bundle / "rootfs").mkdir(parents=True)
        shutil.copy(binary, self.bundle / "rootfs/state")
        # the container's output: a pipe, as in a pod; a file of the node could not be dumped
        self.output, self.input = os.pipe()
        os.set_blocking(self.output, False)
        self._write_spec(state_mib)

    def _write_spec(self, state_mib):
        subprocess.run(["runc", "spec"], cwd=self.bundle, check=True)
        file = self.bundle / "config.json"
        spec = json.loads(file.read_text())
        spec["process"].update(terminal=False, args=["/state"], env=[f"PORT={self.port}", f"MIB={state_mib}"])
        spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] != "network"]
        spec["root"]["readonly"] = False
        options = ["tcp-established", "network-lock skip"]
        if not Path("/sys/fs/cgroup/cgroup.controllers").exists():
            options.append("manage-cgroups=ignore")  # version 1: as Carovana does
        (WORK / "criu.conf").write_text("\n".join(options) + "\n")
        spec["annotations"] = {"org.criu.config": str(WORK / "criu.conf")}
        file.write_text(json.dumps(spec))

    def runc(self, *arguments):
        result = subprocess.run(["runc", *arguments], cwd=self.bundle, stdin=subprocess.DEVNULL, stdout=self.input,
                                stderr=self.input)
        if result.returncode:
            raise RuntimeError(f"runc {' '.join(arguments)}: {os.read(self.output, 65536).decode()[-3000:]}")

    def start(self):
        self.runc("run", "--detach", self.id)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def paths(self):
        return "--image-path", str(self.bundle / "images"), "--work-path", str(self.bundle / "work")

    def checkpoint(self):
        self.runc("pause", self.id)
        self.runc("checkpoint", "--leave-running", *self.paths(), self.id)

    def restore(self):
        self.runc("restore", "--detach", *self.paths(), self.id)

    def remove(self):
        subprocess.run(["runc", "resume", self.id], capture_output=True)
        subprocess.run(["runc", "delete", "--force", self.id], capture_output=True)

    def statistics(self, kind, entry, field):
        """Milliseconds of one field of CRIU's statistics, or 0 if it has none."""
        file = self.bundle / "work" / f"stats-{kind}"
        data = file.read_bytes()
        length = struct.unpack_from("<I", data, 8)[0]
        message = dict(_fields(data[12:12 + length]))
        return dict(_fields(message[entry])).get(field, 0) / 1000


def _fields(data):
    """(number, value) of the fields of a protobuf message with varints and messages only."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while position < len(data):
        key = varint()
        value = varint()
        if key & 7 == 2:
            value, position = data[position:position + value], position + value
        yield key >> 3, value


def timed(action, containers):
    begin = time.monotonic()
    with ThreadPoolExecutor(len(containers)) as threads:
        list(threads.map(action, containers))
    return (time.monotonic() - begin) * 1000


def measure(containers):
    for container in containers:
        container.start()
    dump = timed(Container.checkpoint, containers)
    criu_dump = max(container.statistics("dump", 1, 2) for container in containers)
    for container in containers:
        container.remove()
    restore = timed(Container.restore, containers)
    criu_restore = max(container.statistics("restore", 2, 4) for container in containers)
    for container in containers:
        container.wait()
        container.remove()
    return {"runc_dump_ms": dump, "runc_restore_ms": restore, "criu_dump_ms": criu_dump, "criu_restore_ms": criu_restore}


def main(binary, count, state_mib, runs):
    shutil.rmtree(WORK, ignore_errors=True)
    containers = [Container(number, binary, state_mib) for number in range(count)]
    try:
        for _ in range(runs):
            for container in containers:
                shutil.rmtree(container.bundle / "images", ignore_errors=True)
            print(json.dumps(measure(containers)), flush=True)
    finally:
        for container in containers:
            container.remove()
        shutil.rmtree(WORK, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
