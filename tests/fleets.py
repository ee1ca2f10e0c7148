# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of the playbooks that make machines have in common."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Played

Variables = dict[str, t.Any]
#: What no output may hold.
SECRET = "correct-horse"
DESCRIPTION = f"""
variant: flatcar
version: 1.0.0
storage:
  files:
    - path: /etc/motd
      mode: 0600
      contents:
        inline: "{{{{ motd | default('{SECRET}') }}}}"
"""


def ended(played: Played) -> dict[str, list[int]]:
    """host -> how many of its tasks have changed something, and how many have failed."""
    hosts = dict.fromkeys(result.host for result in played.results)
    return {
        host: [sum(result.changed for result in played.of(host)), sum(result.failed for result in played.of(host))]
        for host in hosts
    }


def stats(played: Played) -> Variables:
    """What the playbook tells workflows, all batches together."""
    told: Variables = {}
    for result in played.results:
        for name, data in result.result.get("ansible_stats", {}).get("data", {}).items():
            told.setdefault(name, {}).update(data)
    return told


def failure(played: Played, host: str) -> str:
    """Why a host failed."""
    return next(str(result.result["msg"]) for result in played.of(host) if result.failed)
