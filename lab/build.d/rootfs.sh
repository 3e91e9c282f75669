# SPDX-License-Identifier: Apache-2.0
# Debian root file systems. To be sourced.

NODE_PACKAGES=criu,runc,containerd,containernetworking-plugins,etcd-server,docker-registry,kubectl,iproute2,iptables
NODE_PACKAGES+=,nftables,conntrack,procps,python3,ca-certificates,curl,kmod,socat,ethtool,xz-utils,zstd

# make_rootfs DIRECTORY PACKAGES: Debian sid with the given packages (commas between). Packages are downloaded once.
# sid, because CRIU's "network-lock skip" is in no earlier Debian.
make_rootfs() {
  local target=$1 packages=$2 log=$BUILD/$(basename "$1").log
  [ ! -d "$target" ] || return 0
  say "Debian root file system $(basename "$target") (about a minute; log: $log)"
  rm -rf --one-file-system "$target.tmp"
  mkdir -p "$BUILD/packages"
  debootstrap --variant=minbase --cache-dir="$BUILD/packages" ${packages:+--include="$packages"} sid "$target.tmp" >"$log" 2>&1 ||
    die "debootstrap failed, see $log"
  # debootstrap leaves the machine's name and name servers behind
  : >"$target.tmp/etc/resolv.conf"
  rm -rf "$target.tmp/etc/hostname" "$target.tmp"/var/cache/apt/archives/*.deb
  mv "$target.tmp" "$target"
}
