#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the kubeadm in the image of a system extension, which need not be merged: sh -s IMAGE ARGUMENT...
set -eu
image=$1
shift
folder=$(mktemp -d /run/flatops-kubeadm.XXXXXX)
trap 'rm -rf "$folder"' EXIT
systemd-dissect --copy-from "$image" usr/bin/kubeadm "$folder/kubeadm"
chmod 0700 "$folder/kubeadm"
"$folder/kubeadm" "$@" </dev/null
