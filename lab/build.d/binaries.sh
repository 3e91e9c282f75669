# SPDX-License-Identifier: Apache-2.0
# Kubernetes, Liqo, CoreDNS, Knative Serving and Helm, built from their Go modules. To be sourced.
export CGO_ENABLED=0

# is_built NAME VERSION PROGRAM...; NAME.version is written last, so a killed build is seen as none.
is_built() {
  local name=$1 version=$2 program
  shift 2
  [ "$(cat "$BUILD/bin/$name.version" 2>/dev/null)" = "$version" ] || return 1
  for program; do [ -x "$BUILD/bin/$program" ] || return 1; done
}
# publish NAME VERSION PROGRAM...: moves programs from bin.tmp to bin.
publish() {
  local name=$1 version=$2
  shift 2
  mkdir -p "$BUILD/bin"
  (cd "$BUILD/bin.tmp" && mv -f "$@" "$BUILD/bin/")
  echo "$version" >"$BUILD/bin/$name.version"
}
# A module that imports programs, so that go resolves them together with the replacements given.
write_tools() { # PACKAGE...
  printf '//go:build tools\n\npackage tools\n\nimport (\n'
  printf '\t_ "%s"\n' "$@"
  printf ')\n'
}
build_tools() { # NAME LDFLAGS PACKAGE..., in the current directory
  local log=$BUILD/$1.log ldflags=$2
  say "building $1 (minutes; log: $log)"
  shift 2
  write_tools "$@" >tools.go
  { go mod tidy && nice go build -trimpath -ldflags "-s -w $ldflags" -o "$BUILD/bin.tmp/" "$@"; } >"$log" 2>&1 ||
    die "build failed, see $log"
}

build_kubernetes() {
  local programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
  local name version=component-base/version minor=${KUBERNETES_VERSION#1.} mod
  is_built kubernetes "$KUBERNETES_VERSION" "${programs[@]}" && return
  mkdir -p "$BUILD/tools-k8s" && cd "$BUILD/tools-k8s"
  # k8s.io/kubernetes requires its staging modules at v0.0.0: name the real versions
  mod=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES_VERSION" | python3 -c 'import json, sys; print(json.load(sys.stdin)["GoMod"])')
  {
    printf 'module lab/kubernetes\n\ngo 1.26.0\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$KUBERNETES_VERSION"
    for name in $(grep -oE '^\s*k8s.io/[a-z0-9-]+ v0\.0\.0( |$)' "$mod" | awk '{print $1}' | sort -u); do
      printf '\t%s => %s v0.%s\n' "$name" "$name" "$minor"
    done
    printf ')\n'
  } >go.mod
  build_tools kubernetes \
    "-X k8s.io/$version.gitVersion=v$KUBERNETES_VERSION -X k8s.io/$version.gitMajor=1 -X k8s.io/$version.gitMinor=${minor%%.*}" \
    "${programs[@]/#/k8s.io/kubernetes/cmd/}"
  publish kubernetes "$KUBERNETES_VERSION" "${programs[@]}"
}

build_liqo() {
  local programs=(liqo-controller-manager crd-replicator virtual-kubelet webhook ipam proxy liqoctl)
  local fork=github.com/liqotech/virtual-kubelet fork_version=v1.5.1-0.20241004150443-cb08879adf2f
  is_built liqo "$LIQO_VERSION" "${programs[@]}" && [ -d "$BUILD/liqo/chart" ] && return
  mkdir -p "$BUILD/tools-liqo" && cd "$BUILD/tools-liqo"
  # Liqo replaces virtual-kubelet by its fork, which the checksum database does not serve: these are the sums that Liqo records.
  printf 'module lab/liqo\n\ngo 1.26.0\n\nrequire github.com/liqotech/liqo %s\n\nreplace github.com/virtual-kubelet/virtual-kubelet => %s %s\n' \
    "$LIQO_VERSION" "$fork" "$fork_version" >go.mod
  printf '%s %s h1:tgr4saO7XR5dEL7dyxjiHsZODo4IksQnv5O80he07IQ=\n%s %s/go.mod h1:uIuGBi+X66nZ0rq8O++Aol3sm3CBZp4jRLDTOO9aEhQ=\n' \
    "$fork" "$fork_version" "$fork" "$fork_version" >go.sum
  build_tools liqo "" "${programs[@]/#/github.com/liqotech/liqo/cmd/}"
  rm -rf "$BUILD/liqo/chart"
  mkdir -p "$BUILD/liqo"
  cp -r --no-preserve=mode "$(module_directory github.com/liqotech/liqo)/deployments/liqo" "$BUILD/liqo/chart"
  publish liqo "$LIQO_VERSION" "${programs[@]}"
}

# A module that is a program needs none around it.
build_program() { # NAME VERSION LDFLAGS PACKAGE
  is_built "$1" "$2" "$1" && return
  say "building $1 (minutes; log: $BUILD/$1.log)"
  GOBIN=$BUILD/bin.tmp GOFLAGS=-trimpath nice go install -ldflags "-s -w $3" "$4@$2" >"$BUILD/$1.log" 2>&1 ||
    die "build failed, see $BUILD/$1.log"
  publish "$1" "$2" "$1"
}
build_coredns() { build_program coredns "$COREDNS_VERSION" "" github.com/coredns/coredns; }
build_helm() {
  build_program helm "$HELM_VERSION" "-X helm.sh/helm/v4/internal/version.version=$HELM_VERSION" helm.sh/helm/v4/cmd/helm
}

# Knative's programs with the prefix knative-, and what its release would have users apply.
build_knative() {
  local programs=(activator autoscaler controller queue webhook) program serving networking caching
  is_built knative "$KNATIVE_VERSION" "${programs[@]/#/knative-}" && [ -d "$BUILD/knative" ] && return
  mkdir -p "$BUILD/tools-knative" && cd "$BUILD/tools-knative"
  printf 'module lab/knative\n\ngo 1.26.0\n\nrequire knative.dev/serving %s\n' "$KNATIVE_VERSION" >go.mod
  build_tools knative "" "${programs[@]/#/knative.dev/serving/cmd/}"
  for program in "${programs[@]}"; do mv "$BUILD/bin.tmp/$program" "$BUILD/bin.tmp/knative-$program"; done
  serving=$(module_directory knative.dev/serving)/config/core
  networking=$(module_directory knative.dev/networking)/config
  caching=$(module_directory knative.dev/caching)/config
  rm -rf "$BUILD/knative"
  mkdir -p "$BUILD/knative"
  documents "$serving"/100-namespace.yaml "$serving"/300-resources/*.yaml \
    "$networking"/{certificate,domain-claim,ingress,serverlessservice}.yaml "$caching"/image.yaml >"$BUILD/knative/crds.yaml"
  documents "$serving"/configmaps/*.yaml "$networking"/config-network.yaml >"$BUILD/knative/config.yaml"
  documents "$serving"/200-roles/*.yaml "$serving"/200-serviceaccount.yaml \
    "$serving"/deployments/{activator,autoscaler,controller,webhook}.yaml >"$BUILD/knative/system.yaml"
  documents "$serving"/webhooks/*.yaml >"$BUILD/knative/webhooks.yaml"
  publish knative "$KNATIVE_VERSION" "${programs[@]/#/knative-}"
}
module_directory() { go list -m -f '{{.Dir}}' "$1"; }
documents() { # FILE...: as one YAML stream
  local file
  for file; do
    echo ---
    cat "$file"
  done
}

build_pause() {
  is_built pause 1 pause && return
  say "building pause"
  go build -trimpath -ldflags "-s -w" -o "$BUILD/bin.tmp/pause" "$LAB_SOURCE/build.d/pause.go"
  publish pause 1 pause
}
