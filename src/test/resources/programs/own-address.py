# SPDX-License-Identifier: Apache-2.0
# ---
# what: A server that listens on the pod's own address
# expect: refused OwnAddress
# note: "the address is another one after a move: listen on all (`0.0.0.0`, `[::]`)"
# from: checkpoint-restore/criu#312, opencontainers/runc#1411, checkpoint-restore/criu#735
# pod:
#   containers:
#     - {name: main, env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}
# ---
import os

from serve import serve

serve(lambda: True, host=os.environ["POD_IP"])
