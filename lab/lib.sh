# SPDX-License-Identifier: Apache-2.0
# Settings and functions shared by all commands of the lab. To be sourced by bash.

LAB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CAROVANA_HOME=${CAROVANA_HOME:-$HOME/.cache/carovana}
LAB=$CAROVANA_HOME/lab          # everything the lab builds and runs
BUILD=$LAB/build                # results of lab/build
SITES_DIR=$LAB/sites            # running state, one directory per site
LOCK=$LAB/lock
OWNER=/run/carovana-lab         # names the CAROVANA_HOME of the lab that is up
# translated: the sites have the same network of pods, as clusters have that nobody planned together, and Liqo translates.
# routed: pod networks differ, and every site reaches all of them. A lab that is up keeps what it was started with.
WANTED_NETWORK=${CAROVANA_LAB_NETWORK:-translated}
LAB_NETWORK=$(cat "$LAB/network" 2>/dev/null || echo "$WANTED_NETWORK")

KUBERNETES_VERSION=1.36.3
LIQO_VERSION=v1.2.0
COREDNS_VERSION=v1.14.7
KNATIVE_VERSION=v0.50.0
HELM_VERSION=v4.3.2

BRIDGE=carovana0
BRIDGE_IP=10.77.0.1
SERVICE_CIDR=10.96.0.0/16
API_SERVICE_IP=10.96.0.1
DNS_SERVICE_IP=10.96.0.10
REGISTRY=10.77.0.11:5000
CONTROLLER_NODE_PORT=30080
GATEWAY_NODE_PORT=30800
KNATIVE_INGRESS_PORT=8000
LIQO_IMAGES=(liqo-controller-manager crd-replicator webhook virtual-kubelet ipam proxy) # named as its programs
PAUSE_IMAGE=carovana.lab/pause:1
NODE_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/lab/bin

# The first site is the hub: Liqo consumer of all the others.
SITES=(hub edge-a edge-b)
HUB=hub
PROVIDERS=(edge-a edge-b)
# Sites whose nodes are virtual machines (lab/vm); only their control planes are processes of this machine.
VIRTUAL_SITES=(edge-c edge-d)

site_number() { # also the second octet of its pod network, after 100, where pod networks differ
  case $1 in hub) echo 1 ;; edge-a) echo 2 ;; edge-b) echo 3 ;; edge-c) echo 4 ;; edge-d) echo 5 ;; *) return 1 ;; esac
}
site_ip() { echo "10.77.0.$((10 + $(site_number "$1")))"; }
site_pod_prefix() { if [ "$LAB_NETWORK" = translated ] && ! is_virtual "$1"; then echo 10.244; else echo "10.$((100 + $(site_number "$1")))"; fi; }
site_pod_cidr() { echo "$(site_pod_prefix "$1").0.0/16"; }
site_node_pod_cidr() { echo "$(site_pod_prefix "$1").1.0/24"; }
site_clock_offset() { # seconds that the site's monotonic clock is ahead of the machine's, as on different machines
  case $1 in edge-a) echo 50000 ;; edge-b) echo 200000 ;; *) echo 0 ;; esac
}
site_namespace() { echo "carovana-$1"; } # name of its network namespace and of its cgroups
is_virtual() { [[ " ${VIRTUAL_SITES[*]} " == *" $1 "* ]]; }
site_dir() { echo "$SITES_DIR/$1"; }

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
# help TEXT ARGS...: prints TEXT and ends if the first of ARGS asks for help.
help() {
  case ${2:-} in -h | --help)
    printf '%s\n' "$1"
    exit 0
    ;;
  esac
}
require_root() { [ "$(id -u)" = 0 ] || die "must run as root (it makes namespaces, cgroups and mounts)"; }
require_site() { site_number "${1:-}" >/dev/null || die "no site '${1:-}': use one of ${SITES[*]}"; }

# Only one command at a time may change the lab. The lock goes with the process that holds
# descriptor 9, so whatever outlives the command must be started with 9>&-.
take_lock() {
  mkdir -p "$LAB"
  exec 9>"$LOCK"
  flock -n 9 || {
    say "another lab command is at work, waiting for it"
    flock 9
  }
}

# wait_for SECONDS TEXT CMD...: runs CMD until it succeeds.
wait_for() {
  local limit=$((SECONDS + $1)) text=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || die "timed out waiting for $text"
    sleep 0.2
  done
}

kubeconfig() { echo "$(site_dir "$1")/pki/admin.kubeconfig"; }
kubectl_at() { # SITE ARGS...
  local site=$1
  shift
  "$BUILD/rootfs/usr/bin/kubectl" --kubeconfig "$(kubeconfig "$site")" "$@"
}

# A pid alone can be used again by a stranger: it is recorded and checked together with its start time.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# recorded_process FILE: prints the pid that is in the file, with its start time, if that process is alive.
recorded_process() {
  local pid start
  read -r pid start 2>/dev/null <"$1" || return 1
  [ -n "$start" ] && [ "$(start_time "$pid")" = "$start" ] && echo "$pid"
}

# Prints the pid of the process that started the site (the parent of the node's pid 1), if it is alive.
site_starter() { recorded_process "$(site_dir "$1")/starter"; }
# Prints the pid, as the machine sees it, of pid 1 of the site's node.
site_init() {
  local starter init
  starter=$(site_starter "$1") || return 1
  read -r init _ <"/proc/$starter/task/$starter/children" || true # the list ends without a newline
  [ -n "$init" ] && echo "$init"
}

# retry CMD...: for changes that an API server does not take yet. Keeps its standard input.
retry() {
  local input tries
  input=$(cat)
  for ((tries = 0; tries < 20; tries++)); do
    "$@" <<<"$input" && return
    sleep 0.5
  done
  return 1
}

# at_each_site TEXT FUNCTION [SITE...]: runs FUNCTION SITE for sites, all if none is given, at the same time.
at_each_site() {
  local text=$1 function=$2 site pids=() pid
  shift 2
  [ $# -gt 0 ] || set -- "${SITES[@]}"
  for site; do
    "$function" "$site" >"$(site_dir "$site")/log/$function.log" 2>&1 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || die "$function failed, see $SITES_DIR/*/log/$function.log"; done
  say "$text"
}
