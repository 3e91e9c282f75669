# SPDX-License-Identifier: Apache-2.0
# Peers the hub (consumer) with a site (provider) by declaration: the provider's administrator has issued the hub
# a certificate, so there is no handshake. To be sourced.

hub_identity_at() { # PROVIDER: the hub's kubeconfig for the provider, in base64
  (cd "$(site_dir "$1")/pki" && cp "liqo-$HUB.crt" "$HUB.crt" && cp "liqo-$HUB.key" "$HUB.key" &&
    print_kubeconfig "$1" "$HUB" | base64 -w0)
}

accept_hub() { # PROVIDER
  kubectl_at "$1" apply --server-side -f - <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: liqo-tenant-$HUB, labels: {liqo.io/remote-cluster-id: $HUB, liqo.io/tenant-namespace: "true"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: liqo-remote-controlplane-$HUB, namespace: liqo-tenant-$HUB}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: liqo-remote-controlplane}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: $HUB}]
---
apiVersion: authentication.liqo.io/v1beta1
kind: Tenant
metadata: {name: $HUB, namespace: liqo-tenant-$HUB, labels: {liqo.io/remote-cluster-id: $HUB}}
spec: {clusterID: $HUB, authzPolicy: TolerateNoHandshake, tenantCondition: Active}
YAML
}

# Without Liqo's webhook a VirtualNode must name its template itself; the virtual kubelet runs as a process of the
# hub's node, so there are 0 replicas of it.
add_provider() { # PROVIDER
  local identity
  identity=$(hub_identity_at "$1")
  kubectl_at "$HUB" apply --server-side -f - <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: liqo-tenant-$1, labels: {liqo.io/remote-cluster-id: $1, liqo.io/tenant-namespace: "true"}}
---
apiVersion: v1
kind: Secret
metadata:
  name: kubeconfig-controlplane-$1
  namespace: liqo-tenant-$1
  labels: {liqo.io/identity-type: ControlPlane, liqo.io/remote-cluster-id: $1}
  annotations: {liqo.io/remote-tenant-namespace: liqo-tenant-$HUB}
data: {kubeconfig: $identity}
---
apiVersion: v1
kind: Secret
metadata:
  name: kubeconfig-vk-$1
  namespace: liqo-tenant-$1
  labels: {liqo.io/identity-type: ResourceSlice, liqo.io/remote-cluster-id: $1}
  annotations: {liqo.io/remote-tenant-namespace: liqo-tenant-$HUB}
data: {kubeconfig: $identity}
---
apiVersion: offloading.liqo.io/v1beta1
kind: VirtualNode
metadata: {name: $1, namespace: liqo-tenant-$1, labels: {liqo.io/remote-cluster-id: $1}}
spec:
  clusterID: $1
  createNode: true
  disableNetworkCheck: true
  kubeconfigSecretRef: {name: kubeconfig-vk-$1}
  resourceQuota: {hard: {cpu: "4", memory: 8Gi, pods: "110", ephemeral-storage: 20Gi}}
  template:
    metadata: {name: vk-$1, namespace: liqo-tenant-$1}
    spec:
      replicas: 0
      selector: {matchLabels: {app: vk-$1}}
      template:
        metadata: {labels: {app: vk-$1}}
        spec: {containers: [{name: virtual-kubelet, image: none}]}
YAML
}

peer() { # PROVIDER
  accept_hub "$1"
  add_provider "$1"
  touch "$(site_dir "$HUB")/run/peered-$1"
}

offload_functions() {
  kubectl_at "$HUB" apply --server-side -f - <<'YAML'
apiVersion: v1
kind: Namespace
metadata: {name: functions}
---
apiVersion: offloading.liqo.io/v1beta1
kind: NamespaceOffloading
metadata: {name: offloading, namespace: functions}
spec: {namespaceMappingStrategy: EnforceSameName, podOffloadingStrategy: LocalAndRemote, clusterSelector: {nodeSelectorTerms: []}}
YAML
}
functions_are_offloaded() {
  [ "$(kubectl_at "$HUB" -n functions get namespaceoffloading offloading -o 'jsonpath={.status.offloadingPhase}')" = Ready ] || return 1
  local provider
  for provider in "${PROVIDERS[@]}"; do kubectl_at "$provider" get namespace functions >/dev/null || return 1; done
}
