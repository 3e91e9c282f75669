# SPDX-License-Identifier: Apache-2.0
# ---
# what: More than 1024 pipes of a container with something in them
# expect: refused Pipes
# note: CRIU has room for 1024 in one container
# from: cri-o/cri-o#6936, checkpoint-restore/criu#2185
# ---
import os
import resource

from serve import serve

COUNT = 1100
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
pipes = [os.pipe() for _ in range(COUNT)]
for number, (_, writer) in enumerate(pipes):
    os.write(writer, number.to_bytes(2))


def check():
    for number, (reader, writer) in enumerate(pipes):
        said = os.read(reader, 2)
        if said != number.to_bytes(2):
            return f"pipe {number} has {said}"
        os.write(writer, said)
    return True


serve(check)
