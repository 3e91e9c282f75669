# SPDX-License-Identifier: Apache-2.0
import tempfile
import unittest
from pathlib import Path

from manifests import HELM, NEEDED, ROOT, kustomized, output, rendered, template

KEEP = {"helm.sh/resource-policy": "keep"}


class ChartsTest(unittest.TestCase):
    def test_manifests_are_made_from_the_charts(self):
        with tempfile.TemporaryDirectory() as folder:
            output(ROOT / "tools/manifests", folder)
            made = {file.relative_to(folder): file.read_text() for file in Path(folder).rglob("*.yaml")}
        there = {file: (ROOT / "k8s" / file).read_text() for file in made}

        self.assertEqual(there, made, "run tools/manifests")
        self.assertEqual(8, len(made))

    def test_kustomizations_give_what_the_charts_give(self):
        for chart, folder in (("carovana-hub", "hub"), ("carovana-site", "site")):
            with self.subTest(chart):
                by_helm, by_kustomize = rendered(chart), kustomized(folder)
                for (kind, _), one in by_kustomize.items():
                    if kind == "CustomResourceDefinition":
                        one["metadata"]["annotations"] = KEEP

                self.assertEqual(by_kustomize.keys(), by_helm.keys())
                for key, one in by_kustomize.items():
                    self.assertEqual(one, by_helm[key])

    def test_lint(self):
        for chart in NEEDED:
            with self.subTest(chart):
                output(HELM, "lint", "--strict", "--quiet", ROOT / "charts" / chart)

    def test_packages_are_complete(self):
        with tempfile.TemporaryDirectory() as folder:
            for chart in NEEDED:
                with self.subTest(chart):
                    output(HELM, "package", ROOT / "charts" / chart, "--destination", folder)
                    output("tar", "-xf", next(Path(folder).glob(f"{chart}-*.tgz")), "-C", folder)

                    self.assertEqual(rendered(chart), rendered(chart, folder=Path(folder)))
                    self.assertFalse([file for file in Path(folder, chart).rglob("*") if file.is_symlink()])

    def test_what_must_be_said_is_asked_for(self):
        for chart, values in NEEDED.items():
            for name in values:
                with self.subTest(name):
                    refused = template(chart, "--set", f"{name}=")

                    self.assertNotEqual(0, refused.returncode)
                    self.assertIn(f"{name} is empty: expected", refused.stderr)

    def test_hub_and_site_make_different_objects(self):
        """In a hub that is a site too, where the site's release does not make the RuntimeClass."""
        hub, site = rendered("carovana-hub"), rendered("carovana-site", runtimeClass__create=False)

        self.assertFalse(hub.keys() & site.keys())

    def test_notes_say_what_comes_next(self):
        next_steps = {
            "carovana-hub": "--set image.repository=carovana,image.tag=1.2,site.name=SITE,hub.address=HUB:30443\n",
            "carovana-site": "\nmetadata: {name: set-me}\nspec: {liqo: {clusterID: set-me}}\n",
        }
        for chart, text in next_steps.items():
            with self.subTest(chart):
                values = [f"--set={name}={value}" for name, value in NEEDED[chart].items()]
                printed = output(HELM, "install", chart, ROOT / "charts" / chart, "--dry-run=client", "--set=image.tag=1.2", *values)

                self.assertIn(text, printed.partition("\nNOTES:\n")[2])


class WrongValuesTest(unittest.TestCase):
    """The schema refuses them, with field, value and what was expected."""

    def refused(self, chart, message, **values):
        with self.subTest(**values):
            done = template(chart, **values)

            self.assertNotEqual(0, done.returncode)
            self.assertIn(message, done.stderr)

    def test_hub(self):
        for values, message in (
            ({"imgae": {}}, "additional properties 'imgae' not allowed"),
            ({"image__digest": "sha256:12"}, "at '/image/digest': 'sha256:12' does not match pattern"),
            ({"link__nodePort": 70000}, "at '/link/nodePort': maximum: got 70,000, want 65,535"),
            ({"service__type": "Nodeport"}, "at '/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"),
            ({"extraEnv": [{"name": "A", "value": 3}]}, "at '/extraEnv/0/value': got number, want string"),
            ({"imagePullSecrets": ["registry"]}, "at '/imagePullSecrets/0': got string, want object"),
        ):
            self.refused("carovana-hub", message, **values)

    def test_site(self):
        for values, message in (
            ({"site__name": "Edge A"}, "at '/site/name': 'Edge A' does not match pattern"),
            ({"hub__address": "hub.example.org"}, "at '/hub/address': 'hub.example.org' does not match pattern"),
            ({"gateway__replicas": "two"}, "at '/gateway/replicas': got string, want integer"),
            ({"gateway__enabled": "no"}, "at '/gateway/enabled': got string, want boolean"),
            ({"agent__tlsSecret": ""}, "at '/agent/tlsSecret': minLength"),
            ({"probes__startup__periodSeconds": 0}, "at '/probes/startup/periodSeconds': minimum: got 0, want 1"),
        ):
            self.refused("carovana-site", message, **values)


if __name__ == "__main__":
    unittest.main()
