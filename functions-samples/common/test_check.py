# SPDX-License-Identifier: Apache-2.0
"""What the verifier of the samples notices."""
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import check
import ledger


class WitnessTest(unittest.TestCase):
    def setUp(self):
        self.first = {"sequence": 4, "hash": "ab", "items": {"apple": 1}, "process": "p", "redis": "r",
                      "connects": 1, "uptimeSeconds": 10.0}
        self.witness = check.Witness(check.SAMPLES["cart"], self.first, 1000.0)

    def after(self, **changes):
        answer = {**self.first, "sequence": 5, "hash": ledger.next_hash("ab", 5, item="pear", quantity=1),
                  "items": {"apple": 1, "pear": 1}, "uptimeSeconds": 11.0, **changes}
        self.witness.after_update({"item": "pear", "quantity": 1}, answer, 1001.0)

    def test_a_right_answer_is_accepted(self):
        self.after()
        self.assertEqual(self.witness.last["sequence"], 5)

    def test_a_doubled_update_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "sequence must be 5"):
            self.after(sequence=6)

    def test_another_history_is_noticed(self):
        with self.assertRaisesRegex(check.Wrong, "hash must be"):
            self.after(hash=ledger.next_hash("cd", 5, item="pear", quantity=1))

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
