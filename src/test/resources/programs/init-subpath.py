# SPDX-License-Identifier: Apache-2.0
# ---
# what: A file that an init container has made in an `emptyDir`, mounted alone (`subPath`)
# expect: moves
# from: kata-containers/kata-containers#12218, kubernetes/kubernetes#68211, kubernetes/kubernetes#61076
# pod:
#   volumes: [{name: work, emptyDir: {}}]
#   initContainers:
#     - {name: render, command: [sh, -c, "mkdir /work/conf; echo mode = fast > /work/conf/app.conf"], volumeMounts: [{name: work, mountPath: /work}]}
#   containers:
#     - {name: main, volumeMounts: [{name: work, mountPath: /etc/app.conf, subPath: conf/app.conf}]}
# ---
from serve import serve


def check():
    with open("/etc/app.conf") as file:
        said = file.read()
    return said == "mode = fast\n" or said


serve(check)
