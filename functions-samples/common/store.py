# SPDX-License-Identifier: Apache-2.0
"""A store: Redis over one TCP connection that is kept for as long as it works."""
import socket


class StoreError(Exception):
    """Redis cannot be reached or refuses a command; what was under way may or may not have happened."""


class Store:
    """Speaks RESP 2, Redis' protocol. Not thread-safe: one caller at a time.

    The connection is made on first use and made again only after it broke; `connects` counts how often that was.
    Nothing is retried here: a command whose answer is missing may have been executed.
    """

    def __init__(self, host="127.0.0.1", port=6379, timeout=5.0):
        self.address, self.timeout = (host, port), timeout
        self.connects = 0
        self._socket = self._replies = None

    def pipeline(self, *commands):
        """Sends all commands at once and gives their replies, in order."""
        try:
            self._connect()
            self._socket.sendall(b"".join(_encode(command) for command in commands))
            replies = [self._reply() for _ in commands]
        except OSError as error:
            self.close()
            raise StoreError(f"Redis at {self.address[0]}:{self.address[1]}: {error}") from error
        for reply in replies:
            # what EXEC gives has the replies of its commands
            for each in reply if isinstance(reply, list) else [reply]:
                if isinstance(each, StoreError):
                    raise each
        return replies

    def close(self):
        if self._socket:
            self._replies.close()
            self._socket.close()
            self._socket = self._replies = None

    def _connect(self):
        if self._socket:
            return
        self._socket = socket.create_connection(self.address, self.timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")
        self.connects += 1

    def _reply(self):
        line = self._replies.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        if kind == b"-":
            return StoreError(f"Redis says: {rest.decode(errors='replace')}")
        raise ConnectionError(f"sent {line[:40]!r}, which is not RESP")

    def _bulk(self, length):
        if length < 0:
            return None
        data = self._replies.read(length + 2)
        if len(data) != length + 2:
            raise ConnectionError("closed the connection")
        return data[:-2].decode()


def _encode(command):
    words = [str(word).encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
