# SPDX-License-Identifier: Apache-2.0
# What sites have besides Kubernetes and Liqo: cluster DNS, the namespace of Carovana, in the hub Knative Serving and the kind
# of OpenFaaS' functions. To be sourced.

registry_answers() { curl -fsS --max-time 2 "http://$REGISTRY/v2/"; }

# Liqo is installed while they start.
start_addons() {
  local image site
  wait_for 30 "the registry" registry_answers
  image=$("$LAB_SOURCE/image" "$BUILD/images/coredns.tar")
  for site in "${SITES[@]}"; do
    sed -e "s|@IMAGE@|$image|" -e "s|@DNS_SERVICE_IP@|$DNS_SERVICE_IP|" "$LAB_SOURCE/addons/coredns.yaml" |
      kubectl_at "$site" apply --server-side --force-conflicts -f - >/dev/null
    kubectl_at "$site" apply --server-side -f - >/dev/null <<<'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "carovana-system"}}'
  done
  kubectl_at "$HUB" apply --server-side -f "$LAB_SOURCE/addons/openfaas.yaml" >/dev/null
  install_knative
}
wait_for_addons() {
  at_each_site "cluster DNS ready" wait_for_dns
  wait_for_knative
}
wait_for_dns() { # SITE
  kubectl_at "$1" -n kube-system rollout status deployment/coredns --timeout=90s
}

# Stock Knative Serving, with an ingress of the lab's own. What is called by its digest is never looked up in a registry.
install_knative() {
  local installed program system reference
  installed=$(site_dir "$HUB")/run/knative-installed
  [ ! -e "$installed" ] || return 0
  kubectl_at "$HUB" apply --server-side --force-conflicts -f "$BUILD/knative/crds.yaml" >/dev/null
  kubectl_at "$HUB" apply --server-side --force-conflicts -f "$BUILD/knative/config.yaml" >/dev/null
  knative_setting network "ingress-class: lab.ingress.networking.knative.dev"
  knative_setting domain "knative.lab: \"\""
  knative_setting autoscaler "scale-to-zero-grace-period: 6s, stable-window: 10s"
  knative_setting features "kubernetes.podspec-affinity: enabled, kubernetes.podspec-tolerations: enabled" # copies are at sites
  knative_setting deployment "queue-sidecar-image: $("$LAB_SOURCE/image" "$BUILD/images/knative-queue.tar")"
  kubectl_at "$HUB" apply --server-side --force-conflicts -f "$BUILD/knative/webhooks.yaml" >/dev/null
  system=$(cat "$BUILD/knative/system.yaml")
  for program in activator autoscaler controller webhook; do
    reference=$("$LAB_SOURCE/image" "$BUILD/images/knative-$program.tar")
    system=${system//"ko://knative.dev/serving/cmd/$program"/"$reference"}
  done
  kubectl_at "$HUB" apply --server-side --force-conflicts -f - <<<"$system" >/dev/null
  sed -e "s|@IP@|$(site_ip "$HUB")|" -e "s|@PORT@|$KNATIVE_INGRESS_PORT|" "$LAB_SOURCE/addons/knative-ingress.yaml" |
    kubectl_at "$HUB" apply --server-side --force-conflicts -f - >/dev/null
  touch "$installed"
}
knative_setting() { # NAME KEYS
  kubectl_at "$HUB" -n knative-serving patch configmap "config-$1" --type merge -p "data: {$2}" >/dev/null
}
wait_for_knative() {
  local program
  say "waiting for Knative Serving"
  for program in activator autoscaler controller webhook; do
    kubectl_at "$HUB" -n knative-serving rollout status "deployment/$program" --timeout=90s >/dev/null
  done
}
