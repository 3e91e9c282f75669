# SPDX-License-Identifier: Apache-2.0
# ---
# what: Open files of `configMap` and `downwardAPI` volumes
# expect: moves
# note: they are then those of the new pod
# from: checkpoint-restore/criu#1854, checkpoint-restore/criu#948, checkpoint-restore/criu#1258
# pod:
#   volumes:
#     - {name: config, configMap: {name: programs}}
#     - {name: podinfo, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
#   containers:
#     - {name: main, volumeMounts: [{name: config, mountPath: /config}, {name: podinfo, mountPath: /podinfo}]}
# ---
import os

from serve import serve

config, info = (os.open(path, os.O_RDONLY) for path in ("/config/greeting", "/podinfo/name"))


def check():
    with open("/podinfo/name", "rb") as file:
        now = file.read()
    said = os.pread(config, 100, 0), os.pread(info, 100, 0)
    return said == (b"hello", now) or f"{said}, expected hello and {now}"


serve(check)
