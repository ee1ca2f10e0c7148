#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# kubernetes-staged: ask for a reboot, or merge, where what is staged is not merged.
#
# A flag of ours is taken back when a reboot would change nothing any longer.
set -u
# shellcheck source=kubernetes.sh
. /opt/flatops/lib/kubernetes.sh

flag=/run/reboot-required
ours=/run/flatops/kubernetes-reboot-required
staged=$(staged) merged=$(merged)

if [ -z "$staged" ] || [ -z "$merged" ] || [ "$staged" = "$merged" ]; then
  [ -e "$ours" ] || exit 0
  update_engine_client -status 2>/dev/null | grep -q NEED_REBOOT || rm -f "$flag"
  rm "$ours"
  exit 0
fi

# A boot has not merged it, and so another one would not either.
booted=$(date -d "$(systemctl show --value -p UserspaceTimestamp)" +%s)
[ "$(stat -c %Z "${link:?}")" -ge "$booted" ] ||
  fail "$staged is staged since before this boot, but $merged is merged; see systemctl status systemd-sysext"

echo "$merged is merged, and $staged is staged"
if [ "${ACTIVATION:?}" = refresh ]; then
  systemd-sysext refresh && systemctl restart kubelet.service
else
  mkdir -p /run/flatops
  [ -e "$flag" ] || touch "$ours"
  touch "$flag"
fi
