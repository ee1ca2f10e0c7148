# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The networks that the NICs of a machine shall be on."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import properties, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Networks, Target
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place


def resolve(session: Session, inventory: Inventory, place: Place, desired: Desired) -> Networks:
    """VsphereError for a network that the place does not have."""
    return Networks(
        {name: target(session, inventory, inventory.network(value, place)) for name, value in desired.networks.items()},
        tuple(target(session, inventory, inventory.network(nic.network, place)) for nic in desired.hardware.nics),
    )


def target(session: Session, inventory: Inventory, ref: sdk.Ref) -> Target:
    """What a NIC is told that shall be on a network."""
    device, name = sdk.vim.vm.device.VirtualEthernetCard, inventory.name_of(ref)
    if isinstance(ref, sdk.vim.dvs.DistributedVirtualPortgroup):
        switch = inventory.value(ref, "config.distributedVirtualSwitch")
        key = inventory.value(ref, "key")
        port = sdk.vim.dvs.PortConnection(portgroupKey=key, switchUuid=inventory.value(switch, "uuid"))
        return Target(name, key, device.DistributedVirtualPortBackingInfo(port=port))
    if isinstance(ref, sdk.vim.OpaqueNetwork):
        summary = properties.read(session, [ref], ["summary"])[0].values["summary"]
        backing = device.OpaqueNetworkBackingInfo(
            opaqueNetworkId=summary.opaqueNetworkId, opaqueNetworkType=summary.opaqueNetworkType
        )
        return Target(name, summary.opaqueNetworkId, backing)
    return Target(name, ref._moId, device.NetworkBackingInfo(deviceName=name, network=ref))


def name_of(inventory: Inventory, network: str) -> str:
    """The name of the network that machine.network_id gives; itself where it is not known."""
    for ref in inventory.all("Network"):
        if network in (ref._moId, inventory.value(ref, "key")):
            return inventory.name_of(ref)
    return network


def check_names(wanted: t.Mapping[str, str], known: t.Sequence[str], source: str) -> None:
    """VsphereError network_unknown for an entry of the option networks that stands for no network of the source."""
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise VsphereError(
            "network_unknown",
            f"networks: {source} has no NIC on {', '.join(unknown)}. It has NICs on: {', '.join(known) or 'none'}.",
        )
