# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How the interface of a VM differs from what is described."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_bodies, network_plan, resource_id
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Json, Parts
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import CREATE, NONE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import DEALLOCATE, LIVE, REBUILD, Change


def changes(wanted: Wanted, parts: Parts) -> tuple[Change, ...]:
    """The differences of the interface that was made for the VM; () where there is none, or nothing is said of it."""
    if parts.nic is None or wanted.nics or wanted.vnet is None:
        return ()
    properties = parts.nic["properties"]
    first = properties["ipConfigurations"][0]["properties"]
    group = (properties.get("networkSecurityGroup") or {}).get("id")
    compared = [
        ("public_ip", _address(first), address_id(wanted), LIVE),
        ("security_group_name", group, str(wanted.security_group) if wanted.security_group else group, LIVE),
        ("subnet_name", first["subnet"]["id"], _subnet(wanted) or first["subnet"]["id"], REBUILD),
    ]
    found = [Change(*each) for each in compared if not resource_id.same(each[1], each[2])]
    accelerated = bool(properties.get("enableAcceleratedNetworking"))
    if wanted.accelerated is not None and wanted.accelerated != accelerated:
        found.append(Change("accelerated_networking", accelerated, wanted.accelerated, DEALLOCATE))
    if wanted.private_ip and wanted.private_ip != first.get("privateIPAddress"):
        found.append(Change("private_ip", first.get("privateIPAddress"), wanted.private_ip, DEALLOCATE))
    return tuple(found)


def changed(seen: Json, wanted: Wanted, differences: t.Sequence[Change]) -> Json:
    """The body that puts the interface right."""
    body = network_plan.written(seen)
    properties = body["properties"]
    configurations = [{**each, "properties": dict(each["properties"])} for each in properties["ipConfigurations"]]
    properties["ipConfigurations"] = configurations
    first = configurations[0]["properties"]
    for change in differences:
        if change.field == "public_ip" and change.after == NONE:
            first.pop("publicIPAddress", None)
        elif change.field == "public_ip":
            first["publicIPAddress"] = network_bodies.public(change.after, wanted.public_ip == CREATE)
        elif change.field == "security_group_name":
            properties["networkSecurityGroup"] = {"id": change.after}
        elif change.field == "accelerated_networking":
            properties["enableAcceleratedNetworking"] = change.after
        elif change.field == "private_ip":
            first.update(network_bodies.private(change.after))
    return body


def address_id(wanted: Wanted) -> str:
    """The public IP address that the VM is to have, or none."""
    return str(wanted.address) if wanted.public_ip == CREATE else wanted.public_ip


def _subnet(wanted: Wanted) -> str | None:
    """The subnet that is named."""
    return str(wanted.vnet.child("subnets", wanted.subnet)) if wanted.vnet and wanted.subnet else None


def _address(configuration: Json) -> str:
    return (configuration.get("publicIPAddress") or {}).get("id") or NONE
