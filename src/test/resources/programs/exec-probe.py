# SPDX-License-Identifier: Apache-2.0
# ---
# what: Probes by commands that take most of a second, and a process that somebody has left by `kubectl exec`
# expect: moves
# from: checkpoint-restore/criu#2618, checkpoint-restore/criu#2084, checkpoint-restore/criu#232, checkpoint-restore/criu#1647
# exec: sleep 100000 </dev/null >/dev/null 2>&1 &
# pod:
#   containers:
#     - name: main
#       readinessProbe: {exec: {command: [sh, -c, "sleep 0.8; test -e /tmp/ok"]}, httpGet: null, periodSeconds: 1, timeoutSeconds: 5}
#       livenessProbe: {exec: {command: [sh, -c, "sleep 0.5; test -e /tmp/ok"]}, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60}
# ---
import os

from serve import serve

open("/tmp/ok", "w").close()


def check():
    return os.path.exists("/tmp/ok")


serve(check)
