# SPDX-License-Identifier: Apache-2.0
# Configuration files of a node. Sourced by node.sh; uses its $site and $pki.

write_config() {
  mkdir -p /etc/cni/net.d "/etc/containerd/certs.d/$REGISTRY" /etc/kubernetes
  print_cni_config "$(site_node_pod_cidr "$site")" >/etc/cni/net.d/10-lab.conflist
  write_containerd_config >/etc/containerd/config.toml
  write_kubelet_config >/etc/kubernetes/kubelet.yaml
  write_registry_config >/etc/kubernetes/registry.yaml
  printf 'server = "http://%s"\n' "$REGISTRY" >"/etc/containerd/certs.d/$REGISTRY/hosts.toml"
}

print_cni_config() { # CIDR
  cat <<JSON
{"cniVersion": "1.0.0", "name": "lab", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$1"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
}

# restrict_oom_score_adj: the machine may not grant CAP_SYS_RESOURCE.
write_containerd_config() {
  cat <<TOML
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "$PAUSE_IMAGE"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.carovana]
  runtime_type = "io.containerd.runc.v2"
  pod_annotations = ["carovana.dev/*"]
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.carovana.options]
    BinaryName = "/opt/carovana/bin/carovana-runc"
TOML
}

# maxOpenFiles: more would need CAP_SYS_RESOURCE. imageGCHighThresholdPercent 100: no collection.
write_kubelet_config() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupsPerQOS: true
enforceNodeAllocatable: []
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
clusterDomain: cluster.local
clusterDNS: [$DNS_SERVICE_IP]
resolvConf: /dev/null
failSwapOn: false
maxOpenFiles: 20000
serializeImagePulls: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi}
YAML
}

write_registry_config() {
  cat <<YAML
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /lab/registry}, delete: {enabled: true}, cache: {blobdescriptor: inmemory}}
http: {addr: ":${REGISTRY#*:}"}
YAML
}
