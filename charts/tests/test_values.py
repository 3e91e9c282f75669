# SPDX-License-Identifier: Apache-2.0
import unittest

from manifests import rendered, template

DIGEST = "sha256:" + "0123456789abcdef" * 4
HUB, AGENT, GATEWAY = ("Deployment", "carovana-controller"), ("DaemonSet", "carovana-agent"), ("Deployment", "carovana-gateway")
PLACEMENT = {"nodeSelector": {"disk": "fast"}, "tolerations": [{"key": "edge", "operator": "Exists"}]}
EXTRA = [{"name": "A", "value": "1"}]


def pod(found, key):
    return found[key]["spec"]["template"]["spec"]


def variables(found, key):
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in pod(found, key)["containers"][0]["env"]}


def secret(found, key):
    return next(volume["secret"]["secretName"] for volume in pod(found, key)["volumes"] if "secret" in volume)


class ValuesTest(unittest.TestCase):
    """Each value of the charts has the effect that it says."""

    def test_image(self):
        image = {"repository": "registry.example.org:5000/carovana", "tag": "1.2", "digest": DIGEST}
        for chart, workloads in (("carovana-hub", [HUB]), ("carovana-site", [AGENT, GATEWAY])):
            found = rendered(chart, image=image, imagePullSecrets=[{"name": "registry"}])
            for key in workloads:
                with self.subTest(key):
                    spec = pod(found, key)

                    containers = spec["containers"] + spec.get("initContainers", [])
                    self.assertEqual({f"registry.example.org:5000/carovana:1.2@{DIGEST}"}, {one["image"] for one in containers})
                    self.assertEqual([{"name": "registry"}], spec["imagePullSecrets"])

    def test_workloads(self):
        for chart, key, prefix in (("carovana-hub", HUB, ""), ("carovana-site", AGENT, "agent__"), ("carovana-site", GATEWAY, "gateway__")):
            values = PLACEMENT | {"tlsSecret": "other-tls", "javaOpts": "-Xmx1g", "resources": {"limits": {"memory": "1Gi"}}, "extraEnv": EXTRA}
            with self.subTest(key):
                found = rendered(chart, **{prefix + name: value for name, value in values.items()})

                spec = pod(found, key)
                self.assertEqual(PLACEMENT["nodeSelector"], spec["nodeSelector"])
                self.assertEqual(PLACEMENT["tolerations"], spec["tolerations"])
                self.assertEqual({"memory": "1Gi"}, spec["containers"][0]["resources"]["limits"])
                self.assertEqual(("-Xmx1g", "1"), (variables(found, key)["JAVA_OPTS"], variables(found, key)["A"]))
                self.assertEqual("other-tls", secret(found, key))

    def test_hub(self):
        found = rendered(
            "carovana-hub",
            userKeySecret="other-key",
            runtimeClass__create=False,
            service={"type": "NodePort", "nodePort": 30080, "annotations": {"a": "b"}},
            link={"type": "LoadBalancer", "nodePort": 30444, "annotations": {"c": "d"}},
        )

        rest, link = found["Service", "carovana"], found["Service", "carovana-link"]
        self.assertEqual(("NodePort", 30080, {"a": "b"}), (rest["spec"]["type"], rest["spec"]["ports"][0]["nodePort"], rest["metadata"]["annotations"]))
        self.assertEqual(("LoadBalancer", 30444, {"c": "d"}), (link["spec"]["type"], link["spec"]["ports"][0]["nodePort"], link["metadata"]["annotations"]))
        self.assertEqual("other-key", variables(found, HUB)["CAROVANA_USER_KEY"]["secretKeyRef"]["name"])
        self.assertNotIn(("RuntimeClass", "carovana"), found)

    def test_link_inside_the_cluster_has_no_node_port(self):
        found = rendered("carovana-hub", link__type="ClusterIP")

        self.assertNotIn("nodePort", found["Service", "carovana-link"]["spec"]["ports"][0])

    def test_site(self):
        found = rendered(
            "carovana-site",
            site__name="edge-a",
            hub__address="hub.example.org:443",
            gateway__replicas=2,
            gateway__peerAddress="edge-a.example.org:30844",
            gateway__service={"type": "NodePort", "nodePort": 30800, "peerNodePort": 30844, "annotations": {"a": "b"}},
        )

        service = found["Service", "carovana-gateway"]
        self.assertEqual({"site": "edge-a", "controller": "hub.example.org:443"}, found["ConfigMap", "carovana-site"]["data"])
        self.assertEqual(2, found[GATEWAY]["spec"]["replicas"])
        self.assertEqual("edge-a.example.org:30844", variables(found, GATEWAY)["CAROVANA_GATEWAY_PEER_ADDRESS"])
        self.assertEqual([30800, 30844], [port["nodePort"] for port in service["spec"]["ports"]])
        self.assertEqual(("NodePort", {"a": "b"}), (service["spec"]["type"], service["metadata"]["annotations"]))

    def test_probes(self):
        probes = {"startup": {"periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 90}, "liveness": {"timeoutSeconds": 60}, "readiness": {"periodSeconds": 21}}
        found = rendered("carovana-site", probes=probes)

        for key in (AGENT, GATEWAY):
            container = pod(found, key)["containers"][0]
            for name, wanted in probes.items():
                with self.subTest(key=key, probe=name):
                    self.assertLessEqual(wanted.items(), container[f"{name}Probe"].items())

    def test_site_without_gateway(self):
        found = rendered("carovana-site", gateway__enabled=False)

        self.assertEqual([], [name for _, name in found if "gateway" in name])
        self.assertNotIn("gateway", template("carovana-site", gateway__enabled=False).stdout.replace("# What agents and gateways of the site share.", ""))
        self.assertIn(AGENT, found)


if __name__ == "__main__":
    unittest.main()
