#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# enter.sh SITE: becomes the node of SITE. Needs its network namespace and cgroups, and ends when the node ends.
# Not "ip netns exec", which hides the cgroup mounts. --kill-child: the node never outlives this process.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
. "$LAB_SOURCE/site/cgroups.sh"
site=$1

case ${2:-} in
  '') # still in the machine's namespaces
    echo "$$ $(start_time $$)" >"$(site_dir "$site")/starter"
    join_cgroups "$site"
    exec nsenter --net="/run/netns/$(site_namespace "$site")" unshare --cgroup "$0" "$site" inside-cgroup-namespace
    ;;
  inside-cgroup-namespace)
    join_cgroups "$site" "$(cgroup_home)"
    offset=$(site_clock_offset "$site")
    exec unshare --uts --ipc --mount --pid --time --monotonic="$offset" --boottime="$offset" \
      --propagation private --fork --kill-child=SIGKILL "$LAB_SOURCE/site/root.sh" "$site"
    ;;
esac
