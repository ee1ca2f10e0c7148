#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-sysupdate: stage the newest patch of the minor version that the node has, and remove old images.
set -u
# shellcheck source=kubernetes.sh
. /opt/flatops/lib/kubernetes.sh

# systemd-sysupdate finds no update where it finds two minor versions, and calls that a success.
transfers=$(find /etc/sysupdate.kubernetes.d -name '*.conf' -o -name '*.transfer')
[ "$transfers" = "/etc/sysupdate.kubernetes.d/kubernetes-v${MINOR:?}.conf" ] ||
  fail "nothing is staged: /etc/sysupdate.kubernetes.d has to have kubernetes-v$MINOR.conf alone, but has $transfers"

now=$(staged)
[ -n "$now" ] || fail "nothing is staged: ${link:?} does not lead to an image"
if [ "$(minor_of "$now")" != "$MINOR" ]; then
  echo "nothing is staged: the node has $now, and only an upgrade of the cluster takes it to $MINOR"
  exit
fi

/usr/lib/systemd/systemd-sysupdate --component=kubernetes update || fail "systemd-sysupdate has failed"

# An image that has come by another way, or whose update was cut short, is staged here.
newest=$(installed | grep "^$MINOR\." | head -n 1)
if newer "$newest" "$(staged)" && [ "$newest" != "$(avoided)" ]; then
  /opt/flatops/bin/kubernetes-switch "$newest"
fi

# Of all minor versions the newest images stay, and whatever is in use.
protected=$(merged; staged; avoided)
room=$((${KEEP:?} - $(echo "$protected" | sort -u | wc -l)))
for version in $(installed); do
  if echo "$protected" | grep -qxF "$version"; then
    continue
  fi
  room=$((room - 1))
  [ "$room" -ge 0 ] || rm -v "$(image_of "$version")"
done
