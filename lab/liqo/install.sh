# SPDX-License-Identifier: Apache-2.0
# What Liqo's chart installs for authentication and offloading. To be sourced.

install_liqo() { # SITE
  local role installed
  installed=$(site_dir "$1")/run/liqo-installed
  [ ! -e "$installed" ] || return 0
  kubectl_at "$1" apply --server-side --force-conflicts -f "$BUILD/liqo/crds/"
  {
    printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: liqo}\n'
    for role in remote-controlplane virtual-kubelet-remote virtual-kubelet-remote-clusterwide virtual-kubelet-local; do
      printf -- '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n'
      printf 'metadata: {name: liqo-%s, labels: {app.kubernetes.io/name: %s}}\n' "$role" "$role"
      cat "$BUILD/liqo/roles/liqo-$role-ClusterRole.yaml"
    done
    cat <<YAML
---
apiVersion: v1
kind: ConfigMap
metadata: {name: liqo-clusterid-configmap, namespace: liqo, labels: {app.kubernetes.io/name: clusterid-configmap}}
data: {CLUSTER_ID: $1}
---
apiVersion: offloading.liqo.io/v1beta1
kind: VkOptionsTemplate
metadata: {name: virtual-kubelet-default, namespace: liqo}
spec: {createNode: true, disableNetworkCheck: true, containerImage: none, metricsEnabled: false, replicas: 0, reflectorsConfig: {}}
YAML
  } | retry kubectl_at "$1" apply --server-side --force-conflicts -f -
  touch "$installed"
}
