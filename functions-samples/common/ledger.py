# SPDX-License-Identifier: Apache-2.0
"""The chain of hashes over all updates of a function: whoever knows the updates can compute what it must answer.

    hash(0) = 64 zeros
    hash(n) = sha256( hash(n-1) + {"item":ITEM,"quantity":QUANTITY,"sequence":n} )

with the hash in lower-case hexadecimal and the update as JSON in UTF-8 without spaces, keys in alphabetical order. A lost, doubled or
reordered update gives another hash from there on.
"""
import hashlib
import json

START = "0" * 64


def next_hash(previous, sequence, **update):
    text = json.dumps({**update, "sequence": sequence}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((previous + text).encode()).hexdigest()


def apply(items, item, quantity):
    """A cart's content after an update. What falls to zero leaves the cart."""
    after = dict(items)
    after[item] = after.get(item, 0) + quantity
    if after[item] <= 0:
        del after[item]
    return after
