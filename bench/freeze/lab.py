# SPDX-License-Identifier: Apache-2.0
"""What the benchmark needs of the lab: its clusters' API servers, its nodes' files, its registry."""
import base64
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
POD = "/api/v1/namespaces/{}/pods"


class Failure(Exception):
    """Something that the benchmark asked for was refused or did not happen in time."""


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def environment():
    """What `lab/env` exports."""
    lines = (line.removeprefix("export ").partition("=") for line in output("lab/env").splitlines())
    return {name: value.strip("'\"") for name, _, value in lines}


def require_routed(home):
    """Ends unless this machine reaches pods at the addresses that they have at their sites."""
    network = Path(home, "lab/network").read_text().strip()
    if network != "routed":
        sys.exit(f"the lab's network is {network}, routed was expected: lab/down, then CAROVANA_LAB_NETWORK=routed make deploy")


def node_root(site):
    """The node's root directory as the machine sees it."""
    pid = output("bash", "-c", f". lab/lib.sh; site_init {site}").strip()
    return Path(f"/proc/{pid}/root")


class Cluster:
    """One site's API server, with the administrator's certificate. Each thread needs its own."""

    def __init__(self, site):
        self.site = site
        config = json.loads(output("lab/kubectl", site, "config", "view", "--raw", "-o", "json"))
        server, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = urllib.parse.urlsplit(server["server"]).netloc
        self.tls = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())
        with tempfile.TemporaryDirectory() as directory:
            files = [Path(directory, name) for name in ("tls.crt", "tls.key")]
            for file, field in zip(files, ("client-certificate-data", "client-key-data")):
                file.write_bytes(base64.b64decode(user[field]))
            self.tls.load_cert_chain(*files)

    def open(self, method, path, body=None, timeout=60, content_type="application/json"):
        """Sends a request on a connection of its own and gives the response, not yet read."""
        connection = http.client.HTTPSConnection(self.address, context=self.tls, timeout=timeout)
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": content_type})
        response = connection.getresponse()
        if response.status >= 300:
            raise Failure(f"{self.site}: {method} {path}: {response.status} {response.read()[:500].decode()}")
        return response

    def call(self, method, path, body=None, timeout=60, content_type="application/json"):
        with self.open(method, path, body, timeout, content_type) as response:
            return json.loads(response.read() or b"null")

    def get(self, path):
        """The object, or None if there is none."""
        try:
            return self.call("GET", path)
        except Failure as failure:
            if ": 404 " in str(failure):
                return None
            raise

    def watch(self, path, name, wanted, seconds=120):
        """The object of a path's collection, as soon as wanted(object) is true. It may not exist yet."""
        query = urllib.parse.urlencode({"watch": 1, "fieldSelector": f"metadata.name={name}", "timeoutSeconds": seconds})
        with self.open("GET", f"{path}?{query}", timeout=seconds + 5) as events:
            for line in events:
                found = json.loads(line)["object"]
                if wanted(found):
                    return found
        raise Failure(f"{self.site}: {path}/{name} is not as wanted after {seconds} s")

    def delete_pod(self, namespace, pod):
        """Deletes at once and waits until it is gone."""
        path = f"{POD.format(namespace)}/{pod}"
        if self.get(path):
            self.call("DELETE", path, {"gracePeriodSeconds": 0})
        wait(lambda: self.get(path) is None, f"{self.site}: pod {pod} gone")


class RegistryStore:
    """The registry's files. Checkpoints would fill the disk, and a registry frees none until it is told to, stopped."""

    def __init__(self, home):
        self.directory = Path(home, "lab/registry/docker/registry/v2")

    def forget(self, repository, digests):
        shutil.rmtree(self.directory / "repositories" / repository, ignore_errors=True)
        for digest in digests:
            algorithm, _, value = digest.partition(":")
            shutil.rmtree(self.directory / "blobs" / algorithm / value[:2] / value, ignore_errors=True)


def wait(condition, what, seconds=120, interval=0.1):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"timed out: {what}")
        time.sleep(interval)


def function_image(home):
    """Builds and pushes the benchmark's function; the reference works on every node of the lab.

    localhost, because the stock restore pulls the base image with containerd's default resolver, which speaks plain
    HTTP to localhost alone; each node of the lab forwards that port to the registry.
    """
    directory = Path(home, "bench")
    directory.mkdir(parents=True, exist_ok=True)
    source = Path(__file__).parent / "function"
    shutil.copy(source / "Dockerfile", directory)
    subprocess.run(["go", "build", "-trimpath", "-ldflags", "-s -w", "-o", directory / "state", "."],
                   cwd=source, check=True, env={**os.environ, "CGO_ENABLED": "0"})
    output("lab/dockerfile", "-o", directory / "state.tar", directory)
    reference = output("lab/image", directory / "state.tar", "carovana-bench-state").split()[-1]
    return "localhost:5000/" + reference.partition("/")[2]
