# SPDX-License-Identifier: Apache-2.0
"""Runs Helm and kubectl, without a cluster, and reads what they print."""
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("CAROVANA_HOME", Path.home() / ".cache/carovana")) / "lab/build"
HELM, KUBECTL = BUILD / "bin/helm", BUILD / "rootfs/usr/bin/kubectl"
NEEDED = {
    "carovana-hub": {"image.repository": "carovana"},
    "carovana-site": {"image.repository": "carovana", "site.name": "set-me", "hub.address": "set-me:30443"},
}


def run(*command, stdin=None):
    return subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=60)


def output(*command, stdin=None):
    done = run(*command, stdin=stdin)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


def template(chart, *options, folder=ROOT / "charts", **values):
    """Dots in the names of values are written as double underscores; the values are JSON."""
    wanted = [*NEEDED[chart].items(), *((name.replace("__", "."), value) for name, value in values.items())]
    settings = [f"--set-json={name}={json.dumps(value)}" for name, value in wanted]
    return run(HELM, "template", chart, folder / chart, "--namespace=carovana-system", *settings, *options)


def rendered(chart, *options, **values):
    done = template(chart, "--skip-tests", *options, **values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return objects(done.stdout)


def kustomized(folder):
    return objects(output(KUBECTL, "kustomize", ROOT / "k8s" / folder))


def objects(text):
    """Those of a YAML stream, by kind and name, as a release in carovana-system leaves them."""
    rest, found = output(KUBECTL, "annotate", "--local", "--kubeconfig=/dev/null", "--filename=-", "--output=json", "none-", stdin=text), {}
    while rest := rest.lstrip():
        one, end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:]
        if one["metadata"].get("namespace") == "carovana-system":
            del one["metadata"]["namespace"]
        key = (one["kind"], one["metadata"]["name"])
        if key in found:
            raise AssertionError(f"two of {key}")
        found[key] = one
    return found
