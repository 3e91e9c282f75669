# SPDX-License-Identifier: Apache-2.0
# Debian root file systems. To be sourced.

NODE_PACKAGES=criu,runc,containerd,containernetworking-plugins,etcd-server,docker-registry,kubectl,iproute2,iptables
NODE_PACKAGES+=,nftables,conntrack,procps,python3,ca-certificates,curl,kmod,socat,ethtool,xz-utils,zstd

# debootstrap_into DIRECTORY PACKAGES: Debian sid with the given packages (commas between), downloaded once.
# sid, because CRIU's "network-lock skip" is in no earlier Debian.
debootstrap_into() {
  local log=$BUILD/${1##*/}.log
  rm -rf --one-file-system "$1"
  mkdir -p "$BUILD/packages"
  debootstrap --variant=minbase --cache-dir="$BUILD/packages" ${2:+--include="$2"} sid "$1" >"$log" 2>&1 ||
    die "debootstrap failed, see $log"
  # debootstrap leaves the machine's name and name servers behind
  rm -rf "$1/etc/hostname" "$1/etc/resolv.conf" "$1"/var/cache/apt/archives/*.deb "$1"/var/log/*.log
  : >"$1/etc/resolv.conf"
}

make_rootfs() { # DIRECTORY PACKAGES
  [ ! -d "$1" ] || return 0
  say "Debian root file system (about a minute; log: $1.tmp.log)"
  debootstrap_into "$1.tmp" "$2"
  mv "$1.tmp" "$1"
}

# The same as a base of images: no documentation, no started services, no synchronous writes by dpkg.
make_slim_rootfs() { # DIRECTORY PACKAGES
  local released
  [ ! -d "$1" ] || return 0
  say "Debian root file system ${1##*/} (half a minute; log: $1.tmp.log)"
  debootstrap_into "$1.tmp" "$2"
  released=$(sed -n 's/^Date: //p' "$1.tmp"/var/lib/apt/lists/*Release | head -n 1)
  write_slim_settings "$1.tmp"
  rm -rf "$1.tmp"/usr/share/{doc,man,info,locale}/* "$1.tmp"/var/lib/apt/lists/* "$1.tmp/var/cache/ldconfig/aux-cache"
  # no file is later than the archive's release: the same packages make the same layer
  touch -d "${released:-now}" "$1.tmp"
  mv "$1.tmp" "$1"
}

write_slim_settings() { # ROOT
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf 'path-include /usr/share/doc/*/copyright\nforce-unsafe-io\n' >>"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 0755 "$1/usr/sbin/policy-rc.d"
}
