#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-kubeadm init|join: makes this node one of a cluster, with the configuration that flatops-kubeadm.service
# has found. The configuration has secrets, and goes when it is done.
set -eu
umask 077

state=/var/lib/flatops/kubernetes_sysext
config=$state/kubeadm.yaml
# There while kubeadm works, with the certificates that were there before.
unfinished=$state/kubeadm.unfinished
pki=/etc/kubernetes/pki

# What an attempt has left that failed or was cut off would be in the way of the next one.
if [ -d "$unfinished" ]; then
    kubeadm reset --force
    [ ! -d "$unfinished/pki" ] || cp -a "$unfinished/pki" "${pki%/*}"
else
    rm -rf "$unfinished.new"
    mkdir "$unfinished.new"
    [ ! -d "$pki" ] || cp -a "$pki" "$unfinished.new"
    mv "$unfinished.new" "$unfinished"
fi

case $1 in
init)
    # A machine that takes the place of a first one must not begin a second cluster.
    endpoint=$(sed -n 's/^controlPlaneEndpoint: *//p' "$config" | tr -d "'\"")
    if [ -n "$endpoint" ] && curl --silent --insecure --noproxy '*' --max-time 10 --output /dev/null \
        "https://$endpoint/version"; then
        echo "a cluster answers at $endpoint already: let this node join it (join_control_plane), or free the address" >&2
        exit 1
    fi
    # Without --skip-token-print the journal would have the token.
    set -- --config "$config" --skip-token-print --skip-certificate-key-print
    if grep -q '^certificateKey:' "$config"; then set -- "$@" --upload-certs; fi
    kubeadm init "$@"
    ;;
join)
    kubeadm join --config "$config"
    ;;
esac

rm -rf "$unfinished"
rm -f "$config"
sync "$state"
