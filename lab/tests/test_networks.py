# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent


def pod_networks(library, home):
    ask = f'. {library}; for site in "${{SITES[@]}}" "${{VIRTUAL_SITES[@]}}"; do site_pod_cidr "$site"; done'
    return subprocess.run(
        ["bash", "-euc", ask], env=os.environ | {"CAROVANA_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()


class NetworksTest(unittest.TestCase):
    """A lab whose processes were killed leaves its state behind, with the network that it had."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        state = Path(self.home, "lab")
        state.mkdir()
        (state / "network").write_text("translated\n")

    def test_a_lab_keeps_what_it_was_started_with(self):
        self.assertEqual(1, len(set(pod_networks(LAB / "lib.sh", self.home))))

    def test_virtual_sites_have_networks_of_their_own(self):
        networks = pod_networks(LAB / "vm/lib.sh", self.home)
        self.assertEqual(len(networks), len(set(networks)), networks)


if __name__ == "__main__":
    unittest.main()
