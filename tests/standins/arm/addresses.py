# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Public IP addresses, and the NAT gateways that use them."""

from __future__ import annotations

import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import sizes
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

TYPE = "Microsoft.Network/publicIPAddresses"
GATEWAY_TYPE = "Microsoft.Network/natGateways"


def _address(put: Put) -> None:
    sku = put.new.setdefault("sku", {"name": "Basic", "tier": "Regional"})
    sku.setdefault("tier", "Regional")
    if sku.get("name") == "Basic":
        raise ArmError(
            400,
            "IPv4BasicSkuPublicIpCountLimitReached",
            "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
        )
    properties = put.properties
    properties.setdefault("publicIPAllocationMethod", "Dynamic")
    if properties["publicIPAllocationMethod"] != "Static":
        raise ArmError(
            400,
            "StandardSkuPublicIPAddressesMustBeStatic",
            f"Standard sku publicIp {put.path.id} must have AllocationMethod set to Static.",
        )
    if put.old is None:
        _check_quota(put)
    properties.setdefault("publicIPAddressVersion", "IPv4")
    properties.setdefault("idleTimeoutInMinutes", 4)
    properties.setdefault("ipTags", [])
    was = (put.old or {}).get("properties", {})
    properties["resourceGuid"] = was.get("resourceGuid") or str(uuid.uuid4())
    if "ipAddress" in was:
        properties["ipAddress"] = was["ipAddress"]


def _check_quota(put: Put) -> None:
    used = [each for each in put.world.within("", TYPE) if each["location"] == put.new["location"]]
    allowed = sizes.limit(put.world, "PublicIPAddresses")
    if len(used) >= allowed:
        raise ArmError(
            400,
            "PublicIPCountLimitReached",
            f"Cannot create more than {allowed} public IP addresses for this subscription in this region.",
        )


def _given(put: Put) -> None:
    """The address itself is known when the operation has ended."""
    number = next(put.world.numbers)
    put.properties.setdefault("ipAddress", f"20.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


def _holder(world: World, address: Json) -> Json | None:
    """The IP configuration or gateway that has an address, as a reference; None where nothing has it."""
    wanted = address["id"].lower()
    for nic in world.within("", "Microsoft.Network/networkInterfaces"):
        for each in nic["properties"]["ipConfigurations"]:
            if ((each["properties"].get("publicIPAddress") or {}).get("id") or "").lower() == wanted:
                return {"id": each["id"]}
    for gateway in world.within("", GATEWAY_TYPE):
        if wanted in {each["id"].lower() for each in gateway["properties"].get("publicIpAddresses") or []}:
            return {"id": gateway["id"]}
    return None


def check_free(world: World, identity: str, user: str) -> None:
    """ArmError (PublicIPAddressInUse) where another than the user has an address."""
    holder = _holder(world, world.get(identity))
    if holder and not holder["id"].lower().startswith(user.lower()):
        raise ArmError(
            400,
            "PublicIPAddressInUse",
            f"Resource {user} is referencing public IP address {identity} that is already allocated to resource "
            f"{holder['id']}.",
        )


def _tell_address(world: World, request: Request, address: Json) -> Json:
    holder = _holder(world, address)
    of_gateway = holder is not None and GATEWAY_TYPE.lower() in holder["id"].lower()
    return world.told(
        address, natGateway=holder if of_gateway else None, ipConfiguration=None if of_gateway else holder
    )


def _address_free(world: World, address: Json) -> None:
    if holder := _holder(world, address):
        raise ArmError(
            400,
            "PublicIPAddressCannotBeDeleted",
            f"Public IP address {address['id']} can not be deleted since it is still allocated to resource "
            f"{holder['id']}. In order to delete the public IP, disassociate/detach the Public IP address from the "
            "resource. To learn how to do this, see aka.ms/deletepublicip.",
        )


def _gateway(put: Put) -> None:
    put.new.setdefault("sku", {"name": "Standard"})
    put.properties.setdefault("idleTimeoutInMinutes", 4)
    put.properties.setdefault("resourceGuid", str(uuid.uuid4()))
    for each in put.properties.get("publicIpAddresses") or []:
        reference(put.world, put, each["id"])
        check_free(put.world, each["id"], put.new["id"])


def _subnets(world: World, gateway: Json) -> list[Json]:
    return [
        {"id": each["id"]}
        for each in world.within("", "Microsoft.Network/virtualNetworks/subnets")
        if ((each["properties"].get("natGateway") or {}).get("id") or "").lower() == gateway["id"].lower()
    ]


def _tell_gateway(world: World, request: Request, gateway: Json) -> Json:
    return world.told(gateway, subnets=_subnets(world, gateway))


def _gateway_free(world: World, gateway: Json) -> None:
    if subnets := _subnets(world, gateway):
        raise ArmError(
            400,
            "InUseNatGatewayCannotBeDeleted",
            f"NAT gateway {gateway['id']} cannot be deleted because it is in use by subnet {subnets[0]['id']}.",
        )


ADDRESS = Kind(TYPE, prepare=_address, done=_given, tell=_tell_address, may_go=_address_free, merges=False, etag="word")
GATEWAY = Kind(GATEWAY_TYPE, prepare=_gateway, tell=_tell_gateway, may_go=_gateway_free, merges=False, etag="word")
