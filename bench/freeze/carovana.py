# SPDX-License-Identifier: Apache-2.0
"""Carovana's path: its REST API as any client would use it, and a caller who calls the function while it moves."""
import json
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime

import function_pod
import lab
from results import Move

NAMESPACE = "functions"
MIGRATIONS = f"/apis/carovana.dev/v1alpha1/namespaces/{NAMESPACE}/migrations"
FINAL = ("Succeeded", "RolledBack", "Aborted", "Failed", "InDoubt")


class Carovana:
    def __init__(self, environment, hub):
        self.url, self.token, self.hub = environment["CAROVANA_URL"], environment["CAROVANA_TOKEN"], hub

    def call(self, method, path, body=None, content_type="application/json"):
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise lab.Failure(f"{method} {path}: {error.code} {error.read()[:500].decode()}") from error

    def start(self, function, spec, site):
        """Makes a local-state function of a pod spec, and an instance of it at a site; gives the instance's name."""
        labels = {"app.kubernetes.io/name": function}
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{function}?fieldManager=bench&force=true"
        self.hub.call("PATCH", path, {
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": function, "labels": {**labels, "carovana.dev/state": "local"}},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": spec}},
        }, content_type="application/apply-patch+yaml")
        created = self.call("POST", "/api/v1/instances", {
            "namespace": NAMESPACE, "user": f"bench-{time.time_ns()}", "site": site,
            "function": {"apiVersion": "apps/v1", "kind": "Deployment", "name": function}})
        self.wait_until_running(created["name"])
        return created["name"]

    def instance(self, name):
        return self.call("GET", f"/api/v1/instances/{NAMESPACE}/{name}")

    def wait_until_running(self, name):
        lab.wait(lambda: self.instance(name).get("phase") == "Running", f"instance {name} running")

    def remove(self, function, instance):
        self.call("DELETE", f"/api/v1/instances/{NAMESPACE}/{instance}")
        self.hub.call("DELETE", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{function}")
        pods = f"{lab.POD.format(NAMESPACE)}?labelSelector=carovana.dev/instance={instance}"
        lab.wait(lambda: not self.hub.get(pods)["items"], f"pods of {instance} gone")

    def move(self, name, to):
        before = self.instance(name)
        with Caller(before["address"]) as caller:
            asked = self.call("POST", f"/api/v1/instances/{NAMESPACE}/{name}/migrations", {"to": to})["name"]
            destination = f"{lab.POD.format(NAMESPACE)}/{name}-{before['epoch'] + 1}"

            # a watch, since clients that ask again and again would take part in the freeze on the same cores
            def is_over(migration):
                if not caller.next_address:
                    pod = self.hub.get(destination)
                    caller.next_address = pod and pod["status"].get("podIP")
                return migration.get("status", {}).get("phase") in FINAL

            migration = self.hub.watch(MIGRATIONS, asked, is_over, seconds=180)["status"]
            if migration["phase"] != "Succeeded":
                raise lab.Failure(f"{asked}: {migration['phase']} {migration.get('reason')}: {migration.get('message')}")
            caller.next_address = caller.next_address or self.instance(name)["address"]
            caller.wait()
        self.wait_until_running(name)
        return measured(migration, caller.gap_ms)


class Caller(threading.Thread):
    """Calls a function again and again, and moves on to its next address when it answers there."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.next_address = address, None
        self.last = self.first = None
        self.ended = threading.Event()

    def __enter__(self):
        self.last = function_pod.first_answer(self.address, 1)[1]
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    @property
    def gap_ms(self):
        return (self.first - self.last) * 1000

    def wait(self):
        if not self.ended.wait(60):
            raise lab.Failure(f"no answer from {self.next_address}")

    def run(self):
        while not self.ended.wait(0.01):
            if function_pod.call(self.address, timeout=0.1):
                self.last = time.monotonic()
            elif self.next_address and function_pod.call(self.next_address, timeout=0.5):
                self.first = time.monotonic()
                self.ended.set()


def measured(migration, client_ms):
    """Splits the freeze where the last container was dumped, by the times that the agents took."""
    containers = migration["containers"]
    frozen = min(_instant(container["frozenAt"]) for container in containers)
    dumped = max(_instant(container["dumpedAt"]) for container in containers)
    restored = max(_instant(container["restoredAt"]) for container in containers)
    return Move(migration["freezeMillis"], migration["totalMillis"], migration["bytesSent"], client_ms,
                (dumped - frozen) * 1000, None, (restored - dumped) * 1000)


def _instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
