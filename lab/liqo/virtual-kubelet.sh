#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# virtual-kubelet.sh PROVIDER FLAGS...: runs Liqo's virtual kubelet with the serving certificate of the lab.
# To be started in a mount namespace of its own.
set -euo pipefail
provider=$1
shift
mount -t tmpfs -o mode=0700 tmpfs /tmp
mkdir /tmp/certs
cat "/lab/site/pki/virtual-kubelet-$provider".{crt,key} >/tmp/certs/virtual-kubelet-current.pem
exec virtual-kubelet "$@"
