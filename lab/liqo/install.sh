# SPDX-License-Identifier: Apache-2.0
# Liqo as its users install it: its chart, by liqoctl, with the images that the lab has built. To be sourced.

LIQO_PATIENCE=3m

liqoctl_at() { # SITE ARGS...
  local site=$1
  shift
  KUBECONFIG=$(kubeconfig "$site") "$BUILD/bin/liqoctl" "$@" 9>&- # it would go on, and hold the lock, when a run is killed
}

push_liqo_images() {
  local program
  for program in "${LIQO_IMAGES[@]}"; do "$LAB_SOURCE/image" "$BUILD/images/liqo-$program.tar" >/dev/null; done
}

# Nobody reads what the metric agent is for. With the network module, the controller-manager does not start without the proxy.
liqo_values() { # SITE
  cat <<YAML
proxy: {enabled: $([ "$LAB_NETWORK" = routed ] && echo false || echo true), image: {name: $REGISTRY/liqo/proxy}}
metricAgent: {enabled: false}
controllerManager: {image: {name: $REGISTRY/liqo/liqo-controller-manager}}
crdReplicator: {image: {name: $REGISTRY/liqo/crd-replicator}}
webhook: {image: {name: $REGISTRY/liqo/webhook}}
ipam: {internal: {image: {name: $REGISTRY/liqo/ipam}}}
networking: $(network_values)
virtualKubelet:
  image: {name: $REGISTRY/liqo/virtual-kubelet}
  extra:
    args:
      - --home-api-server-host=$(site_ip "$1")
      - --home-api-server-port=6443
$([ "$LAB_NETWORK" != routed ] || untranslated "$1")
YAML
}
# Gateways and fabric would need WireGuard and Geneve: there is no node for the fabric, and liqo/network.sh stands in.
network_values() {
  if [ "$LAB_NETWORK" = routed ]; then echo '{enabled: false}'; else echo '{fabric: {nodeSelector: {lab: none}}}'; fi
}
untranslated() { # SITE
  local other
  for other in "${SITES[@]}"; do [ "$other" = "$1" ] || echo "      - --local-podcidr=$(site_pod_cidr "$other")"; done
}

install_liqo() { # SITE
  local dir
  dir=$(site_dir "$1")/run
  [ ! -e "$dir/liqo-installed" ] || return 0
  # a killed run leaves a release that Helm would not touch
  kubectl_at "$1" -n liqo delete secret -l owner=helm,status!=deployed --ignore-not-found
  liqo_values "$1" >"$dir/liqo-values.yaml"
  liqoctl_at "$1" install --cluster-id "$1" --pod-cidr "$(site_pod_cidr "$1")" --service-cidr "$SERVICE_CIDR" --reserved-subnets 10.77.0.0/16 \
    --local-chart-path "$BUILD/liqo/chart" --version "$LIQO_VERSION" --values "$dir/liqo-values.yaml" --timeout "$LIQO_PATIENCE"
  touch "$dir/liqo-installed"
}
liqo_is_ready() { # SITE
  kubectl_at "$1" -n liqo wait deployment --all --for=condition=Available --timeout=1s || return 1
  [ "$1" != "$HUB" ] || virtual_nodes_are_ready
}
virtual_nodes_are_ready() {
  local provider
  for provider in "${PROVIDERS[@]}"; do node_is_ready "$HUB" "$provider" || return 1; done
}
