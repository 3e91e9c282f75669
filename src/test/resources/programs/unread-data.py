# SPDX-License-Identifier: Apache-2.0
# ---
# what: Megabytes between two containers that have not been read, of a sender that goes on
# expect: moves
# from: checkpoint-restore/criu#2446, checkpoint-restore/criu#622, checkpoint-restore/criu#1910
# before: open
# after: drain
# pod:
#   containers:
#     - {name: main}
#     - {name: sender, env: [{name: PORT, value: "8081"}]}
# ---
import hashlib
import os
import socket
import threading

from serve import serve

BLOCKS, SIZE = 192, 1 << 16
SENDS, CLOSES = os.environ.get("PORT") == "8081", "CLOSES" in os.environ
connection = socket.socket()


def block(number):
    return hashlib.sha256(b"%d" % number).digest() * (SIZE // 32)


def send():
    server = socket.create_server(("127.0.0.1", 9000))
    reader, _ = server.accept()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    for number in range(BLOCKS):
        reader.sendall(block(number))
    reader.close() if CLOSES else reader.recv(1)


def open_():
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    connection.connect(("127.0.0.1", 9000))
    return True


def drain():
    connection.settimeout(5)
    for number in range(BLOCKS):
        said = connection.recv(SIZE, socket.MSG_WAITALL)
        if said != block(number):
            return f"block {number} has {len(said)} bytes"
    return True


if SENDS:
    threading.Thread(target=send, daemon=True).start()
serve(lambda: True, open=open_, drain=drain)
