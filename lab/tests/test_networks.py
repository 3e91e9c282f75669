# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent


def ask(library, home, what):
    """The words that an expression of bash prints, with a file of the lab sourced."""
    return subprocess.run(
        ["bash", "-euc", f". {library}; {what}"], env=os.environ | {"CAROVANA_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()


def pod_networks(home, sites):
    return ask(LAB / "lib.sh", home, f'for site in "${{{sites}[@]}}"; do site_pod_cidr "$site"; done')


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
        self.assertEqual(1, len(set(pod_networks(self.home, "SITES"))))

    def test_virtual_sites_have_networks_of_their_own(self):
        networks = pod_networks(self.home, "VIRTUAL_SITES") + pod_networks(self.home, "HUB")
        self.assertEqual(len(networks), len(set(networks)), networks)

    def test_virtual_nodes_have_one_route_to_each_network(self):
        for node in ask(LAB / "vm/lib.sh", self.home, 'for site in "${VIRTUAL_SITES[@]}" "${MIXED_SITES[@]}"; do nodes_of "$site"; done'):
            routes = [route.split("=")[0] for route in ask(LAB / "vm/lib.sh", self.home, f'. "$VM_SOURCE/site.sh"; node_routes {node}')]
            self.assertEqual(len(routes), len(set(routes)), routes)


if __name__ == "__main__":
    unittest.main()
