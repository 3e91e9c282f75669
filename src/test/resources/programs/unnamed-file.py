# SPDX-License-Identifier: Apache-2.0
# ---
# what: An open temporary file of 5 MB without a name
# expect: moves
# from: checkpoint-restore/criu#2016
# ---
import hashlib
import os
import tempfile

from serve import serve

file = tempfile.TemporaryFile()
file.write(os.urandom(5 << 20))


def digest():
    file.seek(0)
    return hashlib.sha256(file.read()).hexdigest()


first = digest()
serve(lambda: digest() == first)
