# SPDX-License-Identifier: Apache-2.0
"""Builds images from Dockerfiles, one layer per COPY and RUN, taken from the cache where nothing changed."""
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from oci import chroot, copy, dockerfile
from oci.dockerfile import DockerfileError

LAB = Path(__file__).resolve().parent.parent
DEBIAN_BASES = ("debian:sid", "debian:sid-slim", "debian:unstable", "debian:unstable-slim")


@dataclass
class Stage:
    keys: list = field(default_factory=list)  # of layers, lowest first
    config: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)
    epoch: int = 0

    def variables(self):
        return {**self.arguments, **self.environment}

    def workdir(self):
        return self.config.get("WorkingDir", "")


class Builder:
    def __init__(self, cache, packages, context, arguments, use_cache=True):
        self.cache, self.packages, self.context = cache, packages, Path(context)
        self.given, self.use_cache = arguments, use_cache
        self.globals, self.stages, self.stage = {}, {}, None

    def build(self, text):
        for step in dockerfile.parse(text):
            if self.stage is None and step.name not in ("FROM", "ARG"):
                raise DockerfileError(f"line {step.line}: {step.name} before FROM")
            try:
                getattr(self, "_" + step.name.lower())(step)
            except (copy.CopyError, chroot.CommandFailed, ValueError) as error:
                raise DockerfileError(f"line {step.line}: {error}") from error
        if self.stage is None:
            raise DockerfileError("no FROM")
        return self.stage

    def layers(self, stage):
        return [self.cache.find(key) for key in stage.keys]

    def config(self, stage):
        return {**stage.config, "Env": [f"{name}={value}" for name, value in stage.environment.items()]}

    def _from(self, step):
        words = dockerfile.expand(step.text, self.globals).split()
        base, alias = words[0], words[2] if len(words) == 3 and words[1].upper() == "AS" else str(len(self.stages))
        if base in self.stages:
            parent = self.stages[base]
            self.stage = Stage(list(parent.keys), dict(parent.config), dict(parent.environment), {}, parent.epoch)
        elif base == "scratch":
            self.stage = Stage(epoch=int(os.environ.get("SOURCE_DATE_EPOCH", 0)))
        elif base in DEBIAN_BASES:
            key = self._debian_base()
            path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            self.stage = Stage([key], {"Cmd": ["bash"]}, {"PATH": path}, {}, self.cache.epoch(key))
        else:
            raise DockerfileError(f"line {step.line}: no base image {base}; here are: scratch, {', '.join(DEBIAN_BASES)}")
        self.stages[alias] = self.stage

    def _debian_base(self):
        tree = Path(subprocess.run([LAB / "rootfs", "debian-sid-slim"], check=True, capture_output=True, text=True).stdout.strip())
        key = self.cache.key("base", str(tree.stat().st_mtime_ns))
        if not self.cache.find(key):
            with self.cache.build(key, []) as root:
                subprocess.run(["cp", "-a", f"{tree}/.", root], check=True)
            self.cache.save(key, epoch=int(tree.stat().st_mtime))
        return key

    def _layer(self, step, identity, change):
        key = self.cache.key(*self.stage.keys, step.name, *identity)
        cached = self.use_cache and self.cache.find(key)
        print(f"{step.name} {step.text}"[:110] + (" (cached)" if cached else ""), file=sys.stderr, flush=True)
        if not cached:
            with self.cache.build(key, self.stage.keys) as root:
                change(root)
            self.cache.save(key, self.stage.epoch)
        self.stage.keys.append(key)

    def _run(self, step):
        stage = self.stage
        environment = {**stage.variables(), "SOURCE_DATE_EPOCH": str(stage.epoch)}
        user, workdir = stage.config.get("User", ""), stage.workdir()
        identity = (*step.command(), repr(sorted(environment.items())), user, workdir)
        self._layer(step, identity, lambda root: chroot.run(root, step.command(), environment, workdir, user, self.packages))

    def _copy(self, step):
        stage = self.stage
        *patterns, destination = [dockerfile.expand(word, stage.variables()) for word in step.words()]
        if not patterns:
            raise DockerfileError(f"line {step.line}: COPY needs a source and a destination")
        mode = int(step.flags["chmod"], 8) if "chmod" in step.flags else None
        owner = step.flags.get("chown", "0:0")

        def change(root, found):
            copy.copy(root, found, destination, stage.workdir(), _owner(owner, root), mode, stage.epoch)

        with self._source(step) as base:
            found = copy.sources(base, patterns)
            identity = (copy.digest(found), destination, stage.workdir(), owner, str(mode), str(len(found)),
                        *(path.name for path in found if not path.is_dir()))
            self._layer(step, identity, lambda root: change(root, found))

    def _source(self, step):
        """The context, or with --from the file system of an earlier stage."""
        name = step.flags.get("from")
        if name is None:
            return _AsIs(self.context)
        if name not in self.stages:
            raise DockerfileError(f"line {step.line}: no stage {name}")
        return self.cache.build(self.cache.key("look", *self.stages[name].keys), self.stages[name].keys)

    def _env(self, step):
        self.stage.environment |= dockerfile.assignments(step, self.stage.variables())

    def _label(self, step):
        self.stage.config.setdefault("Labels", {}).update(dockerfile.assignments(step, self.stage.variables()))

    def _arg(self, step):
        name, separator, default = step.text.partition("=")
        known = self.stage.variables() if self.stage else self.globals
        fallback = dockerfile.expand(default.strip("\"'"), known) if separator else self.globals.get(name, "")
        target = self.stage.arguments if self.stage else self.globals
        target[name] = self.given.get(name, fallback)

    def _entrypoint(self, step):
        self.stage.config["Entrypoint"] = step.command()
        self.stage.config.pop("Cmd", None)

    def _cmd(self, step):
        self.stage.config["Cmd"] = step.command()

    def _user(self, step):
        self.stage.config["User"] = dockerfile.expand(step.text, self.stage.variables())

    def _workdir(self, step):
        directory = os.path.normpath(os.path.join("/", self.stage.workdir(), dockerfile.expand(step.text, self.stage.variables())))
        self.stage.config["WorkingDir"] = directory
        self._layer(step, (directory,), lambda root: copy.resolve(root, directory).mkdir(parents=True, exist_ok=True))

    def _expose(self, step):
        ports = dockerfile.expand(step.text, self.stage.variables()).split()
        names = {port if "/" in port else f"{port}/tcp": {} for port in ports}
        self.stage.config.setdefault("ExposedPorts", {}).update(names)


class _AsIs:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        return None


def _owner(text, root):
    """USER[:GROUP] by number or by the names that the image knows."""
    user, _, group = text.partition(":")
    uid, primary = _look_up(root, "etc/passwd", user)
    return uid, _look_up(root, "etc/group", group)[0] if group else primary


def _look_up(root, table, name):
    if name.isdigit():
        return int(name), int(name)
    for line in (Path(root) / table).read_text().splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return int(fields[2]), int(fields[3] or 0) if table.endswith("passwd") else int(fields[2])
    raise ValueError(f"no {name} in /{table}")
