# SPDX-License-Identifier: Apache-2.0
"""Moves by the agents themselves between virtual nodes, of one site and of two with the same network of pods, while somebody calls.

Needs lab/up, lab/vm/up edge-a edge-b, make deploy; lab/vm/test-nodes does all that. Not found by unittest's discovery.
"""
import json
import threading
import unittest
import urllib.error
import urllib.request

from lab import PATIENCE, USER, kubectl, node, until

FUNCTION = "cart-user"
INSTANCE = "cart-nora"
HEADERS = {"X-User": "nora", "Content-Type": "application/json"}
GATEWAYS = ("10.77.0.12", "10.77.0.13")
NODES = {"edge-a": ("edge-a", "edge-a-2", "edge-a-3"), "edge-b": ("edge-b", "edge-b-2")}  # the first of each is the lab's own


def function():
    """The sample cart, not as root, with probes for slow nodes."""
    sample = json.loads(kubectl("hub", "-n", "functions", "get", "deployment", "cart", "-o", "json"))
    template = sample["spec"]["template"]
    labels = {"app.kubernetes.io/name": FUNCTION}
    template["metadata"] = {"labels": labels}
    template["spec"]["securityContext"].update(runAsUser=USER, runAsGroup=USER, runAsNonRoot=True, fsGroup=USER)
    template["spec"]["containers"][0]["livenessProbe"]["timeoutSeconds"] = 60
    template["spec"]["containers"][0]["readinessProbe"]["timeoutSeconds"] = 30
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": FUNCTION, "labels": {"carovana.dev/state": "local"},
                     "annotations": {"carovana.dev/user-from": "header:X-User", "carovana.dev/max-freeze": "10m"}},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
    }


def start(instance, function_name, user, site):
    wish = {
        "apiVersion": "carovana.dev/v1alpha1", "kind": "FunctionInstance", "metadata": {"name": instance},
        "spec": {"function": {"apiVersion": "apps/v1", "kind": "Deployment", "name": function_name}, "user": user, "site": site},
    }
    kubectl("hub", "-n", "functions", "apply", "-f", "-", stdin=json.dumps(wish).encode())
    kubectl("hub", "-n", "functions", "wait", "functioninstance", instance, "--for=condition=Ready", f"--timeout={PATIENCE}s")


def delete(instance):
    kubectl("hub", "-n", "functions", "delete", "functioninstance", instance, "--ignore-not-found", "--wait", f"--timeout={PATIENCE}s")


def schedulable(site, *nodes):
    """From here on pods of instances come to these nodes of a site only."""
    for name in NODES[site]:
        kubectl(site, "uncordon" if name in nodes else "cordon", name)


class Caller:
    """Adds an item again and again, by both sites' gateways in turn. Each acknowledged update must be the next."""

    def __init__(self):
        self.failed, self.sequence, self.calls, self.ended = [], None, 0, threading.Event()
        self.thread = threading.Thread(target=self.go_on)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def go_on(self):
        while not self.ended.wait(0.5):
            address = GATEWAYS[self.calls % 2]
            self.calls += 1
            request = urllib.request.Request(f"http://{address}:30800/function/functions/{FUNCTION}/items", b'{"item": "fig", "quantity": 1}', HEADERS)
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    sequence = json.load(answer)["sequence"]
            except (OSError, urllib.error.HTTPError) as problem:
                detail = problem.read().decode() if isinstance(problem, urllib.error.HTTPError) else ""
                self.failed.append(f"call {self.calls} by {address}: {problem} {detail}")
                continue
            if self.sequence is not None and sequence != self.sequence + 1:
                self.failed.append(f"call {self.calls} by {address}: update {sequence} after {self.sequence}")
            self.sequence = sequence


class AgentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        delete(INSTANCE)
        for site, nodes in NODES.items():
            schedulable(site, *nodes[1:])
        kubectl("hub", "-n", "functions", "apply", "-f", "-", stdin=json.dumps(function()).encode())
        start(INSTANCE, FUNCTION, "nora", "edge-a")

    @classmethod
    def tearDownClass(cls):
        delete(INSTANCE)
        kubectl("hub", "-n", "functions", "delete", "deployment", FUNCTION)
        for site, nodes in NODES.items():
            schedulable(site, *nodes)

    def setUp(self):
        self.caller = Caller().__enter__()
        self.addCleanup(self.caller.__exit__)
        until("a call", lambda: self.caller.sequence is not None)

    def instance(self, name=INSTANCE):
        return json.loads(kubectl("hub", "-n", "functions", "get", "functioninstance", name, "-o", "json"))["status"]

    def pod(self):
        status = self.instance()
        found = json.loads(kubectl(status["site"], "-n", "functions", "get", "pod", status["podName"], "-o", "json"))
        return found["spec"]["nodeName"], found["metadata"]["uid"]

    def move(self, to, meanwhile=None, expected="Succeeded", instance=INSTANCE):
        """Asks for a Migration by name, as an administrator may, and waits for its end."""
        name = f"{instance}-{self.instance(instance)['epoch'] + 1}"
        wish = {"apiVersion": "carovana.dev/v1alpha1", "kind": "Migration", "metadata": {"name": name},
                "spec": {"instance": instance, "to": to, "reason": "Manual"}}
        kubectl("hub", "-n", "functions", "apply", "-f", "-", stdin=json.dumps(wish).encode())
        if meanwhile:
            meanwhile(name)
        status = until(f"the end of {name}", lambda: self.ended(name))
        if status["phase"] != "Succeeded":  # the next one has its name
            self.addCleanup(kubectl, "hub", "-n", "functions", "delete", "migration", name, "--ignore-not-found")
        self.assertEqual(status["phase"], expected, status)
        return status

    def status(self, name):
        return json.loads(kubectl("hub", "-n", "functions", "get", "migration", name, "-o", "json")).get("status", {})

    def ended(self, name):
        status = self.status(name)
        return status if status.get("phase") in ("Succeeded", "RolledBack", "Aborted", "Failed", "InDoubt") else None

    def expect_calls_to_go_on(self):
        before = self.caller.calls
        until("calls by both gateways", lambda: self.caller.calls >= before + 3)
        self.assertEqual(self.caller.failed, [])

    def test_1_to_another_site_and_back(self):
        for to in ("edge-b", "edge-a"):
            self.move(to)
            self.assertEqual(self.instance()["site"], to)
            self.expect_calls_to_go_on()

    def test_2_to_another_node_of_the_site_and_back(self):
        for _ in range(2):
            before, _ = self.pod()
            self.move("edge-a")
            after, _ = self.pod()
            self.assertEqual({before, after}, set(NODES["edge-a"][1:]))
            self.expect_calls_to_go_on()

    def test_3_processes_are_the_user_and_confined_after_a_move(self):
        where, uid = self.pod()
        script = f"""for pid in $(cat $(find /sys/fs/cgroup/kubepods.slice -path '*{uid.replace('-', '_')}*' -name cgroup.procs)); do
  case $(cat /proc/$pid/comm) in python3|redis-server) echo $(awk '/^Uid:|^Seccomp:/ {{print $2}}' /proc/$pid/status) $(cat /proc/$pid/attr/current);; esac; done"""
        self.assertEqual(set(node(where, script).splitlines()), {f"{USER} 2 cri-containerd.apparmor.d (enforce)"})

    def test_4_a_lost_destination_pod_rolls_the_move_back(self):
        def lose(name):
            until("the destination pod", lambda: self.status(name).get("phase") in ("Preparing", "PreCopying"))
            pod = until("its name", lambda: self.status(name).get("destinationPod"))
            until("the pod", lambda: pod in kubectl("edge-b", "-n", "functions", "get", "pods", "-o", "name"))
            kubectl("edge-b", "-n", "functions", "delete", "pod", pod, "--force", "--grace-period=0")

        self.move("edge-b", lose, expected="RolledBack")
        self.assertEqual(self.instance()["site"], "edge-a")
        self.expect_calls_to_go_on()

    def test_5_an_agent_that_is_killed_loses_nothing(self):
        where, _ = self.pod()

        def kill(name):
            until("the move to begin", lambda: self.status(name).get("phase") in ("PreCopying", "Draining", "Handover"))
            node(where, "for pid in $(pgrep -f quarkus-run.jar); do grep -qz CAROVANA_ROLE=agent /proc/$pid/environ && kill -9 $pid; done")

        name = f"{INSTANCE}-{self.instance()['epoch'] + 1}"
        try:
            self.move("edge-b", kill)
        except AssertionError:
            self.assertEqual(self.status(name).get("phase"), "RolledBack")
        self.expect_calls_to_go_on()

    def test_6_not_to_a_node_without_apparmor(self):
        site = self.instance()["site"]
        other = "edge-b" if site == "edge-a" else "edge-a"
        self.addCleanup(schedulable, other, *NODES[other][1:])
        schedulable(other, other)
        status = self.move(other, expected="RolledBack")
        self.assertRegex(status["message"], f"container cart is confined by profile 'cri-containerd.apparmor.d .enforce.' .* of site {other} has no AppArmor")
        self.expect_calls_to_go_on()

    def test_7_not_from_a_node_without_apparmor_and_with_a_newer_kernel(self):
        self.addCleanup(schedulable, "edge-a", *NODES["edge-a"][1:])
        self.addCleanup(delete, "cart-otto")
        schedulable("edge-a", "edge-a")
        start("cart-otto", "cart", "otto", "edge-a")
        status = self.move("edge-b", expected="RolledBack", instance="cart-otto")
        self.assertRegex(status["message"], "container cart is unconfined at .* of site edge-a, which has no AppArmor; .* of site edge-b would confine it")
        self.assertRegex(status["message"], r"container redis has guard pages .*, which need Linux 6\.13; node edge-b-2 of site edge-b has 6\.12\.")


if __name__ == "__main__":
    unittest.main(verbosity=2)
