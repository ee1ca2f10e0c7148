# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of the playbooks that make machines have in common."""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Played
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import LOGIN, Nodes

Variables = dict[str, t.Any]
#: For hosts that do not come.
SHORT: Variables = {"flatcar_wait_timeout": 8}
#: The host key of a machine that is gone.
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvFNNtmHbFPKZ0rB9R4bA3nNUmbtVkhHhOTRsbJKRtG"
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


def logins(nodes: Nodes, known_hosts: pathlib.Path) -> Variables:
    """What leads Ansible to machines that are nodes, with a file of known hosts of its own, and waits for them."""
    # Of the options of the test nodes, all but those about host keys.
    options = ["LogLevel=ERROR", f"ConnectTimeout={LOGIN}", f"UserKnownHostsFile={known_hosts}"]
    options += ["StrictHostKeyChecking=accept-new", "HashKnownHosts=no"]
    return {
        "ansible_user": "core",
        "ansible_ssh_private_key_file": str(nodes.key),
        "ansible_ssh_common_args": " ".join(f"-o {option}" for option in options),
        "flatcar_wait": True,
        "flatcar_wait_timeout": 300,
    }


def keys(known_hosts: pathlib.Path) -> dict[str, str]:
    """address -> its host key"""
    lines = known_hosts.read_text().splitlines()
    return {address: key for address, dummy, key in (line.partition(" ") for line in lines)}
