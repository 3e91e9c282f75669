#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# node.sh SITE: runs inside the node as its pid 1, starts every component and reaps what they leave behind.
set -euo pipefail
. /lab/source/lib.sh
. /lab/source/site/cgroups.sh
. /lab/source/site/config.sh
. /lab/source/site/components.sh
site=$1
pki=/lab/site/pki
logs=/lab/site/log

echo "127.0.0.1 localhost $site" >/etc/hosts
write_config
mkdir -p /run/lab
is_virtual "$site" || start_worker_runtime
start_control_plane
is_virtual "$site" || start_worker
[ "$site" != "$HUB" ] || start_knative_ingress
while :; do wait || true; done
