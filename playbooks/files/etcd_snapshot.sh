#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes a snapshot of the etcd of this control plane to standard output. etcd's gateway for JSON gives it in pieces,
# one a line; at its end are the SHA-256 of what is before, 32 bytes, by which it is checked.
# https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
set -eu
umask 077
manifest=/etc/kubernetes/manifests/etcd.yaml
certificates=/etc/kubernetes/pki/etcd
if [ ! -e "$manifest" ]; then
  echo "$manifest is missing: where etcd runs elsewhere, save it yourself and set flatcar_etcd_snapshot to false" >&2
  exit 1
fi
url=$(sed -n 's/^ *- --listen-client-urls=\([^,]*\).*/\1/p' "$manifest")
folder=$(mktemp -d /var/tmp/flatops-etcd.XXXXXX)
trap 'rm -rf "$folder"' EXIT
curl --silent --show-error --fail --no-buffer --request POST --data '{}' \
  --cacert "$certificates/ca.crt" --cert "$certificates/healthcheck-client.crt" \
  --key "$certificates/healthcheck-client.key" "$url/v3/maintenance/snapshot" |
  sed -n 's/.*"blob":"\([^"]*\)".*/\1/p' | base64 -d >"$folder/snapshot"
wanted=$(tail -c 32 "$folder/snapshot" | od -An -v -tx1 | tr -d ' \n')
found=$(head -c -32 "$folder/snapshot" | sha256sum | cut -d ' ' -f 1)
if [ "$found" != "$wanted" ]; then
  echo "the snapshot of etcd at $url is not whole: its SHA-256 is $found, but etcd says ${wanted:-nothing}" >&2
  exit 1
fi
cat "$folder/snapshot"
