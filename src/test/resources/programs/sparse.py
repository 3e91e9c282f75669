# SPDX-License-Identifier: Apache-2.0
# ---
# what: A file of 8 GiB that is nearly only holes, mapped writable
# expect: moves
# note: counted is what it has, not how long it is
# from: canonical/lxd#4239, lxc/incus#662
# pod:
#   volumes: [{name: data, emptyDir: {}}]
#   containers:
#     - {name: main, volumeMounts: [{name: data, mountPath: /data}]}
# ---
import mmap
import os

from serve import serve

SIZE, PAGES, PAGE = 8 << 30, 64, 4096
file = os.open("/data/data.mdb", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, SIZE)
store = mmap.mmap(file, SIZE)
offsets = range(0, SIZE, SIZE // PAGES)
for number, offset in enumerate(offsets):
    store[offset:offset + PAGE] = bytes([number]) * PAGE


def check():
    wrong = [offset for number, offset in enumerate(offsets) if store[offset:offset + PAGE] != bytes([number]) * PAGE]
    used = os.fstat(file).st_blocks * 512
    return (not wrong and used < 64 << 20) or f"wrong at {wrong}; {used} bytes are used"


serve(check)
