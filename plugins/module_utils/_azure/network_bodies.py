# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The parts of a network as the REST API takes them."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NONE

Json = dict[str, t.Any]
_STANDARD = {"name": "Standard", "tier": "Regional"}
_CONFIGURATION = "primary"


def address(location: str, owner: str, tags: t.Mapping[str, str]) -> Json:
    """A public IP address. Basic ones are gone since 2025-09-30, and Standard ones are static."""
    properties = {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"}
    return {**_head(location, owner, tags), "sku": _STANDARD, "properties": properties}


def gateway(location: str, address_id: str, tags: t.Mapping[str, str]) -> Json:
    return {
        **_head(location, stamp.SHARED, tags),
        "sku": {"name": "Standard"},
        "properties": {"publicIpAddresses": [{"id": address_id}]},
    }


def security_group(location: str, rules: t.Sequence[Json], tags: t.Mapping[str, str]) -> Json:
    return {**_head(location, stamp.SHARED, tags), "properties": {"securityRules": list(rules)}}


def subnet(prefix: str, gateway_id: str | None) -> Json:
    """A private subnet: it has no way out but the one that it is given."""
    properties: Json = {"addressPrefix": prefix, "defaultOutboundAccess": False}
    if gateway_id:
        properties["natGateway"] = {"id": gateway_id}
    return {"properties": properties}


def vnet(location: str, prefixes: t.Sequence[str], subnets: t.Mapping[str, Json], tags: t.Mapping[str, str]) -> Json:
    return {
        **_head(location, stamp.SHARED, tags),
        "properties": {
            "addressSpace": {"addressPrefixes": list(prefixes)},
            "subnets": [{"name": name, **body} for name, body in subnets.items()],
        },
    }


def group(location: str, tags: t.Mapping[str, str]) -> Json:
    return _head(location, stamp.SHARED, tags)


def nic(
    location: str,
    owner: str,
    subnet_id: str,
    public_ip: str,
    own_address: bool,
    security_group_id: str | None,
    accelerated: bool | None,
    private_ip: str | None,
    tags: t.Mapping[str, str],
) -> Json:
    """A network interface. An address of the VM's own goes with the VM."""
    configuration: Json = {"primary": True, "subnet": {"id": subnet_id}, **private(private_ip)}
    if public_ip != NONE:
        configuration["publicIPAddress"] = public(public_ip, own_address)
    properties: Json = {"ipConfigurations": [{"name": _CONFIGURATION, "properties": configuration}]}
    if security_group_id:
        properties["networkSecurityGroup"] = {"id": security_group_id}
    if accelerated is not None:
        properties["enableAcceleratedNetworking"] = accelerated
    return {**_head(location, owner, tags), "properties": properties}


def private(address_text: str | None) -> Json:
    if address_text:
        return {"privateIPAllocationMethod": "Static", "privateIPAddress": address_text}
    return {"privateIPAllocationMethod": "Dynamic"}


def public(identity: str, own: bool) -> Json:
    return {"id": identity, "properties": {"deleteOption": "Delete" if own else "Detach"}}


def _head(location: str, owner: str, tags: t.Mapping[str, str]) -> Json:
    return {"location": location, "tags": {**tags, **stamp.tags(owner=owner)}}
