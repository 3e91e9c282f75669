# SPDX-License-Identifier: Apache-2.0
# The cgroups of a site. Each node has one cgroup below the machine's root, in every hierarchy, and a
# cgroup namespace that makes it look like the root: two kubelets can then live on one machine.
# Works on cgroup v1 and hybrid (one hierarchy per controller) and on v2 (one hierarchy). To be sourced.

# In v2 a cgroup that hands controllers to its children may not hold processes itself:
# the node's own processes then live in a child.
cgroup_is_v2() { [ -f /sys/fs/cgroup/cgroup.controllers ]; }

cgroup_hierarchies() {
  local dir
  if cgroup_is_v2; then
    echo /sys/fs/cgroup
    return
  fi
  for dir in /sys/fs/cgroup/*; do
    [ ! -L "$dir" ] && [ -f "$dir/cgroup.procs" ] && echo "$dir"
  done
  return 0
}

make_cgroups() { # SITE
  local root dir controller
  for root in $(cgroup_hierarchies); do
    dir=$root/$(site_namespace "$1")
    mkdir -p "$dir"
    if [ -f "$dir/cpuset.cpus" ] && [ -f "$dir/cpuset.mems" ] && ! cgroup_is_v2; then
      cat "$root/cpuset.cpus" >"$dir/cpuset.cpus"
      cat "$root/cpuset.mems" >"$dir/cpuset.mems"
    fi
    cgroup_is_v2 || continue
    for controller in $(cat "$dir/cgroup.controllers"); do
      echo "+$controller" >"$dir/cgroup.subtree_control" 2>/dev/null || true
    done
    mkdir -p "$dir/init"
  done
}

# Puts the calling shell into the site's cgroups: all that it starts belongs to the node.
join_cgroups() { # SITE [CHILD]
  local root
  for root in $(cgroup_hierarchies); do
    echo "$BASHPID" >"$root/$(site_namespace "$1")/${2:-}/cgroup.procs"
  done
}

# As systemd does: the node's own services share the processor with its pods as one, else each of them would weigh
# half as much as all pods together. In v2 that is so anyway. To be called inside the node's cgroup namespace.
join_system_slice() {
  local root
  ! cgroup_is_v2 || return 0
  for root in /sys/fs/cgroup/cpu /sys/fs/cgroup/cpu,cpuacct; do
    [ -d "$root" ] || continue
    mkdir -p "$root/system.slice"
    echo "$BASHPID" >"$root/system.slice/cgroup.procs"
  done
}

# In which child of the site's cgroup the node's own processes live.
cgroup_home() { cgroup_is_v2 && echo init || true; }

cgroup_members() { # SITE
  local root
  for root in $(cgroup_hierarchies); do
    find "$root/$(site_namespace "$1")" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -un
}

# With version 1 a frozen process does not even die, and its pid namespace waits for it.
thaw_cgroups() { # SITE
  local root file
  for root in $(cgroup_hierarchies); do
    for file in $(find "$root/$(site_namespace "$1")" -name freezer.state 2>/dev/null || true); do
      echo THAWED 2>/dev/null >"$file" || true # it has just gone
    done
  done
}

# Whatever sits in the site's cgroups was started by the lab: only those processes are killed.
remove_cgroups() { # SITE
  local root dir tries pid
  for ((tries = 0; tries < 50; tries++)); do
    [ -n "$(cgroup_members "$1")" ] || break
    [ "$tries" -lt 10 ] || for pid in $(cgroup_members "$1"); do kill -9 "$pid" 2>/dev/null || true; done
    sleep 0.1
  done
  for root in $(cgroup_hierarchies); do
    dir=$root/$(site_namespace "$1")
    [ -d "$dir" ] || continue
    for ((tries = 0; tries < 50; tries++)); do
      find "$dir" -depth -type d -exec rmdir {} \; 2>/dev/null && break
      sleep 0.1
    done
    [ ! -d "$dir" ] || say "cgroup $dir could not be removed"
  done
}

mount_cgroups() { # TARGET; to be called inside the node's cgroup namespace
  local root name
  if cgroup_is_v2; then
    mount -t cgroup2 cgroup2 "$1"
    return
  fi
  mount -t tmpfs -o mode=0755 cgroup "$1"
  for root in $(cgroup_hierarchies); do
    name=$(basename "$root")
    mkdir "$1/$name"
    case $name in
      unified) mount -t cgroup2 cgroup2 "$1/$name" ;;
      systemd) mount -t cgroup -o none,name=systemd cgroup "$1/$name" ;;
      *) mount -t cgroup -o "$name" cgroup "$1/$name" ;;
    esac
  done
}
