# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventories for the playbook vsphere_vms, its runs, and what a server has afterwards."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, properties, sdk, stamp
from ansible_collections.flatops.flatcar.tests.fleets import DESCRIPTION, Variables
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings

TEMPLATE = "flatcar-template"
#: Where the simulated vCenter has room.
PLACE = {"cluster": "DC0_C0"}


class Vm(t.NamedTuple):
    """A VM as a server has it. ignition is the digest in its stamp."""

    moid: str
    instance: str
    power: str
    ignition: str | None


class Fleet:
    """The hosts of an inventory, and runs of the playbook for them.

    hosts maps names to their variables; variables are those of all, of which None takes a usual one away. place is
    what the simulator needs to be told of a place.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        server: vcsim.Server,
        hosts: collections.abc.Mapping[str, Variables],
        *,
        place: collections.abc.Mapping[str, str] | None = None,
        **variables: t.Any,
    ) -> None:
        self.server = server
        self.inventory = folder / "fleet.json"
        self.play = Player(self.inventory, folder)
        image = folder / "flatcar.ova"
        ova.write(image)
        common = {
            "flatcar_butane__10_motd": DESCRIPTION,
            "flatcar_vsphere": {**server.options(), **(PLACE if place is None else place)},
            "flatcar_vsphere_template": {"name": TEMPLATE, "ova": str(image)},
            "flatcar_wait": False,
            "flatcar_known_hosts": str(folder / "known_hosts"),
        }
        given = {name: value for name, value in {**common, **variables}.items() if value is not None}
        groups = {"machines": {"hosts": dict(hosts)}}
        self.inventory.write_text(json.dumps({"all": {"vars": given, "children": groups}}))

    def run(self, *arguments: str, env: dict[str, str] | None = None, **variables: t.Any) -> Played:
        return self.play.run("flatops.flatcar.vsphere_vms", variables=variables, arguments=arguments, env=env)

    def vms(self) -> dict[str, Vm]:
        return vms(self.server)


def vms(server: vcsim.Server) -> dict[str, Vm]:
    """The VMs of a server that are no templates and not the simulator's own, by name."""
    paths = ["name", "config.template", "config.instanceUuid", "runtime.powerState", "config.extraConfig"]
    with connection.connect(settings(server)) as session:
        found = properties.view(session, sdk.vim.VirtualMachine, paths)
    return {
        each.values["name"]: Vm(
            each.ref._moId,
            each.values["config.instanceUuid"],
            str(each.values["runtime.powerState"]),
            stamp.read({option.key: option.value for option in each.values["config.extraConfig"]}).ignition_sha256,
        )
        for each in found
        if not each.values["config.template"] and not each.values["name"].startswith(("DC0_", "ha-host_"))
    }
