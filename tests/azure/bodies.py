# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON of resources, as small as Azure takes it, and what makes them at the stand-in."""

from __future__ import annotations

import base64
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

Json = dict[str, t.Any]
LOCATION = "westeurope"
GROUP = "rg"
#: An image without a plan, that boots on SIZE.
IMAGE = {
    "publisher": "kinvolk",
    "offer": "flatcar-container-linux-corevm-amd64",
    "sku": "stable-gen2",
    "version": "latest",
}
PAID = {**IMAGE, "offer": "flatcar-container-linux-free"}
PLAN = {"publisher": "kinvolk", "product": "flatcar-container-linux-free", "name": "stable-gen2"}
SIZE = "Standard_D2s_v5"
KEY = {"path": "/home/core/.ssh/authorized_keys", "keyData": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="}


def encoded(config: Json | None = None) -> str:
    """Ignition as custom data."""
    return base64.b64encode(json.dumps(config or {"ignition": {"version": "3.4.0"}}).encode()).decode()


def group(session: Session, name: str = GROUP) -> Json:
    function = session.resources.resource_groups.create_or_update
    return t.cast(Json, request.get(session, "group", function, name, {"location": LOCATION}))


def network(session: Session, name: str = "vnet", **subnet: t.Any) -> Json:
    """A virtual network with the subnet `nodes`; the properties of that may be added to."""
    properties = {"addressPrefix": "10.0.0.0/24", **subnet}
    body = {
        "location": LOCATION,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "nodes", "properties": properties}],
        },
    }
    function = session.network.virtual_networks.begin_create_or_update
    return t.cast(Json, request.begin(session, "network", function, GROUP, name, body))


def address_body() -> Json:
    return {"location": LOCATION, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}


def address(session: Session, name: str = "ip") -> Json:
    function = session.network.public_ip_addresses.begin_create_or_update
    return t.cast(Json, request.begin(session, "address", function, GROUP, name, address_body()))


def nic_body(subnet: str, address: str = "") -> Json:
    properties: Json = {"subnet": {"id": subnet}}
    if address:
        properties["publicIPAddress"] = {"id": address}
    return {"location": LOCATION, "properties": {"ipConfigurations": [{"name": "first", "properties": properties}]}}


def nic(session: Session, name: str = "nic", subnet: str = "", address: str = "") -> Json:
    """A NIC, in a network that is made where none is named."""
    place = subnet or network(session)["properties"]["subnets"][0]["id"]
    function = session.network.network_interfaces.begin_create_or_update
    return t.cast(Json, request.begin(session, "NIC", function, GROUP, name, nic_body(place, address)))


def vm_body(nic: str, *, image: Json | None = None, size: str = SIZE, plan: Json | None = None, **more: t.Any) -> Json:
    """A VM; more are properties of it."""
    body: Json = {
        "location": LOCATION,
        "properties": {
            "hardwareProfile": {"vmSize": size},
            "storageProfile": {"imageReference": dict(image or IMAGE)},
            "osProfile": {
                "computerName": "node1",
                "adminUsername": "core",
                "customData": encoded(),
                "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [KEY]}},
            },
            "networkProfile": {"networkInterfaces": [{"id": nic, "properties": {"deleteOption": "Delete"}}]},
            **more,
        },
    }
    return {**body, "plan": plan} if plan else body


def vm(session: Session, name: str = "node1", body: Json | None = None) -> Json:
    """A VM; group, network and NIC are made where no body is given."""
    if body is None:
        group(session)
        body = vm_body(nic(session)["id"])
    function = session.compute.virtual_machines.begin_create_or_update
    return t.cast(Json, request.begin(session, "VM", function, GROUP, name, body))
