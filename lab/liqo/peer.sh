# SPDX-License-Identifier: Apache-2.0
# Peers the hub (consumer) with a site (provider) as users do, by liqoctl: they exchange keys, and the hub asks for a slice
# of the site's resources. To be sourced.

# A slice holds what all instances of a site request, and of those that arrive while others leave.
peer() { # SITE
  local peered
  [ "$1" != "$HUB" ] || return 0
  peered=$(site_dir "$HUB")/run/peered-$1
  [ ! -e "$peered" ] || return 0
  [ "$LAB_NETWORK" = routed ] || translate "$1"
  liqoctl_at "$HUB" peer --remote-kubeconfig "$(kubeconfig "$1")" --networking-disabled --cpu 4 --memory 8Gi --pods 110 --timeout "$LIQO_PATIENCE"
  touch "$peered"
}

offload_functions() {
  kubectl_at "$HUB" apply --server-side -f - <<<'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "functions"}}'
  liqoctl_at "$HUB" offload namespace functions --namespace-mapping-strategy EnforceSameName --pod-offloading-strategy LocalAndRemote
}
functions_are_offloaded() {
  [ "$(kubectl_at "$HUB" -n functions get namespaceoffloading offloading -o 'jsonpath={.status.offloadingPhase}')" = Ready ] || return 1
  local provider
  for provider in "${PROVIDERS[@]}"; do kubectl_at "$provider" get namespace functions >/dev/null || return 1; done
}
