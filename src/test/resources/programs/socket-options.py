# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Options of sockets: `TCP_USER_TIMEOUT`, `TCP_DEFER_ACCEPT`, `TCP_FASTOPEN`"
# expect: moves
# from: checkpoint-restore/criu#920, checkpoint-restore/criu#2007
# ---
import socket

from serve import serve

waiting, plain = (socket.create_server(("127.0.0.1", port)) for port in (9000, 9001))
waiting.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 3)
waiting.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
client = socket.create_connection(("127.0.0.1", 9001))
served, _ = plain.accept()
served.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 7777)


def facts():
    options = {name: waiting.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in ("TCP_DEFER_ACCEPT", "TCP_FASTOPEN")}
    return {**options, "TCP_USER_TIMEOUT": served.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)}


first = facts()


def check():
    now = facts()
    return now == first or f"{now}, expected {first}"


serve(check)
