# SPDX-License-Identifier: Apache-2.0
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class ProgramsTest(unittest.TestCase):
    def test_the_page_says_what_the_programs_say(self):
        made = subprocess.run([ROOT / "tools/programs", "--print"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual((ROOT / "docs/functions.md").read_text(), made, "run tools/programs")


if __name__ == "__main__":
    unittest.main()
