#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-switch [--avoid] VERSION: have the next merge bring the image of a version that is on the node.
#
# With --avoid, as to roll back, the version that was staged is not staged again by itself; a newer one is.
set -u
# shellcheck source=kubernetes.sh
. /opt/flatops/lib/kubernetes.sh

if [ "$1" = --avoid ]; then
  avoided=$(staged)
  shift
fi
version=$1
image=$(image_of "$version")
[ -e "$image" ] || fail "$image is not on the node, which has the versions $(installed | xargs)"
now=$(merged)
if [ -n "$now" ] && newer "$(minor_of "$version")" "$(minor_of "$now")"; then
  said=$(/opt/flatops/bin/kubernetes-skew "$version") || fail "$version is not staged: ${said##*REASON=}"
fi

if [ "$(staged)" != "$version" ]; then
  ln -sfn "$image" "${link:?}.new"
  mv -fT "$link.new" "$link"
  echo "staged $version"
fi
rm -f "${state:?}/avoid"
[ -z "${avoided:-}" ] || echo "$avoided" >"$state/avoid"
/opt/flatops/bin/kubernetes-staged
