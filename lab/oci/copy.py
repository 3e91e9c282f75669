# SPDX-License-Identifier: Apache-2.0
"""The COPY instruction: which files, where to, and a digest of them."""
import glob
import hashlib
import os
import shutil
import stat
from pathlib import Path


class CopyError(Exception):
    pass


def resolve(root, path):
    """Where `path` lies in `root`, following the root's own links and never leaving it."""
    root, current, pending, hops = Path(root), Path("/"), [part for part in Path("/", path).parts[1:]], 0
    while pending:
        part = pending.pop(0)
        if part in ("..", "."):
            current = current.parent if part == ".." else current
            continue
        step = root / current.relative_to("/") / part
        if not step.is_symlink():
            current = current / part
            continue
        hops += 1
        if hops > 40:
            raise CopyError(f"too many links in {path}")
        target = Path(os.readlink(step))
        pending = [name for name in target.parts if name != "/"] + pending
        current = Path("/") if target.is_absolute() else current
    return root / current.relative_to("/")


def sources(base, patterns):
    found = []
    for pattern in patterns:
        matches = sorted(glob.glob(str(resolve(base, os.path.dirname(pattern)) / (os.path.basename(pattern) or "."))))
        if not matches:
            raise CopyError(f"COPY {pattern}: no such file")
        found += matches
    return [Path(match) for match in found]


def digest(paths):
    """Of names, modes and content; owners and times do not count, as they are set by COPY."""
    sha = hashlib.sha256()
    for top in paths:
        for path in [top, *sorted(top.rglob("*"))] if top.is_dir() else [top]:
            info = path.lstat()
            name = path.relative_to(top) if top.is_dir() else path.name
            sha.update(f"{name}\0{info.st_mode:o}\0".encode())
            if path.is_symlink():
                sha.update(os.readlink(path).encode())
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as content:
                    sha.update(hashlib.file_digest(content, "sha256").digest() if hasattr(hashlib, "file_digest")
                               else hashlib.sha256(content.read()).digest())
    return sha.hexdigest()


def copy(root, paths, destination, workdir, owner, mode, epoch):
    """Copies as COPY does: the content of directories, files by name below a destination that ends in / or is a directory."""
    target = resolve(root, os.path.join(workdir or "/", destination))
    into = destination.endswith("/") or len(paths) > 1 or target.is_dir()
    uid, gid = owner
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            for child in sorted(path.iterdir()):
                _copy_tree(child, target / child.name, uid, gid, mode, epoch)
            _make_parents(target, uid, gid, epoch)
        else:
            _copy_tree(path, target / path.name if into else target, uid, gid, mode, epoch)


def _copy_tree(source, target, uid, gid, mode, epoch):
    _make_parents(target.parent, uid, gid, epoch)
    if source.is_dir() and not source.is_symlink():
        _make_parents(target, uid, gid, epoch)
        target.chmod(stat.S_IMODE(source.stat().st_mode))
        for child in sorted(source.iterdir()):
            _copy_tree(child, target / child.name, uid, gid, mode, epoch)
        return
    if target.is_symlink() or target.is_file():
        target.unlink()
    shutil.copy(source, target, follow_symlinks=False)
    os.chown(target, uid, gid, follow_symlinks=False)
    if mode is not None and not target.is_symlink():
        target.chmod(mode)
    os.utime(target, (epoch, epoch), follow_symlinks=False)


def _make_parents(directory, uid, gid, epoch):
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for path in reversed(missing):
        path.mkdir(mode=0o755)
        path.chmod(0o755)
        os.chown(path, uid, gid)
