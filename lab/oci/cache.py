# SPDX-License-Identifier: Apache-2.0
"""Layers that were built before, found again by what they were built from."""
import hashlib
import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from oci.layer import Layer, LayerWriter

KEEP_SECONDS = 7 * 24 * 3600
OPTIONS = "redirect_dir=off,metacopy=off"


class LayerCache:
    """One directory per layer: diff/ (overlay upper directory), layer.tar and layer.json, the last written."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)

    def key(self, *parts):
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    def find(self, key):
        description = self.directory / key / "layer.json"
        if not description.exists():
            return None
        os.utime(description)
        return self._layer(key, json.loads(description.read_text()))

    @contextmanager
    def build(self, key, below):
        """A file system made of the layers `below` (lowest first) to change; its changes become the layer `key`."""
        home = self.directory / key
        shutil.rmtree(home, ignore_errors=True)
        for name in ("diff", "work", "merged"):
            (home / name).mkdir(parents=True)
        self._mount(key, below)
        try:
            yield home / "merged"
        finally:
            subprocess.run(["umount", "-R", home / "merged"], check=True)

    def _mount(self, key, below):
        if not below:
            subprocess.run(["mount", "--bind", "diff", "merged"], cwd=self.directory / key, check=True)
            return
        # relative names, because the options of a mount must fit into one page
        lower = ":".join(f"{name}/diff" for name in reversed(below))
        options = f"{OPTIONS},lowerdir={lower},upperdir={key}/diff,workdir={key}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, f"{key}/merged"], cwd=self.directory, check=True)

    def save(self, key, epoch, **more):
        """Turns what was built for `key` into a layer."""
        home = self.directory / key
        writer = LayerWriter(home / "layer.tar", epoch)
        writer.add_tree(home / "diff", overlay=True)
        layer = writer.close()
        description = {"digest": layer.digest, "size": layer.size, "epoch": epoch, **more}
        for name in ("work", "merged"):
            shutil.rmtree(home / name, ignore_errors=True)
        part = home / "layer.json.part"
        part.write_text(json.dumps(description))
        part.rename(home / "layer.json")
        return layer

    def epoch(self, key):
        return json.loads((self.directory / key / "layer.json").read_text())["epoch"]

    def prune(self):
        """Removes layers that no build has used for a week, and what a killed build left."""
        for home in self.directory.iterdir():
            description = home / "layer.json"
            if not description.exists() or time.time() - description.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(home, ignore_errors=True)

    def _layer(self, key, description):
        return Layer(self.directory / key / "layer.tar", description["digest"], description["size"])
