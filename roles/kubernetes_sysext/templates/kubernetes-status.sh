#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-status: what of Kubernetes is on the node, as lines of NAME=VALUE.
set -u
# shellcheck source=kubernetes.sh
. /opt/flatops/lib/kubernetes.sh

merged=$(merged)
# {"current":"2","all":["3","2"]}, of versions without the minor one.
available=$(timeout 60 /usr/lib/systemd/systemd-sysupdate --component=kubernetes list --json=short 2>/dev/null |
  sed -n 's/.*"all":\["\([^"]*\)".*/\1/p')
echo "MERGED=$merged"
echo "STAGED=$(staged)"
echo "INSTALLED=$(installed | tr '\n' ' ')"
echo "AVAILABLE=${available:+${MINOR:?}.$available}"
echo "AVOIDED=$(avoided)"
echo "TRANSFERS=$(find /etc/sysupdate.kubernetes.d -type f -printf '%f ' 2>/dev/null)"
# As in Flatcar's documentation.
echo "OTHERS=$(grep -lsE 'systemd-sysupdate (-C |--component=)kubernetes' \
  /etc/systemd/system/systemd-sysupdate.service.d/* | tr '\n' ' ')"
echo "TIMER=$(systemctl is-active flatops-kubernetes-sysupdate.timer)"
echo "SYSUPDATE=$(systemctl show --value -p Result flatops-kubernetes-sysupdate.service)"
echo "SYSUPDATE_REBOOT=$(systemctl is-enabled systemd-sysupdate-reboot.timer 2>/dev/null)"
[ ! -e /run/reboot-required ] || echo "REBOOT_REQUIRED=yes"
if able_to_ask; then
  echo "RUNNING=$(ask "$(conf_value server)/api/v1/nodes/${NODE:?}" 2>/dev/null |
    sed -n 's/.*"kubeletVersion": *"v\([^"]*\)".*/\1/p')"
fi
[ -z "$merged" ] || /opt/flatops/bin/kubernetes-skew "$merged"
exit 0
