# SPDX-License-Identifier: Apache-2.0
"""Stands in for the agent inside a node, with nothing of what it does ahead of a freeze or sends: standin.py freeze|restore POD FOLDER

freeze: pauses all containers of the pod (its uid), dumps them into FOLDER, leaves them paused.
restore: waits for the pod's held containers, restores all from FOLDER, then lets them go on together.
"""
import glob
import json
import os
import socket
import subprocess
import sys

RUNC_ROOT = "/run/containerd/runc/k8s.io"
SOCKET = "/run/carovana/agent.sock"


def containers(pod):
    """Ids by name."""
    found = {}
    for path in glob.glob(RUNC_ROOT + "/*/state.json"):
        with open(path) as file:
            labels = dict(label.split("=", 1) for label in json.load(file)["config"]["labels"] if "=" in label)
        if labels.get("io.kubernetes.cri.sandbox-uid") == pod and labels.get("io.kubernetes.cri.container-type") == "container":
            found[labels["io.kubernetes.cri.container-name"]] = os.path.basename(os.path.dirname(path))
    return found


def runc(*arguments):
    done = subprocess.run(["runc", "--root", RUNC_ROOT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"runc {' '.join(arguments)}: {done.stdout}")


def freeze(pod, folder):
    found = containers(pod)
    for container in found.values():
        runc("pause", container)
    for name, container in found.items():
        images = os.path.join(folder, name, "checkpoint")
        os.makedirs(images, mode=0o700)
        runc("checkpoint", "--leave-running", "--image-path", images, "--work-path", os.path.join(folder, name, "work"), container)
        os.rename(images + "/descriptors.json", os.path.join(folder, name, "descriptors.json"))


class Holder:
    """One held container's connection."""

    def __init__(self, listener, pod):
        self.lines = listener.accept()[0].makefile("rw")
        self.said = self.hear()
        if self.said["podUid"] != pod:
            sys.exit(f"a container of another pod is held: {self.said}")

    def hear(self):
        return json.loads(self.lines.readline())

    def order(self, expected, **command):
        self.lines.write(json.dumps(command) + "\n")
        self.lines.flush()
        self.said = self.hear()
        if self.said["state"] != expected:
            sys.exit(f"container {self.said['container']} is {self.said['state']}, not {expected}: {self.said['error']}")


def restore(pod, folder):
    if os.path.exists(SOCKET):
        os.remove(SOCKET)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(SOCKET)
        listener.listen()
        holders = [Holder(listener, pod) for _ in os.listdir(folder)]
    for holder in holders:
        own = os.path.join(folder, holder.said["container"])
        holder.order("restored", type="restore", imagePath=own + "/checkpoint", workPath=own + "/work", descriptors=own + "/descriptors.json")
    for holder in holders:
        holder.order("resumed", type="resume")


{"freeze": freeze, "restore": restore}[sys.argv[1]](*sys.argv[2:])
