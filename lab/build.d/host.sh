# SPDX-License-Identifier: Apache-2.0
# What the machine itself must have. To be sourced.

GO_MINIMUM=1.26

# program package, for all that the lab and the tests call on the machine
host_programs() {
  cat <<'LIST'
debootstrap debootstrap
ip iproute2
nft nftables
nsenter util-linux
unshare util-linux
openssl openssl
curl curl
python3 python3
flock util-linux
LIST
}

install_host_packages() {
  local program package missing=()
  while read -r program package; do
    command -v "$program" >/dev/null || missing+=("$package")
  done < <(host_programs)
  install_packages "${missing[@]}"
}

install_packages() { # PACKAGE...
  [ $# -gt 0 ] || return 0
  say "missing on this machine: $*"
  command -v apt-get >/dev/null || die "no apt-get here: install $* by hand and try again"
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

check_go() {
  local version
  command -v go >/dev/null || die "Go is missing: install Go $GO_MINIMUM or later (https://go.dev/dl) and put it on PATH"
  version=$(GOTOOLCHAIN=local go env GOVERSION)
  version=${version#go}
  [ "$(printf '%s\n%s\n' "$GO_MINIMUM" "$version" | sort -V | head -n 1)" = "$GO_MINIMUM" ] ||
    die "Go $version is too old: install Go $GO_MINIMUM or later (https://go.dev/dl)"
}

check_kernel() {
  local name
  for name in net mnt pid ipc uts cgroup time; do
    [ -e "/proc/self/ns/$name" ] || die "this kernel has no $name namespaces"
  done
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || die "this kernel has no overlay file system"
}
