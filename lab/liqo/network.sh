# SPDX-License-Identifier: Apache-2.0
# What stands in for Liqo's gateways, tunnel and overlay network, which need WireGuard and Geneve: one network namespace
# between the hub and each site, which translates addresses by the Configurations that Liqo's IPAM has filled in.
# Sites have no such namespace between them, as providers that are not peered with each other have no tunnel. To be sourced.

translate() { # PROVIDER
  exchange_configurations "$1"
  link_sites "$1"
  report_connection "$1"
}

# What users do whose machine reaches one of two clusters at a time: each cluster gets the other's Configuration.
exchange_configurations() { # PROVIDER
  configure "$HUB" "$1"
  configure "$1" "$HUB"
  wait_for 60 "addresses of $1 at the hub" seen_as "$HUB" "$1"
  wait_for 60 "addresses of the hub at $1" seen_as "$1" "$HUB"
}
configure() { # SITE REMOTE
  kubectl_at "$1" apply --server-side -f - <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: liqo-tenant-$2, labels: {liqo.io/remote-cluster-id: $2, liqo.io/tenant-namespace: "true"}}
YAML
  liqoctl_at "$2" generate configuration | retry kubectl_at "$1" -n "liqo-tenant-$2" apply --server-side -f -
}
# Prints the network by which SITE knows REMOTE's pods.
seen_as() { # SITE REMOTE
  local network
  network=$(kubectl_at "$1" -n "liqo-tenant-$2" get configuration "$2" -o 'jsonpath={.status.remote.cidr.pod[0]}')
  [ -n "$network" ] && echo "$network"
}

link_sites() { # PROVIDER
  local link number
  link=$(link_namespace "$1")
  number=$(site_number "$1")
  ip netns list | grep -qw "$link" || ip netns add "$link"
  ip netns exec "$link" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter'
  plug "$HUB" "$1" "$link" hub "10.77.$((100 + number))" "$(seen_as "$HUB" "$1")" 1
  plug "$1" "$HUB" "$link" site "10.77.$((200 + number))" "$(seen_as "$1" "$HUB")" 2
  ip -n "$link" route replace default via "10.77.$((200 + number)).1" table 1
  ip -n "$link" route replace default via "10.77.$((100 + number)).1" table 2
  print_translation "$1" | nft_in "$link"
  route_from_machine "$(seen_as "$HUB" "$1")" "$HUB"
}
plug() { # SITE REMOTE LINK INTERFACE PREFIX REMOTE-NETWORK TABLE
  local ns
  ns=$(site_namespace "$1")
  if ! ip -n "$ns" link show "liqo-$2" >/dev/null 2>&1; then
    ip -n "$ns" link add "liqo-$2" type veth peer name "$4" netns "$3"
  fi
  ip -n "$ns" address replace "$5.1/30" dev "liqo-$2"
  ip -n "$ns" link set "liqo-$2" up
  ip -n "$3" address replace "$5.2/30" dev "$4"
  ip -n "$3" link set "$4" up
  ip -n "$3" rule del iif "$4" table "$7" 2>/dev/null || true
  ip -n "$3" rule add iif "$4" table "$7"
  ip -n "$ns" route replace "$6" via "$5.2"
}
# As Liqo's gateways: the destination becomes what it is at the other side, the source what the other side knows it as.
print_translation() { # PROVIDER
  local hub provider hub_there provider_there
  hub=$(site_pod_cidr "$HUB") provider=$(site_pod_cidr "$1")
  hub_there=$(seen_as "$1" "$HUB") provider_there=$(seen_as "$HUB" "$1")
  cat <<NFT
table ip liqo
delete table ip liqo
table ip liqo {
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname hub dnat ip prefix to ip daddr map { $provider_there : $provider }
    iifname site dnat ip prefix to ip daddr map { $hub_there : $hub }
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname site snat ip prefix to ip saddr map { $hub : $hub_there }
    oifname hub snat ip prefix to ip saddr map { $provider : $provider_there }
    masquerade
  }
}
NFT
}

# A site does not reach what the hub knows it or another site as. (Here it would, through the machine and the hub.) The
# same network may be what the site knows the hub as.
separate_providers() {
  local site other network
  for site in "${PROVIDERS[@]}"; do
    for other in "${PROVIDERS[@]}"; do
      network=$(seen_as "$HUB" "$other")
      [ "$network" = "$(seen_as "$site" "$HUB")" ] || ip -n "$(site_namespace "$site")" route replace unreachable "$network"
    done
  done
}

# Liqo's gateways say in a Connection whether they reach each other; virtual nodes are Ready only with it.
report_connection() { # PROVIDER
  local node
  node=$(seen_as "$HUB" "$1")
  node=${node%.*.*}.1.1 # the node's address on its pods' bridge
  wait_for 60 "pods of $1 to be reached from the hub" nsenter --net="/run/netns/$(site_namespace "$HUB")" \
    bash -c "exec 3<>/dev/tcp/$node/10250"
  connected "$HUB" "$1" Client
  connected "$1" "$HUB" Server
}
connected() { # SITE REMOTE TYPE
  kubectl_at "$1" apply --server-side -f - <<YAML
apiVersion: networking.liqo.io/v1beta1
kind: Connection
metadata: {name: gw-$2, namespace: liqo-tenant-$2, labels: {liqo.io/remote-cluster-id: $2}}
spec: {type: $3, gatewayRef: {}}
YAML
  kubectl_at "$1" -n "liqo-tenant-$2" patch connection "gw-$2" --subresource=status --type merge -p '{"status": {"value": "Connected"}}'
}
