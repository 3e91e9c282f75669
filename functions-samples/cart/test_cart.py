# SPDX-License-Identifier: Apache-2.0
"""The cart against a Redis of a few lines, over real sockets."""
import hashlib
import http.client
import json
import socketserver
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import cart
import check
import ledger
from store import Store, StoreError


class FakeRedis(socketserver.ThreadingTCPServer):
    """HSET, HMGET and INFO on one hash; anything else is an error, as in Redis."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FakeRedisConnection)
        self.fields, self.connections = {}, []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def break_connections(self):
        for connection in self.connections:
            connection.shutdown(2)
        self.connections.clear()


class FakeRedisConnection(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections.append(self.connection)
        while line := self.rfile.readline():
            words = [self.word() for _ in range(int(line[1:]))]
            self.wfile.write(self.answer(words[0], words[2:]))

    def word(self):
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2].decode()

    def answer(self, command, words):
        if command == "HSET":
            self.server.fields.update(zip(words[::2], words[1::2]))
            return b":1\r\n"
        if command == "HMGET":
            values = [self.server.fields.get(word) for word in words]
            return b"*%d\r\n" % len(values) + b"".join(map(self.bulk, values))
        if command == "INFO":
            return self.bulk("# Server\r\nredis_version:8.0.0\r\nrun_id:cafe\r\n")
        return b"-ERR unknown command\r\n"

    @staticmethod
    def bulk(value):
        return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value.encode()), value.encode())


class CartCase(unittest.TestCase):
    def setUp(self):
        self.redis = FakeRedis()
        self.addCleanup(self.redis.server_close)
        self.addCleanup(self.redis.shutdown)
        self.server = cart.Server(("127.0.0.1", 0), cart.Cart(self.store()))
        self.server.RequestHandlerClass = QuietHandler
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.client = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=5)
        self.addCleanup(self.client.close)

    def store(self):
        store = Store(port=self.redis.server_address[1])
        self.addCleanup(store.close)
        return store

    def call(self, method, path, body=None):
        self.client.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body))
        response = self.client.getresponse()
        return response.status, json.loads(response.read())

    def add(self, item, quantity=1):
        status, answer = self.call("POST", "/items", {"item": item, "quantity": quantity})
        self.assertEqual(status, 200, answer)
        return answer


class QuietHandler(cart.Handler):
    def log_message(self, *_):
        pass


class CartTest(CartCase):
    def test_an_update_is_counted_hashed_and_kept_in_both_places(self):
        answer = self.add("apple", 2)
        self.assertEqual((answer["sequence"], answer["items"]), (1, {"apple": 2}))
        self.assertEqual(answer["hash"], hashlib.sha256(
            b"0" * 64 + b'{"item":"apple","quantity":2,"sequence":1}').hexdigest())
        self.assertEqual((self.redis.fields["sequence"], self.redis.fields["hash"]), ("1", answer["hash"]))

    def test_reading_changes_nothing(self):
        added = self.add("apple")
        for _ in range(2):
            status, read = self.call("GET", "/cart")
            self.assertEqual(status, 200)
            self.assertEqual({**read, "uptimeSeconds": 0}, {**added, "uptimeSeconds": 0})

    def test_what_falls_to_zero_leaves_the_cart(self):
        self.add("apple", 2)
        self.assertEqual(self.add("apple", -2)["items"], {})

    def test_one_connection_serves_all_calls(self):
        self.assertEqual([self.add("apple")["connects"] for _ in range(5)], [1] * 5)

    def test_names_in_any_script_are_kept(self):
        self.assertEqual(self.add("Äpfel 🍎")["items"], {"Äpfel 🍎": 1})

    def test_a_broken_connection_is_reported_once_and_made_again(self):
        self.add("apple")
        self.redis.break_connections()
        status, answer = self.call("GET", "/cart")
        self.assertEqual(status, 503)
        self.assertIn("Redis", answer["error"])
        status, answer = self.call("GET", "/cart")
        self.assertEqual((status, answer["connects"], answer["sequence"]), (200, 2, 1))

    def test_a_redis_that_lost_an_update_is_noticed(self):
        self.add("apple")
        before = dict(self.redis.fields)
        self.add("pear")
        self.redis.fields = before
        status, answer = self.call("POST", "/items", {"item": "fig", "quantity": 1})
        self.assertEqual(status, 500)
        self.assertIn("memory has update 2", answer["error"])
        self.assertIn("Redis has update 1", answer["error"])

    def test_a_second_writer_is_noticed(self):
        self.add("apple")
        second = cart.Cart(self.store())
        second.add("pear", 1)
        self.assertEqual(self.call("GET", "/cart")[0], 500)

    def test_a_new_process_takes_over_what_redis_has(self):
        first = self.add("apple", 3)
        second = cart.Cart(self.store()).get()
        self.assertEqual((second["sequence"], second["hash"], second["items"]), (1, first["hash"], {"apple": 3}))
        self.assertNotEqual(second["process"], first["process"])

    def test_wrong_updates_are_refused_and_change_nothing(self):
        for body in ({"quantity": 1}, {"item": "", "quantity": 1}, {"item": "x", "quantity": 0},
                     {"item": "x", "quantity": 1.5}, {"item": "x", "quantity": True}, [], "no json"):
            with self.subTest(body=body):
                status, answer = self.call("POST", "/items", body)
                self.assertEqual(status, 400)
                self.assertTrue(answer["error"])
        self.assertEqual(self.call("GET", "/cart")[1]["sequence"], 0)

    def test_liveness_needs_no_redis_but_readiness_does(self):
        self.redis.shutdown()
        self.redis.server_close()
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        self.assertEqual(self.call("GET", "/readyz")[0], 503)

    def test_an_error_of_redis_is_told(self):
        with self.assertRaisesRegex(StoreError, "unknown command"):
            self.store().pipeline(("FLUSHALL",))


class WitnessTest(unittest.TestCase):
    def setUp(self):
        self.first = {"sequence": 4, "hash": "ab", "items": {"apple": 1}, "process": "p", "redis": "r",
                      "connects": 1, "uptimeSeconds": 10.0}
        self.witness = check.Witness(self.first, 1000.0)

    def after(self, **changes):
        answer = {**self.first, "sequence": 5, "hash": ledger.next_hash("ab", 5, "pear", 1),
                  "items": {"apple": 1, "pear": 1}, "uptimeSeconds": 11.0, **changes}
        self.witness.after_update("pear", 1, answer, 1001.0)

    def test_a_right_answer_is_accepted(self):
        self.after()
        self.assertEqual(self.witness.last["sequence"], 5)

    def test_a_doubled_update_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "sequence must be 5"):
            self.after(sequence=6)

    def test_another_history_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "hash must be"):
            self.after(hash=ledger.next_hash("cd", 5, "pear", 1))

    def test_a_new_process_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "started anew"):
            self.after(process="q")

    def test_a_new_connection_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "connection"):
            self.after(connects=2)

    def test_a_clock_that_jumps_is_noticed(self):
        for uptime in (150010.0, 9.0):
            with self.subTest(uptime=uptime), self.assertRaisesRegex(check.Wrong, "clock"):
                self.after(uptimeSeconds=uptime)


if __name__ == "__main__":
    unittest.main()
