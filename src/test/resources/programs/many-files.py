# SPDX-License-Identifier: Apache-2.0
# ---
# what: 40 000 small files of a function that may stand still for no longer than 500 ms (`max-freeze`)
# expect: refused MaxFreeze
# note: in the freeze each file is looked at once more
# annotations: {carovana.dev/max-freeze: 500ms}
# pod:
#   volumes: [{name: data, emptyDir: {}}]
#   containers:
#     - {name: main, volumeMounts: [{name: data, mountPath: /data}]}
# ---
import os

from serve import serve

for root in ("/var/cache/app", "/data/app"):
    for folder in range(100):
        os.makedirs(f"{root}/{folder}")
        for name in range(200):
            with open(f"{root}/{folder}/{name}", "w") as file:
                file.write("x")

serve(lambda: sum(len(os.listdir(f"{root}/{folder}")) for root in ("/var/cache/app", "/data/app") for folder in range(100)) == 40000)
