# SPDX-License-Identifier: Apache-2.0
# Settings and functions shared by the commands of the virtual nodes. To be sourced by bash.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
VM_SOURCE=$LAB_SOURCE/vm
VM=$LAB/vm                      # images and running state of virtual nodes

MIXED_SITES=("${PROVIDERS[@]}")  # sites of the lab that virtual nodes may join

VM_CPUS=1
VM_MEMORY=2048                  # MiB
KERNELS=(stable newest)         # Debian's stable kernel and the newest of its archive, on the same root file system

# The virtual nodes of a site. They have no network namespace: their taps are ports of the lab's bridge.
nodes_of() { # SITE
  case $1 in edge-a) echo edge-a-2 edge-a-3 ;; edge-b) echo edge-b-2 ;; edge-c) echo edge-c-1 edge-c-2 ;; edge-d) echo edge-d-1 ;; *) return 1 ;; esac
}
node_site() { echo "${1%-*}"; }
node_number() { echo "${1##*-}"; }
node_ip() { echo "10.77.0.$(($(site_number "$(node_site "$1")") * 10 + $(node_number "$1")))"; }
node_pod_cidr() { echo "$(site_pod_prefix "$(node_site "$1")").$(node_number "$1").0/24"; }
node_mac() { printf '52:54:00:77:%02x:%02x\n' "$(site_number "$(node_site "$1")")" "$(node_number "$1")"; }
node_dir() { echo "$VM/nodes/$1"; }
require_node() {
  local site
  for site in "${VIRTUAL_SITES[@]}" "${MIXED_SITES[@]}"; do case " $(nodes_of "$site") " in *" ${1:-} "*) return ;; esac done
  die "no virtual node '${1:-}': use one of $(for site in "${VIRTUAL_SITES[@]}" "${MIXED_SITES[@]}"; do nodes_of "$site"; done | paste -sd' ')"
}

# node_run NODE SECONDS CMD: runs a line of bash as root in the node; input, output and exit status are its own.
node_run() { "$VM_SOURCE/sh" -t "$2" "$1" "$3"; }
