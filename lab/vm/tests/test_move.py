# SPDX-License-Identifier: Apache-2.0
"""One move of a pod of two containers that do not run as root, between two virtual nodes: kubelet, containerd, carovana-runc."""
import json
import os
import tempfile
import unittest
from pathlib import Path

from lab import PATIENCE, ROOT, USER, VM, kubectl, node, run, until

SITE, SOURCE, DESTINATION = "edge-c", "edge-c-1", "edge-c-2"
IMAGE = "carovana.lab/workload:1"
FOLDER = "/run/carovana/test-move"


def pod(name, where, epoch, migration=None):
    """As the controller makes them: docs/how-it-works.md."""
    annotations = {"carovana.dev/instance": "alice", "carovana.dev/epoch": str(epoch)}
    if migration:
        annotations["carovana.dev/migration"] = migration

    def container(name, command, limits):
        return {
            "name": name, "image": IMAGE, "imagePullPolicy": "Never", "command": command, "resources": {"limits": limits},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": name, "mountPath": "/data"}],
        }

    return json.dumps({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "runtimeClassName": "carovana", "nodeName": where, "automountServiceAccountToken": False, "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsUser": USER, "runAsGroup": USER, "runAsNonRoot": True, "fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                container("app", ["/workload", "count", "/data", "16"], {"memory": "96Mi", "cpu": "500m"}),
                container("side", ["/workload", "child", "/data"], {"memory": "64Mi"}),
            ],
            "volumes": [{"name": "app", "emptyDir": {}}, {"name": "side", "emptyDir": {}}],
        },
    }).encode()


def build_image(folder):
    os.makedirs(folder / "tree")
    run("go", "build", "-o", folder / "tree/workload", "./it/workload", cwd=ROOT / "runtime", env={**os.environ, "CGO_ENABLED": "0"})
    run(ROOT / "lab/mkimage", "-o", folder / "workload.tar", "-n", IMAGE, folder / "tree")
    return (folder / "workload.tar").read_bytes()


class MoveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as name:
            image = build_image(Path(name))
            run(ROOT / "runtime/build", Path(name) / "carovana-runc")
            program = (Path(name) / "carovana-runc").read_bytes()
        for each in (SOURCE, DESTINATION):
            node(each, "ctr -n k8s.io images import -", image)
            node(each, "mkdir -p -m 0700 /run/carovana; mkdir -p /opt/carovana/bin; cd /opt/carovana/bin; cat >new; chmod 755 new; mv new carovana-runc", program)
            node(each, f"rm -rf {FOLDER}; cat >/root/standin.py", (VM / "tests/standin.py").read_bytes())
        kubectl(SITE, "apply", "-k", ROOT / "k8s/runtimeclass")
        kubectl(SITE, "wait", "serviceaccount/default", "--for=create", f"--timeout={PATIENCE}s")

    def setUp(self):
        kubectl(SITE, "delete", "pod", "--all", "--wait", f"--timeout={PATIENCE}s")
        self.addCleanup(kubectl, SITE, "delete", "pod", "--all", "--wait", f"--timeout={PATIENCE}s")

    def start(self, manifest, name):
        kubectl(SITE, "apply", "-f", "-", stdin=manifest)
        try:
            kubectl(SITE, "wait", f"pod/{name}", "--for=condition=Ready", f"--timeout={PATIENCE}s")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{kubectl(SITE, 'describe', 'pod', name)}") from error
        return kubectl(SITE, "get", "pod", name, "-o", "jsonpath={.metadata.uid}")

    def facts(self, where, uid):
        """What the kernel says of the pod's processes, by container: user, confinement, and the limit of the cgroup."""
        script = """
for volume in app side; do
  for pid in $(cat $(find /sys/fs/cgroup/kubepods.slice -path "*$1*" -name cgroup.procs)); do
    [ "$(stat -L -c %i /proc/$pid/root/data 2>/dev/null)" = "$(stat -c %i /var/lib/kubelet/pods/$2/volumes/kubernetes.io~empty-dir/$volume)" ] || continue
    group=/sys/fs/cgroup$(cut -d: -f3 /proc/$pid/cgroup)
    echo $volume $(awk '/^Uid:|^Seccomp:/ {print $2}' /proc/$pid/status) $(cat /proc/$pid/attr/current) $(cat $group/memory.max) $(cat $group/cpu.max)
    break
  done
done
"""
        lines = node(where, f"set -- {uid.replace('-', '_')} {uid}; {script}").splitlines()
        return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}

    def count(self, where, uid, container, file):
        return int(node(where, f"cat /var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~empty-dir/{container}/{file}"))

    def test_a_pod_that_is_not_root_goes_on_at_the_other_node(self):
        source = self.start(pod("alice-1", SOURCE, 1), "alice-1")
        before = self.facts(SOURCE, source)
        # Uid, Seccomp (2: filter), AppArmor's profile, memory.max, cpu.max
        self.assertEqual(before["app"], f"{USER} 2 cri-containerd.apparmor.d (enforce) {96 << 20} 50000 100000")
        self.assertEqual(before["side"], f"{USER} 2 cri-containerd.apparmor.d (enforce) {64 << 20} max 100000")
        until("the source's count", lambda: self.count(SOURCE, source, "app", "count") > 100)
        destination = self.start(pod("alice-2", DESTINATION, 2, "alice-2"), "alice-2")
        self.assertEqual(self.facts(DESTINATION, destination), {}, "nothing runs while it is held")

        node(SOURCE, f"python3 /root/standin.py freeze {source} {FOLDER}")
        frozen = {"app": self.count(SOURCE, source, "app", "count"), "side": self.count(SOURCE, source, "side", "child")}
        images = run(VM / "sh", SOURCE, f"tar -C {FOLDER} -c .")
        node(DESTINATION, f"mkdir -m 0700 {FOLDER}; tar -C {FOLDER} -x", images)
        volumes = "/var/lib/kubelet/pods/{}/volumes/kubernetes.io~empty-dir"
        files = run(VM / "sh", SOURCE, f"tar -C {volumes.format(source)} -c .")
        node(DESTINATION, f"tar -C {volumes.format(destination)} -x", files)
        node(DESTINATION, f"timeout {PATIENCE} python3 /root/standin.py restore {destination} {FOLDER}")

        until("the counts to go on", lambda: self.count(DESTINATION, destination, "app", "count") > frozen["app"]
                   and self.count(DESTINATION, destination, "side", "child") > frozen["side"])
        self.assertEqual(frozen["app"], self.count(SOURCE, source, "app", "count"), "the source stands still")
        self.assertEqual(self.facts(DESTINATION, destination), before)
        node(DESTINATION, "systemctl daemon-reload")
        self.assertEqual(self.facts(DESTINATION, destination), before, "after systemd has looked at its units again")
        self.assertEqual(kubectl(SITE, "get", "pod", "alice-2", "-o", "jsonpath={.status.containerStatuses[*].restartCount} {.status.phase}"), "0 0 Running")

        kubectl(SITE, "delete", "pod", "alice-2", "alice-1", "--wait", f"--timeout={PATIENCE}s")
        for where, uid in ((SOURCE, source), (DESTINATION, destination)):
            self.assertEqual(node(where, f"find /sys/fs/cgroup/kubepods.slice -name '*{uid.replace('-', '_')}*'"), "", f"nothing is left at {where}")


if __name__ == "__main__":
    unittest.main()
