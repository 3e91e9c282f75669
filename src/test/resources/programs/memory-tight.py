# SPDX-License-Identifier: Apache-2.0
# ---
# what: A container that uses all of its memory limit but 3 MiB
# expect: moves
# today: fails RestoreFailed
# from: checkpoint-restore/criu#2328, checkpoint-restore/criu#1793, cri-o/cri-o#6936, containerd/containerd#309
# pod:
#   containers:
#     - {name: main, resources: {limits: {memory: 64Mi}}}
# ---
import glob
import os
import zlib

from serve import serve

LEFT, BLOCK = 3 << 20, 128 << 10


def read(*names):
    for path in (path for name in names for path in glob.glob("/sys/fs/cgroup/" + name)):
        with open(path) as file:
            return int(file.read())
    raise FileNotFoundError(names)


def left():
    limit = read("memory/memory.limit_in_bytes", "memory.max")
    return limit - read("memory/memory.usage_in_bytes", "memory.current")


def digest():
    value = 0
    for block in blocks:
        value = zlib.crc32(block, value)
    return value


blocks = []
while left() > LEFT:
    blocks.append(os.urandom(BLOCK))
first = digest()

serve(lambda: digest() == first)
