# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a VM's network, as a task gives them, and networks as they could be there."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_wanted, resource_id, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NETWORK
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted

Json = dict[str, t.Any]
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
NAT: Json = {"create_network": True, "outbound": "nat_gateway"}
PUBLIC: Json = {"create_network": True, "outbound": "public_ip", "public_ip": "create", "ssh_sources": ["192.0.2.0/24"]}
GROUP: Json = {"name": "rg1", "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}


def options(**given: t.Any) -> Json:
    """All options of the network of node1 in rg1, and what else of a VM they lean on."""
    base = {"name": "node1", "resource_group": "rg1", "location": "westeurope", "state": "present", "tags": None}
    return {**base, **{name: spec.get("default") for name, spec in NETWORK.items()}, **given}


def wanted(**given: t.Any) -> Wanted:
    return network_wanted.wanted(options(**given), SUBSCRIPTION)


def network(*things: Json, **group: Json | None) -> Network:
    """The parts of the group rg1; group=None says that it is not there."""
    return Network({"rg1": group.get("group", GROUP)}, things)


def thing(kind: str, name: str, owner: str | None = stamp.SHARED, **properties: t.Any) -> Json:
    """A part that is there; the owner is in its tag."""
    return {
        "id": str(resource_id.make(SUBSCRIPTION, "rg1", f"Microsoft.Network/{kind}", name)),
        "name": name,
        "location": "westeurope",
        "etag": f'W/"{name}"',
        "tags": stamp.tags(owner=owner) if owner else {},
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def vnet(*subnets: Json, owner: str | None = stamp.SHARED, name: str = "rg1-vnet", **properties: t.Any) -> Json:
    space = {"addressPrefixes": ["10.10.0.0/16"]}
    return thing("virtualNetworks", name, owner, **{"addressSpace": space, "subnets": list(subnets), **properties})


def subnet(name: str = "default", vnet_name: str = "rg1-vnet", **properties: t.Any) -> Json:
    kind = "Microsoft.Network/virtualNetworks/subnets"
    return {
        "id": str(resource_id.make(SUBSCRIPTION, "rg1", kind, vnet_name, name)),
        "name": name,
        "etag": f'W/"{name}"',
        "properties": {"addressPrefix": "10.10.0.0/24", "provisioningState": "Succeeded", **properties},
    }
