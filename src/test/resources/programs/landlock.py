# SPDX-License-Identifier: Apache-2.0
# ---
# what: A program that wants to shut itself in with Landlock
# expect: moves
# note: "it is told from the start that there is none: CRIU would not restore it"
# from: multikernel/sandlock#182
# ---
import ctypes
import errno

from serve import serve

CREATE_RULESET = 444
libc = ctypes.CDLL(None, use_errno=True)


def check():
    ruleset = libc.syscall(CREATE_RULESET, (ctypes.c_uint64 * 1)(1 << 1), 8, 0)
    return (ruleset == -1 and ctypes.get_errno() == errno.EOPNOTSUPP) or f"{ruleset}, error {ctypes.get_errno()}"


serve(check)
