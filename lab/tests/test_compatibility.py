# SPDX-License-Identifier: Apache-2.0
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class CompatibilityTest(unittest.TestCase):
    def test_the_page_says_what_the_results_say(self):
        made = subprocess.run([ROOT / "tools/compatibility"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual((ROOT / "docs/compatibility.md").read_text(), made, "run tools/compatibility >docs/compatibility.md")


if __name__ == "__main__":
    unittest.main()
