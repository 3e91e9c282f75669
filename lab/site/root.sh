#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# root.sh SITE: pid 1 of the node. Builds the node's root file system, moves into it and starts node.sh.
# pivot_root, not chroot: CRIU's mount check fails in a chroot. The data of containerd sits outside the
# overlay, because its own overlays cannot be stacked on one.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
. "$LAB_SOURCE/site/cgroups.sh"
site=$1
dir=$(site_dir "$site")

mkdir -p "$dir"/{root,upper,work,containerd,kubelet,etcd,log,run} "$LAB"/{registry,shared}
mount -t overlay overlay -o "lowerdir=$BUILD/rootfs,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
cd "$dir/root"
mkdir -p old lab/{bin,images,source,site,registry,shared} opt/carovana/bin var/lib/{containerd,kubelet}
mount -t proc proc proc
mount -t sysfs sysfs sys
mount_cgroups sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=0755,size=4g tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir run/lock
mount --bind "$BUILD/bin" lab/bin
mount --bind "$BUILD/images" lab/images
mount --bind "$LAB_SOURCE" lab/source
mount --bind "$LAB/registry" lab/registry
mount --bind "$LAB/shared" lab/shared # in place of an NFS server
mount --bind "$dir" lab/site
mount --bind "$dir/containerd" var/lib/containerd
mount --bind "$dir/kubelet" var/lib/kubelet
pivot_root . old
cd /
umount -l /old
mount --make-rshared /
hostname "$site"
exec env -i PATH="$NODE_PATH" HOME=/root CAROVANA_LAB_NETWORK="$LAB_NETWORK" /bin/bash /lab/source/site/node.sh "$site"
