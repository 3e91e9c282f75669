# SPDX-License-Identifier: Apache-2.0
# Keys, certificates and kubeconfig files of a site. To be sourced.

make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }

make_authority() { # NAME SUBJECT
  make_key "$1.key"
  openssl req -x509 -new -key "$1.key" -out "$1.crt" -days 3650 -subj "$2" \
    -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null
}

make_certificate() { # NAME SUBJECT ALTERNATIVE_NAMES [AUTHORITY]
  local authority=${4:-ca}
  make_key "$1.key"
  openssl req -new -key "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$authority.crt" -CAkey "$authority.key" -CAcreateserial -out "$1.crt" -days 3650 \
    -extfile <(printf 'keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=%s\n' "$3") 2>/dev/null
  rm "$1.csr"
}

print_kubeconfig() { # SITE USER, in the directory of USER's certificate
  cat <<YAML
apiVersion: v1
kind: Config
clusters: [{name: $1, cluster: {server: "https://$(site_ip "$1"):6443", certificate-authority-data: "$(base64 -w0 ca.crt)"}}]
users: [{name: $2, user: {client-certificate-data: "$(base64 -w0 "$2.crt")", client-key-data: "$(base64 -w0 "$2.key")"}}]
contexts: [{name: $1, context: {cluster: $1, user: $2}}]
current-context: $1
YAML
}

make_certificates() ( # SITE
  local site=$1 ip user
  ip=$(site_ip "$site")
  mkdir -p -m 0700 "$(site_dir "$site")/pki"
  cd "$(site_dir "$site")/pki"
  umask 077
  make_authority ca "/CN=$site-ca"
  make_authority front-proxy-ca "/CN=$site-front-proxy-ca"
  make_certificate front-proxy "/CN=front-proxy-client" DNS:front-proxy front-proxy-ca
  make_certificate apiserver "/CN=kube-apiserver" \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$ip,IP:$API_SERVICE_IP"
  make_certificate apiserver-kubelet-client "/O=system:masters/CN=apiserver-kubelet-client" DNS:apiserver
  make_certificate kubelet "/O=system:nodes/CN=system:node:$site" "DNS:$site,IP:$ip"
  make_certificate admin "/O=system:masters/CN=admin" DNS:admin
  make_certificate controller-manager "/CN=system:kube-controller-manager" DNS:controller-manager
  make_certificate scheduler "/CN=system:kube-scheduler" DNS:scheduler
  make_certificate proxy "/CN=system:kube-proxy" DNS:proxy
  for user in kubelet admin controller-manager scheduler proxy; do
    print_kubeconfig "$site" "$user" >"$user.kubeconfig"
  done
  make_key service-account.key
  openssl ec -in service-account.key -pubout -out service-account.pub 2>/dev/null
)
