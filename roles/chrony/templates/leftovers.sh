#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# look|remove recipe        what the recipe with a container in Flatcar's documents for Azure (2022) leaves on a node
# look|remove role [IMAGE]  what this role's chronyd has made on a node
#
# Look prints what is there. The folder of the recipe goes last, so that a run that was killed is found again.
set -eu

recipe() {
  for unit in chrony prepare-chrony; do
    ! grep -qs /opt/chrony /etc/systemd/system/$unit.service || echo /etc/systemd/system/$unit.service
  done
  [ ! -e /opt/chrony/chrony.conf ] || echo /opt/chrony
}

role() {
  [ ! -e /var/lib/chrony/drift ] || echo /var/lib/chrony
  [ -z "$image" ] || ! docker image inspect "$image" >/dev/null 2>&1 || echo "$image"
}

remove_recipe() {
  systemctl disable --quiet --now chrony.service prepare-chrony.service 2>/dev/null || :
  docker rm --force chrony >/dev/null 2>&1 || :
  docker image rm chrony >/dev/null 2>&1 || :
  rm -f /etc/systemd/system/chrony.service /etc/systemd/system/prepare-chrony.service
  systemctl daemon-reload
  rm -rf /opt/chrony
}

remove_role() {
  rm -rf /var/lib/chrony
  [ -z "$image" ] || docker image rm "$image" >/dev/null
}

image=${3-}
case $1 in
  look) "$2" ;;
  remove) "remove_$2" ;;
esac
