# SPDX-License-Identifier: Apache-2.0
# Starts and ends sites. To be sourced.
. "$LAB_SOURCE/site/cgroups.sh"
. "$LAB_SOURCE/site/network.sh"
. "$LAB_SOURCE/site/certificates.sh"

sites_are_alive() {
  local site
  for site in "${SITES[@]}"; do site_init "$site" >/dev/null || return 1; done
}

# The names that the lab uses exist once per machine: two labs cannot be up at the same time.
refuse_other_lab() {
  local owner
  owner=$(cat "$OWNER" 2>/dev/null || true)
  [ -n "$owner" ] && [ "$owner" != "$CAROVANA_HOME" ] || return 0
  (
    SITES_DIR=$owner/lab/sites
    for site in "${SITES[@]}" "${VIRTUAL_SITES[@]}"; do ! site_init "$site" >/dev/null || exit 1; done
  ) || die "another lab is up: end it first with CAROVANA_HOME=$owner lab/down"
}

start_site() { # SITE
  local dir
  dir=$(site_dir "$1")
  mkdir -p "$dir/log"
  rm -f "$dir"/log/*
  make_certificates "$1"
  make_cgroups "$1"
  # the environment of whoever calls is not the node's
  env -i PATH="$PATH" HOME="$HOME" CAROVANA_HOME="$CAROVANA_HOME" CAROVANA_LAB_NETWORK="$LAB_NETWORK" \
    setsid "$LAB_SOURCE/site/enter.sh" "$1" >"$dir/log/node.log" 2>&1 </dev/null 9>&- &
}

# Ends the node through pid 1 of its pid namespace and removes what the site has on the machine. Harmless if there
# is nothing, or only a part: it also clears what a killed run left.
remove_site() { # SITE
  local dir pid mount
  dir=$(site_dir "$1")
  if pid=$(site_init "$1"); then kill -9 "$pid" || true; fi
  thaw_cgroups "$1"
  if pid=$(site_starter "$1"); then
    [ -n "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)" ] || kill -9 "$pid" 2>/dev/null || true
    wait_for 20 "the node of $1 to end" eval "! site_starter $1"
  fi
  remove_cgroups "$1"
  remove_network "$1"
  for mount in $(awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r); do umount -l "$mount"; done
  [ ! -d "$dir" ] || find "$dir" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf --one-file-system {} + # logs outlive it
}
remove_sites() {
  local site pid pids=()
  refuse_other_lab
  for site in "${SITES[@]}"; do
    remove_site "$site" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  remove_bridge
}

api_answers() { kubectl_at "$1" get --raw /readyz; }
node_is_ready() { [ "$(kubectl_at "$1" get node "$2" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]; }
wait_for_api() { # SITE
  wait_for 90 "the API server of $1" api_answers "$1"
}
