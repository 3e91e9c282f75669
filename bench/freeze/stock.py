# SPDX-License-Identifier: Apache-2.0
"""The stock path: kubelet's checkpoint API, an OCI image of each checkpoint, the registry, restore by containerd.

Given every advantage that needs no change of a component: all containers at once, no image builder, one pass over an
archive from the node's disk into the registry, uncompressed layers, a registry in the same network, a pod that is
already bound to its node, a client that talks to the API servers without any process of its own.
"""
import hashlib
import http.client
import itertools
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import function_pod
import lab
from results import Move

REPOSITORY = "carovana-bench-checkpoint"
LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
# containerd restores a container instead of starting it when its image's manifest says this
CHECKPOINT = "org.criu.checkpoint.container.name"
# What runc passes to CRIU for containers that name no other file: without it no pod with an open connection can be
# dumped. CRIU's lock of the pod's network stays as it is by default, since nothing else keeps packets away meanwhile;
# `--stock-lock skip` shows what it costs.
CRIU_OPTIONS = "tcp-established\nfile-locks\next-unix-sk\n"
CRIU_FILE = "etc/criu/runc.conf"


@dataclass(frozen=True)
class Image:
    reference: str
    digests: tuple
    size: int
    archive: Path


class Stock:
    def __init__(self, registry, store, clusters, lock="iptables"):
        self.registry, self.store, self.clusters = registry, store, clusters
        self.options = f"{CRIU_OPTIONS}network-lock {lock}\n"
        self.roots = {site: lab.node_root(site) for site in clusters}

    def __enter__(self):
        for root in self.roots.values():
            (root / CRIU_FILE).parent.mkdir(exist_ok=True)
            (root / CRIU_FILE).write_text(self.options)
        return self

    def __exit__(self, *_):
        for root in self.roots.values():
            (root / CRIU_FILE).unlink(missing_ok=True)
            (root / CRIU_FILE).parent.rmdir()

    def move(self, namespace, pod, count, state_mib, source, destination):
        """Restores a running pod at the destination and removes the copy again.

        The freeze is counted from the first checkpoint request to the first answer of the copy. The API leaves the
        source running, but what that does from then on is lost to the user.
        """
        copy = f"{pod}-restored-{secrets.token_hex(3)}"
        address = self.clusters[source].get(f"{lab.POD.format(namespace)}/{pod}")["status"]["podIP"]
        before, _ = function_pod.first_answer(address, count)
        names = [f"state-{number}" for number in range(count)]
        images = []
        begin = time.monotonic()
        try:
            with ThreadPoolExecutor(count) as threads:
                archives = list(threads.map(lambda name: self._checkpoint(source, namespace, pod, name), names))
                checkpointed = time.monotonic()
                images = list(threads.map(self._push, archives, names))
            pushed = time.monotonic()
            self._create(destination, namespace, copy, count, state_mib, images)
            pods = lab.POD.format(namespace)
            address = self.clusters[destination].watch(pods, copy, has_address)["status"]["podIP"]
            answer, answered = function_pod.first_answer(address, count)
            self.clusters[destination].watch(pods, copy, is_ready)
            ready = time.monotonic()
            if answer["process"] != before["process"] or answer["count"] <= before["count"]:
                raise lab.Failure(f"the restored pod has another state: {before} before, {answer} after")
        finally:
            self.clusters[destination].delete_pod(namespace, copy)
            self._forget(destination, images)
        millis = [(b - a) * 1000 for a, b in itertools.pairwise((begin, checkpointed, pushed, answered))]
        return Move(sum(millis), (ready - begin) * 1000, sum(image.size for image in images), sum(millis), *millis)

    def _checkpoint(self, site, namespace, pod, container):
        path = f"/api/v1/nodes/{site}/proxy/checkpoint/{namespace}/{pod}/{container}"
        file = self.clusters[site].call("POST", path, timeout=300)["items"][0]
        return self.roots[site] / file.lstrip("/")

    def _push(self, archive, container):
        """One pass: the layer's digest is computed while it goes to the registry."""
        connection = http.client.HTTPConnection(self.registry, timeout=300)
        size = archive.stat().st_size
        layer = self._upload(connection, HashingFile(archive), size)
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": [layer]}}).encode()
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, "annotations": {CHECKPOINT: container},
            "config": {"mediaType": CONFIG, "digest": self._upload(connection, config, len(config)), "size": len(config)},
            "layers": [{"mediaType": LAYER, "digest": layer, "size": size}],
        }).encode()
        digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        _request(connection, "PUT", f"/v2/{REPOSITORY}/manifests/{digest}", manifest, {"Content-Type": MANIFEST})
        digests = (layer, "sha256:" + hashlib.sha256(config).hexdigest(), digest)
        return Image(f"{self.registry}/{REPOSITORY}@{digest}", digests, size, archive)

    def _upload(self, connection, content, size):
        begun = _request(connection, "POST", f"/v2/{REPOSITORY}/blobs/uploads/", b"")
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        sent = _request(connection, "PATCH", _path(begun), content, headers)
        digest = content.digest() if isinstance(content, HashingFile) else "sha256:" + hashlib.sha256(content).hexdigest()
        _request(connection, "PUT", f"{_path(sent)}&digest={digest}", b"")
        return digest

    def _create(self, site, namespace, name, count, state_mib, images):
        spec = function_pod.pod_spec(count, state_mib, [image.reference for image in images])
        self.clusters[site].call("POST", lab.POD.format(namespace), {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
            "spec": {**spec, "nodeName": site, "restartPolicy": "Never"}})

    def _forget(self, destination, images):
        for image in images:
            image.archive.unlink(missing_ok=True)
        # kubelet's image store knows each by its reference and by its config's digest
        references = [name for image in images for name in (image.reference, image.digests[1])]
        if references:
            lab.output("lab/node", destination, "ctr", "-n", "k8s.io", "images", "rm", "--sync", *references)
        self.store.forget(REPOSITORY, [digest for image in images for digest in image.digests])


class HashingFile:
    """A file that is read once: http.client reads it block by block."""

    def __init__(self, path):
        self.file, self.sha = open(path, "rb"), hashlib.sha256()

    def read(self, size):
        # http.client's own blocks are 8 KiB
        block = self.file.read(max(size, 1 << 20))
        self.sha.update(block)
        return block

    def digest(self):
        self.file.close()
        return "sha256:" + self.sha.hexdigest()


def has_address(pod):
    return "podIP" in pod["status"]


def is_ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _path(response):
    location = urlsplit(response.getheader("Location"))
    return f"{location.path}?{location.query}"


def _request(connection, method, path, body, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    text = response.read()
    if response.status >= 300:
        raise lab.Failure(f"registry: {method} {path}: {response.status} {text[:300].decode(errors='replace')}")
    return response
