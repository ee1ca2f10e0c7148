#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints locksmithd.service where it runs with an older update.conf: it reads its settings only when it starts.
set -eu
[ "$(systemctl is-active locksmithd.service)" = active ] || exit 0
since=$(systemctl show --timestamp=unix -P ActiveEnterTimestamp locksmithd.service)
if [ "$(stat -c %Y /etc/flatcar/update.conf)" -gt "${since#@}" ]; then
  echo locksmithd.service
fi
