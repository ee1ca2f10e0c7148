# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual networks and their subnets."""

from __future__ import annotations

import ipaddress
import typing as t
import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import ids
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
NETWORK_TYPE = "Microsoft.Network/virtualNetworks"
SUBNET_TYPE = f"{NETWORK_TYPE}/subnets"


def prefixes(subnet: Json) -> list[Network]:
    """The address ranges of a subnet. ArmError for what is no range."""
    properties = subnet.get("properties") or {}
    given = properties.get("addressPrefixes") or [properties.get("addressPrefix")]
    try:
        return [ipaddress.ip_network(each) for each in given]
    except (TypeError, ValueError) as error:
        raise ArmError(
            400,
            "InvalidAddressPrefixFormat",
            f"Address prefix {given} of resource {subnet.get('id') or subnet.get('name')} is not formatted correctly. "
            "It should follow CIDR notation, for example 10.0.0.0/24.",
        ) from error


def _network(put: Put) -> None:
    properties = put.properties
    ranges = (properties.get("addressSpace") or {}).get("addressPrefixes") or []
    if not ranges:
        raise ArmError(
            400,
            "AddressSpaceRequired",
            f"Address space of virtual network {put.path.id} must have at least one address prefix.",
        )
    properties.setdefault("resourceGuid", str(uuid.uuid4()))
    properties.setdefault("enableDdosProtection", False)
    properties.setdefault("virtualNetworkPeerings", [])
    sent = properties.pop("subnets", None)
    there = put.world.within(put.path.id, SUBNET_TYPE)
    if sent is None:
        for each in there:
            _check_ranges(put.world, put.new, each, [])
        return
    names = {each["name"].lower() for each in sent}
    for each in there:
        if each["name"].lower() not in names:
            _subnet_free(put.world, each)
            put.world.drop(each["id"])
    made: list[Json] = []
    for each in sent:
        subnet: Json = {
            "id": f"{put.new['id']}/subnets/{each['name']}",
            "name": each["name"],
            "type": SUBNET_TYPE,
            "properties": dict(each.get("properties") or {}),
        }
        _check_ranges(put.world, put.new, subnet, made)
        _complete_subnet(put, subnet)
        made.append(subnet)
    for each in made:
        each["properties"]["provisioningState"] = "Succeeded"
        each["etag"] = f'W/"{uuid.uuid4()}"'
        put.world.put(each)


def _check_ranges(world: World, network: Json, subnet: Json, others: t.Sequence[Json]) -> None:
    space = [ipaddress.ip_network(each) for each in network["properties"]["addressSpace"]["addressPrefixes"]]
    for each in prefixes(subnet):
        if not any(_within(each, outer) for outer in space):
            raise ArmError(
                400,
                "NetcfgSubnetRangeOutsideVnet",
                f"Subnet '{subnet['name']}' is not valid because its IP address range is outside the IP address range "
                f"of virtual network '{network['name']}'.",
            )
        if any(each.overlaps(inner) for other in others for inner in prefixes(other)):
            raise ArmError(
                400,
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{subnet['name']}' is not valid because its IP address range overlaps with that of an "
                f"existing subnet in virtual network '{network['name']}'.",
            )


def _within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _complete_subnet(put: Put, subnet: Json) -> None:
    """What a subnet has without being asked for. Since the API of 2025-07-01 that is no way out."""
    properties = subnet["properties"]
    for name in ("networkSecurityGroup", "natGateway", "routeTable"):
        if properties.get(name):
            reference(put.world, put, properties[name]["id"])
    properties.setdefault("delegations", [])
    properties.setdefault("privateEndpointNetworkPolicies", "Disabled")
    properties.setdefault("privateLinkServiceNetworkPolicies", "Enabled")
    properties.setdefault("defaultOutboundAccess", False)


def _subnet(put: Put) -> None:
    assert put.path.parent
    network = put.world.get(put.path.parent.id)
    others = [each for each in put.world.within(network["id"], SUBNET_TYPE) if not ids.same(each["id"], put.new["id"])]
    _check_ranges(put.world, network, put.new, others)
    _complete_subnet(put, put.new)


def _tell_network(world: World, request: Request, network: Json) -> Json:
    told = world.told(network)
    told["properties"]["subnets"] = [
        _tell_subnet(world, request, each) for each in world.within(network["id"], SUBNET_TYPE)
    ]
    return told


def _tell_subnet(world: World, request: Request, subnet: Json) -> Json:
    return world.told(subnet, ipConfigurations=[{"id": each["id"]} for each in _users(world, subnet)])


def _users(world: World, subnet: Json) -> list[Json]:
    """The IP configurations of NICs in a subnet."""
    return [
        each
        for nic in world.within("", "Microsoft.Network/networkInterfaces")
        for each in nic["properties"]["ipConfigurations"]
        if ids.same(each["properties"]["subnet"]["id"], subnet["id"])
    ]


def _subnet_free(world: World, subnet: Json) -> None:
    if users := _users(world, subnet):
        raise ArmError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {subnet['name']} is in use by {users[0]['id']} and cannot be deleted. In order to delete the "
            "subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
        )


def _network_free(world: World, network: Json) -> None:
    for each in world.within(network["id"], SUBNET_TYPE):
        _subnet_free(world, each)


NETWORK = Kind(
    NETWORK_TYPE,
    prepare=_network,
    tell=_tell_network,
    may_go=_network_free,
    merges=False,
    etag="word",
)
SUBNET = Kind(
    SUBNET_TYPE,
    prepare=_subnet,
    tell=_tell_subnet,
    may_go=_subnet_free,
    located=False,
    merges=False,
    etag="word",
)
