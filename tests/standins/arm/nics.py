# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network interfaces."""

from __future__ import annotations

import ipaddress
import time
import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import addresses, ids, networks
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

TYPE = "Microsoft.Network/networkInterfaces"


def _nic(put: Put) -> None:
    properties, was = put.properties, (put.old or {}).get("properties", {})
    configurations = properties.get("ipConfigurations") or []
    if not configurations:
        raise ArmError(
            400,
            "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
            f"Network interface {put.path.id} must have at least one IP configuration.",
        )
    if properties.get("networkSecurityGroup"):
        reference(put.world, put, properties["networkSecurityGroup"]["id"])
    before = {each["name"]: each for each in was.get("ipConfigurations", [])}
    for number, each in enumerate(configurations):
        _configuration(put, each, before.get(each["name"]), number)
    properties["resourceGuid"] = was.get("resourceGuid") or str(uuid.uuid4())
    properties.setdefault("dnsSettings", {"dnsServers": []})
    properties["dnsSettings"].setdefault("appliedDnsServers", [])
    properties.setdefault("enableAcceleratedNetworking", False)
    properties.setdefault("enableIPForwarding", False)
    properties.setdefault("disableTcpStateTracking", False)
    properties["tapConfigurations"] = []
    properties["nicType"] = "Standard"
    for name in ("virtualMachine", "macAddress", "primary"):
        if name in was:
            properties[name] = was[name]


def _configuration(put: Put, given: Json, before: Json | None, number: int) -> None:
    properties = given.setdefault("properties", {})
    subnet_id = (properties.get("subnet") or {}).get("id")
    if not subnet_id:
        raise ArmError(
            400,
            "SubnetIsRequired",
            f"IP configuration {given.get('name')} of network interface {put.path.id} has no subnet.",
        )
    subnet = reference(put.world, put, subnet_id)
    network = put.world.get(subnet["id"].rpartition("/subnets/")[0])
    if network["location"] != put.new["location"]:
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {subnet_id} referenced by resource {put.path.id} was not found. Please make sure that the "
            "referenced resource exists, and that both resources are in the same region.",
        )
    given["id"] = f"{put.new['id']}/ipConfigurations/{given['name']}"
    given["type"] = f"{TYPE}/ipConfigurations"
    given["etag"] = f'W/"{uuid.uuid4()}"'
    if properties.get("publicIPAddress"):
        reference(put.world, put, properties["publicIPAddress"]["id"])
        addresses.check_free(put.world, properties["publicIPAddress"]["id"], put.new["id"])
    _private(put, properties, (before or {}).get("properties", {}), subnet)
    properties["provisioningState"] = "Succeeded"
    properties.setdefault("privateIPAddressVersion", "IPv4")
    properties.setdefault("primary", number == 0)


def _private(put: Put, properties: Json, before: Json, subnet: Json) -> None:
    """Checks the private address that is asked for, or takes the first that is free; the first four are Azure's."""
    taken = {
        each["properties"].get("privateIPAddress")
        for nic in put.world.within("", TYPE)
        if not ids.same(nic["id"], put.new["id"])
        for each in nic["properties"]["ipConfigurations"]
        if ids.same(each["properties"]["subnet"]["id"], subnet["id"])
    }
    network = networks.prefixes(subnet)[0]
    wanted = properties.get("privateIPAddress")
    if properties.setdefault("privateIPAllocationMethod", "Dynamic") == "Static" and wanted:
        if ipaddress.ip_address(wanted) not in network:
            raise ArmError(
                400,
                "PrivateIPAddressNotInSubnet",
                f"Private static IP address {wanted} does not belong to the range of subnet prefix {network}.",
            )
        if wanted in taken:
            raise ArmError(
                400,
                "PrivateIPAddressInUse",
                f"IP configuration {properties.get('id') or put.path.id} is using the private IP address {wanted} "
                "which is already allocated to another resource.",
            )
        return
    kept = before.get("privateIPAddress")
    if kept and ipaddress.ip_address(kept) in network:
        properties["privateIPAddress"] = kept
        return
    last = network.num_addresses - 1
    free = (str(network[number]) for number in range(4, last) if str(network[number]) not in taken)
    properties["privateIPAddress"] = next(free, None)
    if properties["privateIPAddress"] is None:
        raise ArmError(
            400,
            "SubnetIsFull",
            f"Subnet {subnet['name']} with address prefix {network} does not have enough capacity for 1 IP addresses.",
        )


def reserve(world: World, nic: Json, vm: str) -> None:
    """Keeps a NIC for a VM that could not be made, for as long as the test says."""
    seconds = world.control.nic_reserved
    if seconds:
        world.secret(nic["id"])["reserved"] = (time.monotonic() + seconds, vm)


def check_reserved(world: World, nic: Json, vm: str = "") -> None:
    """ArmError (NicReservedForAnotherVm) while a NIC is kept for another than a VM."""
    until, holder = world.secret(nic["id"]).get("reserved", (0, ""))
    if until > time.monotonic() and not ids.same(holder, vm):
        raise ArmError(
            400,
            "NicReservedForAnotherVm",
            "Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) "
            f"or retry after 180 seconds. Reserved VM: {holder}",
        )


def _free(world: World, nic: Json) -> None:
    check_reserved(world, nic)
    if vm := nic["properties"].get("virtualMachine"):
        raise ArmError(
            400,
            "NicInUse",
            f"Network Interface {nic['id']} is used by existing resource {vm['id']}. In order to delete the network "
            "interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.",
        )


def attach(nic: Json, vm: str, primary: bool) -> None:
    """Gives a NIC to a VM, from which on it has a MAC address."""
    nic["properties"]["virtualMachine"] = {"id": vm}
    nic["properties"]["primary"] = primary
    nic["properties"].setdefault("macAddress", f"00-0D-3A-{uuid.uuid4().hex[:2]}-{uuid.uuid4().hex[:2]}-01".upper())


def detach(nic: Json) -> None:
    for name in ("virtualMachine", "primary"):
        nic["properties"].pop(name, None)


NIC = Kind(TYPE, prepare=_nic, may_go=_free, merges=False, etag="word")
