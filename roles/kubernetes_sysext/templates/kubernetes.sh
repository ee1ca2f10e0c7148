# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck shell=sh

# What the scripts of Kubernetes on this node have in common.

# shellcheck source=/dev/null
. /etc/flatops/kubernetes_sysext.env

images=/opt/extensions/kubernetes
link=/etc/extensions/kubernetes.raw
state=/var/lib/flatops/kubernetes_sysext
kubelet_conf=/etc/kubernetes/kubelet.conf

fail() {
  echo "$*" >&2
  exit 1
}

# The version in the name of an image, such as 1.34.2.
version_of() {
  basename "$1" | sed -n "s/^kubernetes-v\(.*\)-${ARCHITECTURE:?}\.raw\$/\1/p"
}

image_of() {
  echo "$images/kubernetes-v$1-$ARCHITECTURE.raw"
}

minor_of() {
  echo "$1" | cut -d . -f 1,2
}

# The version that the next merge brings; nothing where the link leads nowhere.
staged() {
  [ ! -e "$link" ] || version_of "$(readlink -f "$link")"
}

# The version that is merged, by the word of its kubelet.
merged() {
  kubelet --version 2>/dev/null | sed -n 's/^Kubernetes v\([0-9.]*\).*/\1/p'
}

# The versions of the images on the node, the newest one first.
installed() {
  for file in "$images"/*.raw; do
    version_of "$file"
  done | sort -rV
}

# The version that was rolled back, which is not staged again by itself.
avoided() {
  cat "$state/avoid" 2>/dev/null
}

newer() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$1" ]
}

# A value of the kubeconfig of the kubelet, which kubeadm has written.
conf_value() {
  sed -n "s/^ *$1: *\"\{0,1\}\([^\" ]*\)\"\{0,1\} *\$/\1/p" "$kubelet_conf" | head -n 1
}

# What an API server answers, asked with the credentials of the kubelet, which needs no proxy either.
ask() {
  curl --fail --silent --show-error --noproxy '*' --max-time 15 \
    --cacert "$scratch/certificate-authority" --cert "$scratch/client-certificate" --key "$scratch/client-key" "$1"
}

# Make ready to ask. Fails where the node has not joined a cluster.
able_to_ask() {
  [ -s "$kubelet_conf" ] || return 1
  scratch=$(mktemp -d /run/kubernetes.XXXXXX)
  trap 'rm -r "$scratch"' EXIT
  for name in certificate-authority client-certificate client-key; do
    # It names a file, or has what would be in it.
    if [ -n "$(conf_value "$name-data")" ]; then
      conf_value "$name-data" | base64 -d >"$scratch/$name"
    else
      ln -s "$(conf_value "$name")" "$scratch/$name"
    fi
  done
}
