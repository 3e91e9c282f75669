# SPDX-License-Identifier: Apache-2.0
# The processes of a node. Sourced by node.sh; uses its $site, $pki and $logs.

# run NAME CMD...: keeps CMD running in the background; its log is $logs/NAME.log and its pid, in the
# node's pid namespace, is in /run/lab/NAME.pid.
run() {
  local name=$1
  shift
  (
    # runc, which containerd starts, must find the node's own cgroup as its own
    [ "$name" = containerd ] || join_system_slice
    while :; do
      "$@" >>"$logs/$name.log" 2>&1 &
      echo $! >"/run/lab/$name.pid"
      wait $! || true
      echo "lab: $name ended and is started again in a second" >>"$logs/$name.log"
      sleep 1
    done
  ) &
}
# run_after GATE NAME CMD...: the same, once the file /lab/site/run/GATE exists.
run_after() {
  local gate=$1
  shift
  (
    until [ -e "/lab/site/run/$gate" ]; do sleep 0.2; done
    run "$@"
    wait
  ) &
}

api_is_ready() {
  [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$pki/ca.crt" --cert "$pki/admin.crt" --key "$pki/admin.key" \
    https://127.0.0.1:6443/readyz)" = 200 ]
}

start_worker_runtime() {
  run containerd containerd
  if [ "$site" = "$HUB" ]; then
    run registry docker-registry serve /etc/kubernetes/registry.yaml
  else # every node reaches the registry at localhost:5000 too, where runtimes expect plain HTTP
    run registry-forward socat "TCP-LISTEN:${REGISTRY#*:},bind=127.0.0.1,fork,reuseaddr" "TCP:$REGISTRY"
  fi
}

start_control_plane() {
  run etcd etcd --data-dir /lab/site/etcd --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
  run apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
    --secure-port=6443 --advertise-address="$(site_ip "$site")" --endpoint-reconciler-type=lease \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-key-file="$pki/service-account.pub" --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-cluster-ip-range="$SERVICE_CIDR" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key"
  until api_is_ready; do sleep 0.2; done
  run controller-manager kube-controller-manager --kubeconfig="$pki/controller-manager.kubeconfig" --leader-elect=false \
    --service-account-private-key-file="$pki/service-account.key" --root-ca-file="$pki/ca.crt" \
    --use-service-account-credentials --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key"
  run scheduler kube-scheduler --kubeconfig="$pki/scheduler.kubeconfig" --leader-elect=false
}

start_worker() {
  until ctr version >/dev/null 2>&1; do sleep 0.2; done
  ctr -n k8s.io images import /lab/images/pause.tar >>"$logs/containerd.log" 2>&1
  run kubelet kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig="$pki/kubelet.kubeconfig" \
    --hostname-override="$site" --node-ip="$(site_ip "$site")"
  # --conntrack-max-per-core=0: the machine's table is not the node's to size
  run kube-proxy kube-proxy --kubeconfig="$pki/proxy.kubeconfig" --hostname-override="$site" \
    --proxy-mode=nftables --cluster-cidr="$(site_pod_cidr "$site")" --conntrack-max-per-core=0
}

start_knative_ingress() {
  run_after knative-installed knative-ingress \
    python3 -B /lab/source/addons/knative-ingress.py "$pki" "$KNATIVE_INGRESS_PORT"
}
