# SPDX-License-Identifier: Apache-2.0
# ---
# what: System V shared memory
# expect: refused SystemVIpc
# note: it belongs to the pod and not to a process, so that no dump has it
# ---
import ctypes

from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
segment = libc.shmget(1, 4096, 0o1600)

serve(lambda: segment >= 0)
