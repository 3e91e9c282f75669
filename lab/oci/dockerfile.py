# SPDX-License-Identifier: Apache-2.0
"""Reads Dockerfiles: the part of the language that needs no container engine."""
import json
import re
import shlex
from dataclasses import dataclass, field

KNOWN = {"FROM", "COPY", "RUN", "ENV", "ENTRYPOINT", "CMD", "USER", "WORKDIR", "EXPOSE", "ARG", "LABEL"}
VARIABLE = re.compile(r"\\(.)|\$(?:(\w+)|\{(\w+)(?:(:[-+])([^}]*))?\})")


class DockerfileError(Exception):
    pass


@dataclass(frozen=True)
class Instruction:
    line: int
    name: str
    text: str
    flags: dict = field(default_factory=dict)

    def json(self):
        """The argument in its JSON (exec) form, or None."""
        try:
            value = json.loads(self.text) if self.text.startswith("[") else None
        except ValueError:
            return None
        return value if isinstance(value, list) and all(isinstance(word, str) for word in value) else None

    def words(self):
        return self.json() or shlex.split(self.text)

    def command(self):
        return self.json() or ["/bin/sh", "-c", self.text]


def parse(text):
    return [_instruction(number, line) for number, line in _logical_lines(text)]


def expand(text, variables):
    """Replaces $NAME, ${NAME}, ${NAME:-default} and ${NAME:+alternative}."""
    def value(match):
        escaped, plain, braced, operator, word = match.groups()
        if escaped:
            return escaped if escaped == "$" else match.group(0)
        found = variables.get(plain or braced, "")
        if operator == ":-":
            return found or expand(word, variables)
        if operator == ":+":
            return expand(word, variables) if found else ""
        return found
    return VARIABLE.sub(value, text)


def assignments(instruction, variables):
    """The pairs of ENV and LABEL: NAME=VALUE..., or the old form NAME VALUE."""
    text = expand(instruction.text, variables)
    if "=" not in text.split(None, 1)[0]:
        name, _, value = text.partition(" ")
        return {name: value.strip()}
    return dict(word.split("=", 1) for word in shlex.split(text))


def _logical_lines(text):
    start, parts = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#") or (not stripped and not parts):
            continue
        start = start if parts else number
        parts.append(stripped.removesuffix("\\").rstrip() if stripped.endswith("\\") else stripped)
        if not stripped.endswith("\\"):
            yield start, " ".join(part for part in parts if part)
            parts = []
    if parts:
        yield start, " ".join(parts)


def _instruction(number, line):
    name, _, text = line.partition(" ")
    name, text, flags = name.upper(), text.strip(), {}
    if name not in KNOWN:
        raise DockerfileError(f"line {number}: {name} is not understood here (known: {', '.join(sorted(KNOWN))})")
    while match := re.match(r"--([a-z]+)=(\S+)\s+", text) if name in ("COPY", "RUN", "FROM") else None:
        flags[match.group(1)] = match.group(2)
        text = text[match.end():]
    if not text:
        raise DockerfileError(f"line {number}: {name} without argument")
    return Instruction(number, name, text, flags)
