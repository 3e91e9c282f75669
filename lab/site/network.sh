# SPDX-License-Identifier: Apache-2.0
# One network namespace per site on one bridge of the machine. Where pod networks differ they are routed, not translated,
# between the sites and from the machine, as between data centres of one operator. Where they are the same, pods reach
# other nodes by the address of their own, and other sites' pods through what Liqo has set up (liqo/network.sh). To be sourced.

make_bridge() {
  ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge
  ip address replace "$BRIDGE_IP/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  accept_bridged_traffic
  shrink_conntrack
}

# CRIU walks the kernel's whole table of tracked connections, twice for each container that it dumps: 10 ms each
# with 262144 buckets, next to nothing with 16384. (docs/admin.md)
CONNTRACK_BUCKETS=/sys/module/nf_conntrack/parameters/hashsize
shrink_conntrack() {
  [ -w "$CONNTRACK_BUCKETS" ] && [ "$(cat "$CONNTRACK_BUCKETS")" -gt 16384 ] || return 0
  cat "$CONNTRACK_BUCKETS" >"$LAB/conntrack-buckets"
  echo 16384 >"$CONNTRACK_BUCKETS"
}

restore_conntrack() {
  [ -f "$LAB/conntrack-buckets" ] || return 0
  cat "$LAB/conntrack-buckets" >"$CONNTRACK_BUCKETS"
  rm "$LAB/conntrack-buckets"
}

# A container engine may have made the machine drop what it forwards, and bridged packets with it.
accept_bridged_traffic() {
  local rule=(FORWARD -i "$BRIDGE" -o "$BRIDGE" -j ACCEPT)
  iptables -S FORWARD 2>/dev/null | grep -q -- '-P FORWARD DROP' || return 0
  iptables -C "${rule[@]}" 2>/dev/null || iptables -I "${rule[@]}"
}

make_network() { # SITE
  local ns other
  ns=$(site_namespace "$1")
  ip netns add "$ns"
  ip link add "cv-$1" type veth peer name eth0 netns "$ns"
  ip link set "cv-$1" master "$BRIDGE" up
  ip -n "$ns" link set lo up
  ip -n "$ns" address add "$(site_ip "$1")/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route add default via "$BRIDGE_IP"
  # tcp_child_ehash_entries: else CRIU, which asks for a pod's sockets, walks the whole machine's table of connections,
  # 4 ms for each container that it dumps. It holds for network namespaces that are made from here on. (docs/admin.md)
  ip netns exec "$ns" sh -c 'cd /proc/sys/net/ipv4; echo 1 >ip_forward; [ ! -w tcp_child_ehash_entries ] || echo 1024 >tcp_child_ehash_entries'
  if [ "$LAB_NETWORK" = translated ]; then
    nft_in "$ns" <<<"table ip lab { chain postrouting { type nat hook postrouting priority srcnat; oifname eth0 ip saddr $(site_pod_cidr "$1") ip daddr != $(site_pod_cidr "$1") masquerade; }; }"
    [ "$1" != "$HUB" ] || route_from_machine "$(site_pod_cidr "$HUB")" "$HUB"
    return
  fi
  for other in "${SITES[@]}"; do
    [ "$other" = "$1" ] || ip -n "$ns" route add "$(site_pod_cidr "$other")" via "$(site_ip "$other")"
  done
  route_from_machine "$(site_pod_cidr "$1")" "$1"
}
route_from_machine() { ip route replace "$1" via "$(site_ip "$2")" dev "$BRIDGE"; } # NETWORK SITE
nft_in() { nsenter --net="/run/netns/$1" chroot "$BUILD/rootfs" nft -f -; }         # NAMESPACE

remove_network() { # SITE
  local ns
  ip link delete "cv-$1" 2>/dev/null || true
  for ns in "$(site_namespace "$1")" "$(link_namespace "$1")"; do [ ! -e "/run/netns/$ns" ] || ip netns delete "$ns"; done
}
link_namespace() { echo "carovana-link-$1"; } # what liqo/network.sh puts between the hub and a site

remove_bridge() { # unless a site is up
  [ -z "$(ls "/sys/class/net/$BRIDGE/brif" 2>/dev/null)" ] || return 0
  ip link delete "$BRIDGE" 2>/dev/null || true
  iptables -D FORWARD -i "$BRIDGE" -o "$BRIDGE" -j ACCEPT 2>/dev/null || true
  restore_conntrack
}
