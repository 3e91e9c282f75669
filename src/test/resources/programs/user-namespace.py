# SPDX-License-Identifier: Apache-2.0
# ---
# what: "A user namespace of the pod's own (`hostUsers: false`)"
# expect: not started HostUsers
# note: Liqo does not pass it on to sites
# from: ctrox/zeropod#96, checkpoint-restore/criu#2778, checkpoint-restore/criu#2651, opencontainers/runc#5121
# pod: {hostUsers: false}
# ---
from serve import serve

serve(lambda: True)
