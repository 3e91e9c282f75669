# SPDX-License-Identifier: Apache-2.0
"""OCI archives: one image in one tar file."""
import hashlib
import io
import json
import os
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
INDEX = "application/vnd.oci.image.index.v1+json"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def write(path, layers, config, name):
    """Writes layers and config (the "config" object of an image: Env, Entrypoint, ...) as the image `name`; returns its digest."""
    image = {
        "architecture": ARCHITECTURES.get(os.uname().machine, os.uname().machine),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in layers]},
    }
    image_json = _json(image)
    manifest_json = _json({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _descriptor(CONFIG, image_json),
        "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers],
    })
    manifest = _descriptor(MANIFEST, manifest_json)
    manifest["annotations"] = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name}
    index_json = _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest]})
    part = f"{path}.part"
    with tarfile.open(part, "w") as tar:
        _add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        _add(tar, "index.json", index_json)
        _add_blob(tar, image_json)
        _add_blob(tar, manifest_json)
        for layer in {layer.digest: layer for layer in layers}.values():
            entry = tarfile.TarInfo(_blob_name(layer.digest))
            entry.size = layer.size
            with open(layer.path, "rb") as content:
                tar.addfile(entry, content)
    os.replace(part, path)
    return manifest["digest"]


class Archive:
    """An OCI archive to read, whoever made it."""

    def __init__(self, path):
        self.tar = tarfile.open(path, "r:")
        self.members = {os.path.normpath(member.name): member for member in self.tar}
        index = json.loads(self._bytes("index.json"))
        manifests = [entry for entry in index["manifests"] if entry["mediaType"] == MANIFEST]
        if len(manifests) != 1:
            raise ValueError(f"{path}: expected one image manifest, found {len(manifests)}")
        self.descriptor = manifests[0]
        self.digest = self.descriptor["digest"]
        self.manifest_json = self._bytes(_blob_name(self.digest))
        self.manifest = json.loads(self.manifest_json)

    @property
    def name(self):
        return self.descriptor.get("annotations", {}).get("org.opencontainers.image.ref.name", "")

    def blobs(self):
        return [self.manifest["config"], *self.manifest["layers"]]

    def open(self, digest):
        return self.tar.extractfile(self.members[_blob_name(digest)])

    def _bytes(self, name):
        return self.tar.extractfile(self.members[name]).read()


def _json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _descriptor(media_type, data):
    return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _blob_name(digest):
    return "blobs/" + digest.replace(":", "/")


def _add(tar, name, data):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


def _add_blob(tar, data):
    _add(tar, _blob_name(_digest(data)), data)
