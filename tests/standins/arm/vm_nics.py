# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NICs of a VM."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog, ids, nics, rights
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World


def check(put: Put) -> None:
    """ArmError where the NICs of a VM are not there, taken, reserved, or too fast for its size."""
    given = (put.properties.get("networkProfile") or {}).get("networkInterfaces") or []
    if not given:
        raise ArmError(
            400,
            "InvalidParameter",
            "Virtual Machine must have at least one network interface.",
            target="networkProfile",
        )
    size = put.properties["hardwareProfile"]["vmSize"]
    for each in given:
        nic = put.world.find(each["id"])
        if nic is None:
            raise ArmError(404, "NotFound", f"Resource {each['id']} not found.")
        rights.check_join(put.world, put.path, nic)
        nics.check_reserved(put.world, nic, put.path.id)
        owner = (nic["properties"].get("virtualMachine") or {}).get("id")
        if owner and not ids.same(owner, put.path.id):
            raise ArmError(
                400,
                "OperationNotAllowed" if put.old else "InvalidParameter",
                f"Network interface {each['id']} is used by another virtual machine {owner}.",
                target="networkProfile",
            )
        if nic["properties"].get("enableAcceleratedNetworking") and not catalog.SIZES[size].accelerated:
            raise ArmError(
                409,
                "VMSizeIsNotPermittedToEnableAcceleratedNetworking",
                f"VM size {size} is not in the allowed list for accelerated networking to be enabled on the VM.",
            )
    if put.old:
        _check_same(put, put.old)


def _check_same(put: Put, old: Json) -> None:
    before, now = (
        {each["id"].lower() for each in properties["networkProfile"]["networkInterfaces"]}
        for properties in (old["properties"], put.properties)
    )
    if before != now and put.world.secret(put.path.id)["power"] != "deallocated":
        raise ArmError(
            400,
            "AddingOrDeletingNetworkInterfacesOnARunningVirtualMachineNotSupported",
            "Secondary network interfaces cannot be added or deleted from a running virtual machine. To learn more, "
            "see aka.ms/multinic.",
        )


def attach(put: Put) -> None:
    """Gives the NICs to the VM, and lets go of those that it had."""
    given = put.properties["networkProfile"]["networkInterfaces"]
    kept = {each["id"].lower() for each in given}
    before = put.old["properties"]["networkProfile"]["networkInterfaces"] if put.old else []
    for each in before:
        nic = put.world.find(each["id"])
        if nic and each["id"].lower() not in kept:
            nics.detach(nic)
    for each in given:
        primary = len(given) == 1 or bool((each.get("properties") or {}).get("primary"))
        nics.attach(put.world.get(each["id"]), put.new["id"], primary)


def reserve(put: Put) -> None:
    """Keeps free NICs for a VM that was refused."""
    for each in (put.properties.get("networkProfile") or {}).get("networkInterfaces") or []:
        nic = put.world.find(each["id"])
        if nic and "virtualMachine" not in nic["properties"]:
            nics.reserve(put.world, nic, put.path.id)


def released(world: World, vm: Json) -> None:
    """After a VM is gone: its NICs are free, or gone with it and perhaps with their addresses, as it was asked."""
    for each in vm["properties"]["networkProfile"]["networkInterfaces"]:
        nic = world.find(each["id"])
        if nic:
            nics.detach(nic)
            if (each.get("properties") or {}).get("deleteOption") == "Delete":
                _drop(world, nic)


def _drop(world: World, nic: Json) -> None:
    world.drop(nic["id"])
    for each in nic["properties"]["ipConfigurations"]:
        address = each["properties"].get("publicIPAddress") or {}
        if (address.get("properties") or {}).get("deleteOption") == "Delete":
            world.drop(address["id"])
