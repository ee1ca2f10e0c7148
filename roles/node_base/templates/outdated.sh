#!/bin/sh
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints those of the units that became active before the proxy or the trusted certificates changed. What an ended run
# has not restarted is found so, too.

set -eu
for unit in "$@"; do
  [ "$(systemctl is-active "$unit")" = active ] || continue
  since=$(systemctl show --timestamp=unix -P ActiveEnterTimestamp "$unit")
  for file in /etc/flatops/proxy.env /etc/ssl/certs/ca-certificates.crt; do
    if [ -e "$file" ] && [ "$(stat -L -c %Y "$file")" -gt "${since#@}" ]; then
      echo "$unit"
      break
    fi
  done
done
