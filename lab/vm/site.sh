# SPDX-License-Identifier: Apache-2.0
# Starts and ends virtual nodes, and the control planes of sites that have no others. To be sourced.
. "$LAB_SOURCE/site/site.sh"
. "$LAB_SOURCE/site/config.sh"
. "$VM_SOURCE/machine.sh"

tap_of() { echo "cv-$1"; } # NODE

virtual_nodes_are_up() { # SITE
  local node
  site_init "$1" >/dev/null || return 1
  for node in $(nodes_of "$1"); do machine_process "$(node_dir "$node")" >/dev/null || return 1; done
}

# Whether they were started, and not ended since: they may have died.
virtual_nodes_are_known() { # SITE
  local node
  for node in $(nodes_of "$1"); do [ ! -d "$(node_dir "$node")" ] || return 0; done
  return 1
}

start_virtual_nodes() { # SITE
  local node
  if is_virtual "$1"; then
    make_network "$1"
    start_site "$1"
  fi
  for node in $(nodes_of "$1"); do start_node "$node"; done
}

# Safe to repeat.
install_virtual_nodes() { # SITE
  local node
  wait_for_api "$1"
  for node in $(nodes_of "$1"); do [ -e "$(node_dir "$node")/installed" ] || install_node "$node"; done
}

await_virtual_nodes() { # SITE
  local node
  for node in $(nodes_of "$1"); do
    wait_for 400 "node $node" node_is_ready "$1" "$node"
    is_virtual "$1" || kubectl_at "$1" cordon "$node" >/dev/null # the site's other pods stay where they are faster
  done
}

remove_virtual_nodes() { # SITE
  local node
  for node in $(nodes_of "$1"); do
    kill_machine "$(node_dir "$node")"
    ip link delete "$(tap_of "$node")" 2>/dev/null || true
    [ ! -d "$(node_dir "$node")" ] || is_virtual "$1" || forget_node "$node"
    rm -rf "$(node_dir "$node")"
  done
  ! is_virtual "$1" || remove_site "$1"
}

# Pods of a node that is gone would stay for ever. Nothing is to be forgotten by a site that has ended, or whose API server has.
forget_node() { # NODE
  local site
  site=$(node_site "$1")
  site_init "$site" >/dev/null && api_answers "$site" >/dev/null 2>&1 || return 0
  ip -n "$(site_namespace "$site")" route delete "$(node_pod_cidr "$1")" 2>/dev/null || true
  kubectl_at "$site" delete node "$1" --ignore-not-found >/dev/null
  kubectl_at "$site" delete pods -A --field-selector "spec.nodeName=$1" --force --grace-period=0 --ignore-not-found >/dev/null 2>&1
}

# Both of Debian's kernels are in use: the first node of a virtual site has the stable one. Beside the lab's own nodes all have that: what a
# program has got from a newer kernel may keep it from going to an older one.
node_kernel() { # NODE
  [ -n "${CAROVANA_VM_KERNEL:-}" ] && echo "$CAROVANA_VM_KERNEL" && return
  ! is_virtual "$(node_site "$1")" || [ "$(node_number "$1")" = 1 ] && echo stable || echo newest
}

start_node() { # NODE
  local node=$1 folder kernel tap
  folder=$(node_dir "$node") kernel=$(node_kernel "$node") tap=$(tap_of "$node")
  mkdir -p "$folder"
  cp "$VM/image/$kernel/disk.qcow2" "$folder/"
  ip tuntap add "$tap" mode tap
  ip link set "$tap" master "$BRIDGE" up
  ! is_virtual "$(node_site "$node")" || ip route replace "$(node_pod_cidr "$node")" via "$(node_ip "$node")" dev "$BRIDGE"
  ip -n "$(site_namespace "$(node_site "$node")")" route replace "$(node_pod_cidr "$node")" via "$(node_ip "$node")"
  start_machine "$folder" "$kernel" "tap,ifname=$tap,script=no,downscript=no" -loadvm ready
  identify "$folder" 120 "$(identity "$node")" || die "node $node could not be given its name and addresses"
}

# All nodes come from one moment: name, address and time are each node's own.
identity() { # NODE
  local node=$1 other line
  line="set -e; date -s @$(date +%s); hostname $node; echo $node >/etc/hostname; echo 127.0.0.1 localhost $node >/etc/hosts"
  line+="; dev=\$(ls /sys/class/net | grep -v -e lo -e cni -e veth); ip link set \$dev down; ip link set \$dev address $(node_mac "$node")"
  line+="; ip link set \$dev up; ip address add $(node_ip "$node")/24 dev \$dev; ip route add default via $(node_gateway "$node")"
  for other in $(node_routes "$node"); do line+="; ip route add ${other/=/ via }"; done
  echo "$line"
}
# Beside a node of the lab, that one leads to other sites, as Liqo's gateway node does.
node_gateway() { if is_virtual "$(node_site "$1")"; then echo "$BRIDGE_IP"; else site_ip "$(node_site "$1")"; fi; } # NODE
node_routes() { # NODE: CIDR=GATEWAY of the pods elsewhere
  local site other sites=("$(node_site "$1")")
  if is_virtual "${sites[0]}"; then
    sites=("${VIRTUAL_SITES[@]}")
    [ "$LAB_NETWORK" = translated ] || for site in "${SITES[@]}"; do echo "$(site_pod_cidr "$site")=$(site_ip "$site")"; done
  fi
  for site in "${sites[@]}"; do
    for other in $(nodes_of "$site"); do [ "$other" = "$1" ] || echo "$(node_pod_cidr "$other")=$(node_ip "$other")"; done
  done
}

# What an administrator does with a node: kubelet's credentials, the pods' network, and Carovana's handler as docs/admin.md has it.
install_node() { # NODE
  local node=$1 site work
  site=$(node_site "$node") work=$(node_dir "$node")/install
  mkdir -p "$work"/etc/{kubernetes,cni/net.d,containerd/conf.d,containerd/certs.d/"$REGISTRY"}
  (
    cd "$(site_dir "$site")/pki"
    umask 077
    make_certificate "kubelet-$node" "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$(node_ip "$node")"
    cp ca.crt "$work/etc/kubernetes/"
    for name in crt key; do cp "kubelet-$node.$name" "$work/etc/kubernetes/kubelet.$name"; done
    print_kubeconfig "$site" "kubelet-$node" >"$work/etc/kubernetes/kubelet.kubeconfig"
    cp proxy.kubeconfig "$work/etc/kubernetes/kube-proxy.kubeconfig"
  )
  printf 'NODE_NAME=%s\nNODE_IP=%s\nCLUSTER_CIDR=%s\n' "$node" "$(node_ip "$node")" "$(site_pod_cidr "$site")" >"$work/etc/kubernetes/node.env"
  print_cni_config "$(node_pod_cidr "$node")" >"$work/etc/cni/net.d/10-lab.conflist"
  printf 'server = "http://%s"\n' "$REGISTRY" >"$work/etc/containerd/certs.d/$REGISTRY/hosts.toml"
  sed -n '/^```toml$/,/^```$/{/^```/!p}' "$LAB_SOURCE/../docs/admin.md" >"$work/etc/containerd/conf.d/carovana.toml"
  print_masquerade "$node" >"$work/etc/nftables.conf"
  tar -C "$work" -c . | node_run "$node" 120 "tar -x -m -C / --no-overwrite-dir && nft -f /etc/nftables.conf && systemctl restart containerd && systemctl start kubelet" >&2
  is_virtual "$site" || node_run "$node" 120 "systemctl start kube-proxy" </dev/null >&2
  touch "$(node_dir "$node")/installed"
}

# Other nodes do not know the pods of a site whose network of pods others have too.
print_masquerade() { # NODE
  echo "table ip lab"
  is_virtual "$(node_site "$1")" || [ "$LAB_NETWORK" = routed ] ||
    echo "table ip lab { chain postrouting { type nat hook postrouting priority srcnat; ip saddr $(node_pod_cidr "$1") ip daddr ${BRIDGE_IP%.*}.0/24 masquerade; }; }"
}
