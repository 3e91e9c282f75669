# SPDX-License-Identifier: Apache-2.0
"""Runs a command of a Dockerfile inside a root file system, without a container engine."""
import ctypes
import os
import signal
import subprocess
from pathlib import Path

PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy")
# /run is a tmpfs during the command: what is put there to reach the package archive stays out of the image.
# $1 root, $2 downloaded packages, $3 name servers, $4 settings of apt; then the command.
ENTER = r"""
set -e
root=$1 packages=$2 resolv=$3 apt=$4
shift 4
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mkdir -p "$root/run/lock"
cp "$apt" "$root/run/lab-apt.conf"
[ ! -f "$root/etc/resolv.conf" ] || mount --bind "$resolv" "$root/etc/resolv.conf"
[ ! -d "$root/var/cache/apt/archives" ] || mount --bind "$packages" "$root/var/cache/apt/archives"
exec chroot "$@"
"""


PR_SET_PDEATHSIG = 1


class CommandFailed(Exception):
    pass


def run(root, command, environment, workdir, user, packages):
    """Runs `command` (a list) in `root` in namespaces of its own; all mounts and processes end with it."""
    packages = Path(packages)
    (packages / "partial").mkdir(parents=True, exist_ok=True)
    settings = packages.parent / "apt.conf"
    settings.write_text(_apt_settings())
    variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    variables |= {name: os.environ[name] for base in PROXIES for name in (base, base.upper()) if name in os.environ}
    variables |= environment
    variables |= {"APT_CONFIG": "/run/lab-apt.conf"}
    inside = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    inside += ["sh", "-c", 'cd "$0" && exec "$@"', workdir or "/", *command]
    chroot = [*([f"--userspec={user}"] if user else []), str(root), *inside]
    process = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=SIGKILL", "--propagation", "private",
               "sh", "-c", ENTER, "sh", str(root), str(packages), os.path.realpath("/etc/resolv.conf"), str(settings), *chroot]
    code = subprocess.run(process, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent).returncode
    if code:
        raise CommandFailed(f"command ended with {code}: {command[-1]}")


def _die_with_parent():
    """A killed build must not leave its command running beside the next build."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _apt_settings():
    """The machine's own way to the package archive. Check-Valid-Until: mirrors of sid may lag behind."""
    lines = ['Acquire::Check-Valid-Until "false";', 'APT::Sandbox::User "root";', 'APT::Keep-Downloaded-Packages "true";']
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True).stdout.splitlines()
    return "\n".join(lines + [line for line in dump if line.startswith("Acquire::http") and "Proxy" in line]) + "\n"
