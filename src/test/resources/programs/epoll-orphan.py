# SPDX-License-Identifier: Apache-2.0
# ---
# what: An epoll set with a file that this process has closed and another one has open, as a server has that hands its listener to a child
# expect: refused EpollOrphan
# note: take it out of the set (EPOLL_CTL_DEL) before it is closed
# from: checkpoint-restore/criu#1366, checkpoint-restore/criu#2296
# ---
import os
import select
import socket

from serve import serve

listener = socket.create_server(("127.0.0.1", 9000))
poll = select.epoll()
poll.register(listener.fileno(), select.EPOLLIN)
if os.fork() == 0:
    poll.close()
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"of the child")
        connection.close()
listener.close()


def check():
    with socket.create_connection(("127.0.0.1", 9000), timeout=3) as connection:
        said = connection.recv(100)
    return said == b"of the child" or f"the child says {said}"


serve(check)
