# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventories for the playbook azure_vms, its runs, and what a subscription has afterwards."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import typing as t

from ansible_collections.flatops.flatcar.tests.fleets import DESCRIPTION, Variables
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.arm import client

PLAYBOOK = "flatops.flatcar.azure_vms"
#: From a subscription with nothing in it to machines with an address each.
MACHINE = {
    "resource_group": "fleet",
    "location": "westeurope",
    "create_resource_group": True,
    "create_network": True,
    "outbound": "public_ip",
    "public_ip": "create",
    "ssh_sources": ["203.0.113.0/24"],
    "vm_size": "Standard_D2s_v5",
    "image": "stable",
    "accept_terms": True,
}


class Vm(t.NamedTuple):
    """A VM as the stand-in has it. ignition is the digest in its stamp; id is another one when it is made anew."""

    id: str
    ignition: str | None
    size: str


class Fleet:
    """The hosts of an inventory, and runs of the playbook for them.

    hosts maps names to their variables; variables are those of all, of which None takes a usual one away.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        server: client.Server,
        hosts: collections.abc.Mapping[str, Variables],
        **variables: t.Any,
    ) -> None:
        self.server = server
        self.inventory = folder / "fleet.json"
        self.play = Player(self.inventory, folder)
        common = {
            "flatcar_butane__10_motd": DESCRIPTION,
            "flatcar_azure": {**server.options(), **MACHINE},
            "flatcar_wait": False,
            "flatcar_known_hosts": str(folder / "known_hosts"),
        }
        given = {name: value for name, value in {**common, **variables}.items() if value is not None}
        groups = {"machines": {"hosts": dict(hosts)}}
        self.inventory.write_text(json.dumps({"all": {"vars": given, "children": groups}}))

    def run(
        self, *arguments: str, playbook: str = PLAYBOOK, env: dict[str, str] | None = None, **variables: t.Any
    ) -> Played:
        found = {"REQUESTS_CA_BUNDLE": self.server.ca_path, **(env or {})}
        return self.play.run(playbook, variables=variables, arguments=arguments, env=found)

    def vms(self) -> dict[str, Vm]:
        return vms(self.server)


def vms(server: client.Server) -> dict[str, Vm]:
    """The VMs that there are, by name."""
    return {
        each["name"]: Vm(
            each["properties"]["vmId"],
            each.get("tags", {}).get("flatcar-ansible-ignition"),
            each["properties"]["hardwareProfile"]["vmSize"],
        )
        for each in server.resources().values()
        if each.get("type", "").lower() == "microsoft.compute/virtualmachines"
    }
