#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-skew MINOR: whether a kubelet of a minor version, such as 1.34, may run with the API servers of the cluster.
#
# A kubelet must not be newer than any of them. Exits with 0 if it is not, with 1 if it is, and with 2 where that cannot
# be known: as a condition of a unit, both keep it from starting.
set -u
# shellcheck source=kubernetes.sh
. /opt/flatops/lib/kubernetes.sh

wanted=$(minor_of "${1:?the minor version is missing}")
oldest='' servers=''

decide() {
  printf 'DECISION=%s\nWANTED=%s\nOLDEST=%s\nSERVERS=%s\nREASON=%s\n' "$2" "$wanted" "$oldest" "${servers# }" "$3"
  exit "$1"
}

able_to_ask || decide 2 unknown "the node has not joined a cluster: there is no ${kubelet_conf:?}"
server=$(conf_value server)
endpoints=$(ask "$server/api/v1/namespaces/default/endpoints/kubernetes" 2>&1) ||
  decide 2 unknown "$server does not answer: $endpoints"

# Its subsets have addresses, and then the port of these.
waiting=''
for word in $(echo "$endpoints" | tr -d ' \n' | grep -oE '"ip":"[^"]+"|"port":[0-9]+'); do
  value=$(echo "${word#*:}" | tr -d '"')
  case $word in
    '"ip"'*:*:*) waiting="$waiting [$value]" ;;
    '"ip"'*) waiting="$waiting $value" ;;
    *)
      for address in $waiting; do
        answer=$(ask "https://$address:$value/version" 2>&1) ||
          decide 2 unknown "the API server at $address:$value does not answer: $answer"
        version=$(echo "$answer" | sed -n 's/.*"gitVersion": *"v\([^"]*\)".*/\1/p')
        [ -n "$version" ] || decide 2 unknown "the API server at $address:$value does not tell its version"
        servers="$servers $address:$value=$version"
        minor=$(minor_of "$version")
        if [ -z "$oldest" ] || newer "$oldest" "$minor"; then
          oldest=$minor
        fi
      done
      waiting=''
      ;;
  esac
done

[ -n "$oldest" ] || decide 2 unknown "$server knows no API server of the cluster"
if newer "$wanted" "$oldest"; then
  decide 1 newer "a kubelet of $wanted would be newer than the oldest API server, $oldest"
fi
decide 0 fits "the oldest API server is $oldest"
