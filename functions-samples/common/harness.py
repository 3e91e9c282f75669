# SPDX-License-Identifier: Apache-2.0
"""For the samples' tests: a client, and the part of Redis that the samples use, over real sockets."""
import http.client
import json
import socketserver
import threading
import unittest

from store import Store


class ServerCase(unittest.TestCase):
    """A test with a server of a sample, which its `serve` makes of a store."""

    def setUp(self):
        self.redis = FakeRedis()
        self.addCleanup(self.redis.end)
        self.client = self.client_of(self.serve(self.store()))

    def store(self):
        store = Store(port=self.redis.server_address[1])
        self.addCleanup(store.close)
        return store

    def client_of(self, server):
        server.RequestHandlerClass = type("Quiet", (server.RequestHandlerClass,), {"log_message": lambda *_: None})
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        client = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
        self.addCleanup(client.close)
        return client

    def call(self, method, path, body=None, headers={}, client=None):
        client = client or self.client
        client.request(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, headers)
        response = client.getresponse()
        return response.status, json.loads(response.read())


class FakeRedis(socketserver.ThreadingTCPServer):
    """Hashes, sorted sets and transactions; anything else is an error, as in Redis."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Connection)
        self.data, self.connections, self.lock = {}, [], threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def break_connections(self):
        for connection in self.connections:
            connection.shutdown(2)
        self.connections.clear()

    def end(self):
        self.shutdown()
        self.server_close()

    def hash(self, key):
        return self.data.setdefault(key, {})

    def execute(self, command, *words):
        match command, words:
            case "PING", ():
                return b"+PONG\r\n"
            case "INFO", _:
                return encode("# Server\r\nredis_version:8.0.0\r\nrun_id:cafe\r\n")
            case "HSET", (key, *pairs):
                self.hash(key).update(zip(pairs[::2], pairs[1::2]))
                return encode(len(pairs) // 2)
            case "HMGET", (key, *fields):
                return encode([self.hash(key).get(each) for each in fields])
            case "HINCRBY", (key, name, number):
                return encode(self.add(key, name, number))
            case "ZINCRBY", (key, number, name):
                return encode(str(self.add(key, name, number)))
            case "ZRANGE", (key, first, last, "REV", "WITHSCORES"):
                ranked = sorted(((int(score), name) for name, score in self.hash(key).items()), reverse=True)
                return encode([word for score, name in ranked[int(first):int(last) + 1] for word in (name, str(score))])
            case _:
                return b"-ERR unknown command\r\n"

    def add(self, key, name, number):
        self.hash(key)[name] = str(int(self.hash(key).get(name, 0)) + int(number))
        return int(self.hash(key)[name])


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections.append(self.connection)
        queue = None
        while line := self.rfile.readline():
            words = [self.word() for _ in range(int(line[1:]))]
            if words == ["MULTI"]:
                queue, answer = [], b"+OK\r\n"
            elif words == ["EXEC"]:
                with self.server.lock:
                    replies = [self.server.execute(*each) for each in queue]
                queue, answer = None, b"*%d\r\n" % len(replies) + b"".join(replies)
            elif queue is not None:
                queue.append(words)
                answer = b"+QUEUED\r\n"
            else:
                with self.server.lock:
                    answer = self.server.execute(*words)
            self.wfile.write(answer)

    def word(self):
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2].decode()


def encode(value):
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, list):
        return b"*%d\r\n" % len(value) + b"".join(map(encode, value))
    return b"$%d\r\n%s\r\n" % (len(value.encode()), value.encode())
