# SPDX-License-Identifier: Apache-2.0
"""The word count against a Redis of a few lines, over real sockets."""
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]
import wordcount
from harness import ServerCase
from store import StoreError


class WordcountTest(ServerCase):
    def serve(self, store):
        return wordcount.Server(("127.0.0.1", 0), wordcount.Words(store))

    def add(self, text, user="alice", client=None):
        status, answer = self.call("POST", "/words", text.encode(), {"X-User": user}, client)
        self.assertEqual(status, 200, answer)
        return answer

    def top(self, query="", user="alice", client=None):
        status, answer = self.call("GET", "/words" + query, headers={"X-User": user}, client=client)
        self.assertEqual(status, 200, answer)
        return answer

    def refused(self, method, path, body=None, headers={"X-User": "alice"}):
        status, answer = self.call(method, path, body, headers)
        self.assertEqual(status, 400, answer)
        return answer["error"]

    def test_words_are_counted_over_texts(self):
        self.assertEqual(self.add("The cat and the dog")["added"], 5)
        answer = self.add("the end.")
        self.assertEqual((answer["user"], answer["texts"], answer["words"]), ("alice", 2, 7))
        self.assertEqual(self.top("?top=1")["top"], [{"word": "the", "count": 3}])

    def test_another_copy_of_the_function_answers_the_same(self):
        elsewhere = self.client_of(self.serve(self.store()))
        self.add("tick")
        self.add("tick tock", client=elsewhere)
        self.assertEqual(self.top(), self.top(client=elsewhere))
        self.assertEqual(self.top()["texts"], 2)

    def test_users_see_their_own_words_only(self):
        self.add("apple")
        self.assertEqual(self.top(user="bob")["top"], [])

    def test_reading_changes_nothing(self):
        self.add("once")
        self.assertEqual(self.top(), self.top())

    def test_words_in_any_script_are_counted(self):
        self.add("Äpfel, ÄPFEL! l’été 犬 don't")
        self.assertEqual({each["word"]: each["count"] for each in self.top()["top"]},
                         {"äpfel": 2, "l’été": 1, "犬": 1, "don't": 1})

    def test_ten_words_are_given_unless_another_number_is_asked_for(self):
        self.add(" ".join(f"word{number}" for number in range(20)))
        self.assertEqual([len(self.top(query)["top"]) for query in ("", "?top=3", "?top=1000")], [10, 3, 20])

    def test_calls_at_the_same_time_lose_nothing(self):
        clients = [self.client_of(self.serve(self.store())) for _ in range(4)]
        threads = [threading.Thread(target=lambda c=client: [self.add("a b", client=c) for _ in range(10)]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answer = self.top()
        self.assertEqual((answer["texts"], answer["words"]), (40, 80))
        self.assertEqual({each["count"] for each in answer["top"]}, {40})

    def test_wrong_calls_are_refused_with_field_and_value_and_change_nothing(self):
        self.assertIn("at least one word", self.refused("POST", "/words", b" ... "))
        self.assertIn("UTF-8", self.refused("POST", "/words", b"\xff\xfe"))
        for value in ("0", "1001", "-1", "ten", ""):
            self.assertIn(f"not {value!r}", self.refused("GET", f"/words?top={value}"))
        self.assertIn("X-User", self.refused("GET", "/words", headers={}))
        for method, body in (("GET", None), ("POST", b"word")):
            self.assertIn("not 'a b'", self.refused(method, "/words", body, {"X-User": "a b"}))
        self.assertEqual(self.redis.data.get("words:alice", {}), {})

    def test_other_paths_do_not_exist(self):
        self.assertEqual(self.call("GET", "/word")[0], 404)
        self.assertEqual(self.call("POST", "/word", b"x")[0], 404)

    def test_liveness_needs_no_redis_but_readiness_does(self):
        self.assertEqual(self.call("GET", "/readyz")[0], 200)
        self.redis.end()
        self.redis.break_connections()
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        self.assertEqual(self.call("GET", "/readyz")[0], 503)

    def test_an_error_inside_a_transaction_is_told(self):
        with self.assertRaisesRegex(StoreError, "unknown command"):
            self.store().pipeline(("MULTI",), ("FLUSHALL",), ("EXEC",))


if __name__ == "__main__":
    unittest.main()
