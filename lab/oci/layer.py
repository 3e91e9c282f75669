# SPDX-License-Identifier: Apache-2.0
"""Image layers: tar files that come out the same, byte for byte, whenever their content is the same."""
import hashlib
import os
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path

# Files that tools write only to remember when they ran: they would make every build differ.
VOLATILE = ("var/log/", "var/cache/ldconfig/", "var/cache/apt/", "run/", "tmp/")


@dataclass(frozen=True)
class Layer:
    path: Path
    digest: str
    size: int


class HashingWriter:
    def __init__(self, file):
        self.file, self.sha, self.size = file, hashlib.sha256(), 0

    def write(self, data):
        self.sha.update(data)
        self.size += len(data)
        return self.file.write(data)


class LayerWriter:
    """Writes a layer. Times later than `epoch` become `epoch`; earlier ones stay, since Python compares them to its caches."""

    def __init__(self, path, epoch):
        self.path, self.epoch = Path(path), epoch
        self.file = open(path, "wb")
        self.out = HashingWriter(self.file)
        self.tar = tarfile.open(fileobj=self.out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20)
        self.links = {}

    def add_tree(self, root, prefix="", overlay=False):
        """Adds what is below root. With overlay=True root is an overlay's upper directory: its deletions become whiteouts."""
        root = os.fspath(root)
        for name in sorted(_walk(root)):
            path = os.path.join(root, name)
            if overlay and name.startswith(VOLATILE) and os.path.isfile(path):
                continue
            self._add(path, os.path.join(prefix.strip("/"), name), overlay)

    def _add(self, path, name, overlay):
        info = os.lstat(path)
        if overlay and stat.S_ISCHR(info.st_mode) and info.st_rdev == 0:
            self._add_empty(os.path.join(os.path.dirname(name), ".wh." + os.path.basename(name)))
            return
        if stat.S_ISSOCK(info.st_mode):
            return
        entry = tarfile.TarInfo(name)
        entry.mode, entry.uid, entry.gid = stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid
        entry.mtime = min(int(info.st_mtime), self.epoch)
        entry.pax_headers = _capabilities(path, info)
        if stat.S_ISREG(info.st_mode):
            self._add_file(path, entry, info)
            return
        if stat.S_ISDIR(info.st_mode):
            entry.type = tarfile.DIRTYPE
        elif stat.S_ISLNK(info.st_mode):
            entry.type, entry.linkname = tarfile.SYMTYPE, os.readlink(path)
        elif stat.S_ISFIFO(info.st_mode):
            entry.type = tarfile.FIFOTYPE
        else:
            entry.type = tarfile.CHRTYPE if stat.S_ISCHR(info.st_mode) else tarfile.BLKTYPE
            entry.devmajor, entry.devminor = os.major(info.st_rdev), os.minor(info.st_rdev)
        self.tar.addfile(entry)
        if overlay and entry.isdir() and _is_opaque(path):
            self._add_empty(os.path.join(name, ".wh..wh..opq"))

    def _add_file(self, path, entry, info):
        first = self.links.setdefault((info.st_dev, info.st_ino), entry.name) if info.st_nlink > 1 else entry.name
        if first != entry.name:
            entry.type, entry.linkname = tarfile.LNKTYPE, first
            self.tar.addfile(entry)
            return
        entry.size = info.st_size
        with open(path, "rb") as content:
            self.tar.addfile(entry, content)

    def _add_empty(self, name):
        entry = tarfile.TarInfo(name)
        entry.mtime = self.epoch
        self.tar.addfile(entry)

    def close(self):
        self.tar.close()
        self.file.close()
        return Layer(self.path, "sha256:" + self.out.sha.hexdigest(), self.out.size)


def _walk(root):
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            yield os.path.relpath(os.path.join(folder, name), root)


def _capabilities(path, info):
    if not stat.S_ISREG(info.st_mode):
        return {}
    try:
        value = os.getxattr(path, "security.capability", follow_symlinks=False)
    except OSError:
        return {}
    return {"SCHILY.xattr.security.capability": value.decode("utf-8", "surrogateescape")}


def _is_opaque(path):
    try:
        return os.getxattr(path, "trusted.overlay.opaque") == b"y"
    except OSError:
        return False
