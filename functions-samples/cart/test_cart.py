# SPDX-License-Identifier: Apache-2.0
"""The cart against a Redis of a few lines, over real sockets."""
import hashlib
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]
import cart
from harness import ServerCase
from store import StoreError


class CartTest(ServerCase):
    def serve(self, store):
        return cart.Server(("127.0.0.1", 0), cart.Cart(store))

    def add(self, item, quantity=1):
        status, answer = self.call("POST", "/items", {"item": item, "quantity": quantity})
        self.assertEqual(status, 200, answer)
        return answer

    def test_an_update_is_counted_hashed_and_kept_in_both_places(self):
        answer = self.add("apple", 2)
        self.assertEqual((answer["sequence"], answer["items"]), (1, {"apple": 2}))
        self.assertEqual(answer["hash"], hashlib.sha256(
            b"0" * 64 + b'{"item":"apple","quantity":2,"sequence":1}').hexdigest())
        self.assertEqual((self.redis.data["cart"]["sequence"], self.redis.data["cart"]["hash"]), ("1", answer["hash"]))

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
        before = dict(self.redis.data["cart"])
        self.add("pear")
        self.redis.data["cart"] = before
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
        self.redis.end()
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        self.assertEqual(self.call("GET", "/readyz")[0], 503)

    def test_an_error_of_redis_is_told(self):
        with self.assertRaisesRegex(StoreError, "unknown command"):
            self.store().pipeline(("FLUSHALL",))


if __name__ == "__main__":
    unittest.main()
