# SPDX-License-Identifier: Apache-2.0
# What every site has besides Kubernetes and Liqo: cluster DNS and the namespace of Carovana. To be sourced.

registry_answers() { curl -fsS --max-time 2 "http://$REGISTRY/v2/"; }

start_addons() {
  local image site
  wait_for 30 "the registry" registry_answers
  image=$("$LAB_SOURCE/image" "$BUILD/images/coredns.tar")
  for site in "${SITES[@]}"; do
    sed -e "s|@IMAGE@|$image|" -e "s|@DNS_SERVICE_IP@|$DNS_SERVICE_IP|" "$LAB_SOURCE/addons/coredns.yaml" |
      kubectl_at "$site" apply --server-side --force-conflicts -f - >/dev/null
    kubectl_at "$site" apply --server-side -f - >/dev/null <<<'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "carovana-system"}}'
  done
  at_each_site "cluster DNS ready" wait_for_dns
}
wait_for_dns() { # SITE
  kubectl_at "$1" -n kube-system rollout status deployment/coredns --timeout=90s
}
