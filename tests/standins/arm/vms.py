# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual machines."""

from __future__ import annotations

import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import (
    catalog,
    ids,
    rights,
    sizes,
    vm_boot,
    vm_change,
    vm_disks,
    vm_limits,
    vm_nics,
    vm_power,
    vm_profile,
    vm_source,
)
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put
from ansible_collections.flatops.flatcar.tests.standins.arm.operations import stamp
from ansible_collections.flatops.flatcar.tests.standins.arm.world import TENANT, World

TYPE = "Microsoft.Compute/virtualMachines"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _vm(put: Put) -> None:
    """Checks and completes a VM. What only the service knows of it goes to the world's secrets. The NICs of one that is
    refused are kept for it for a while."""
    try:
        _prepare(put)
    except ArmError:
        if put.old is None:
            vm_nics.reserve(put)
        raise


def _prepare(put: Put) -> None:
    properties = put.properties
    if properties.get("userData"):
        vm_profile.check_data(properties["userData"], "User data", "userData")
    size = _size(put)
    if put.old:
        _check_stays(put.old)
        vm_change.check(put, put.world.secret(put.path.id))
        if put.request.method == "PUT":
            vm_change.keep(properties, put.old["properties"])
            _keep_outer(put)
        vm_nics.check(put)
        vm_power.check_resize(put, size)
        vm_limits.check_premium(put, _name(put), size)
        described = properties["storageProfile"]["osDisk"]
        vm_disks.check_size(put, described, put.world.get(described["managedDisk"]["id"]))
    else:
        vm_nics.check(put)
        _create(put, size)
    vm_disks.data_disks(put)
    if len(properties["storageProfile"]["dataDisks"]) > size.data_disks:
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"The maximum number of data disks allowed to be attached to a VM of this size is {size.data_disks}.",
            target="dataDisks",
        )
    _identify(put)
    vm_nics.attach(put)
    _hide(put)


def _check_stays(vm: Json) -> None:
    if vm["properties"]["provisioningState"] == "Deleting":
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Operation 'Create or Update VM' is not allowed on VM '{vm['name']}' since the VM is marked for "
            "deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).",
        )


def _identify(put: Put) -> None:
    """Gives the VM's identities their ids."""
    identity = put.new.get("identity")
    if not identity:
        return
    before = (put.old or {}).get("identity") or {}
    if "SystemAssigned" in identity.get("type", ""):
        identity["principalId"] = before.get("principalId") or str(uuid.uuid4())
        identity["tenantId"] = TENANT
    else:
        identity.pop("principalId", None)
        identity.pop("tenantId", None)
    for name, each in (identity.get("userAssignedIdentities") or {}).items():
        rights.check_link(put.world, put.path, name, f"{_IDENTITIES}/assign/action")
        each.setdefault("principalId", str(uuid.uuid4()))
        each.setdefault("clientId", str(uuid.uuid4()))


def _keep_outer(put: Put) -> None:
    assert put.old
    for name in ("zones", "plan", "identity"):
        if name in put.old and name not in put.sent:
            put.new[name] = put.old[name]


def _hide(put: Put) -> None:
    """Takes out what is never told, or only on request."""
    secret = put.world.secret(put.path.id)
    profile = put.properties.get("osProfile", {})
    for name in ("customData", "adminPassword"):
        if name in profile:
            secret[name] = profile.pop(name)
    if "userData" in put.properties:
        secret["userData"] = put.properties.pop("userData")
    secret.setdefault("power", "running")


def _size(put: Put) -> catalog.Size:
    name = (put.properties.get("hardwareProfile") or {}).get("vmSize")
    if name is None and put.old:
        name = put.old["properties"]["hardwareProfile"]["vmSize"]
    known = next((each for each in catalog.SIZES if each.lower() == str(name).lower()), None)
    if known is None:
        raise ArmError(
            400,
            "InvalidParameter",
            f"The value {name} provided for the VM size is not valid. The valid sizes in the current region are: "
            f"{','.join(catalog.SIZES)}. Find out more on the valid VM sizes in each region at "
            "https://aka.ms/azure-regions.",
            target="vmSize",
        )
    size = catalog.SIZES[known]
    zones = put.new.get("zones") or []
    if put.new["location"] in size.restricted or any(zone not in size.zones for zone in zones):
        raise ArmError(
            409,
            "SkuNotAvailable",
            f"The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: {known}' is "
            f"currently not available in location '{put.new['location']}'. Please try another size or deploy to a "
            "different location or different zone. See https://aka.ms/azureskunotavailable for details.",
        )
    return size


def _create(put: Put, size: catalog.Size) -> None:
    properties = put.properties
    put.world.hidden.pop(put.path.id.lower(), None)
    profile = properties.setdefault("storageProfile", {})
    vm_profile.check_os(properties.setdefault("osProfile", {}))
    reference = profile.get("imageReference") or {}
    source = vm_source.find(put, reference)
    vm_source.check_plan(put, source)
    vm_source.check_size(source, properties["hardwareProfile"]["vmSize"], size)
    sizes.check_quota(put.world, put.new["location"], size)
    vm_limits.check_new(put, properties["hardwareProfile"]["vmSize"], size)
    if source.exact_version:
        reference["exactVersion"] = source.exact_version
    vm_profile.complete(properties["osProfile"])
    vm_disks.os_disk(put, source)
    properties["vmId"] = str(uuid.uuid4())
    properties["timeCreated"] = stamp()
    profile.setdefault("diskControllerType", size.controllers)
    put.world.secret(put.path.id).update(generation=source.generation, power="running")


def _name(put: Put) -> str:
    return str(put.properties["hardwareProfile"]["vmSize"])


def _tell(world: World, request: Request, vm: Json) -> Json:
    told = world.told(vm)
    if "/resourcegroups/" not in request.path.lower():
        told["id"] = ids.loud(told["id"])
    secret = world.secret(vm["id"])
    if request.expands("userData") and "userData" in secret:
        told["properties"]["userData"] = secret["userData"]
    if request.expands("instanceView") or request.query.get("statusonly", "").lower() == "true":
        told["properties"]["instanceView"] = vm_power.instance_view(world, vm)
    if secret.get("power") == "deallocated":
        for disk in (
            told["properties"]["storageProfile"]["osDisk"],
            *told["properties"]["storageProfile"]["dataDisks"],
        ):
            disk.pop("diskSizeGB", None)
            disk["managedDisk"].pop("storageAccountType", None)
    return told


def _view(world: World, request: Request, vm: Json) -> Answer:
    return Answer(200, vm_power.instance_view(world, vm))


def _may_go(world: World, vm: Json) -> None:
    world.secret(vm["id"])["power"] = "stopping"


def _gone(world: World, vm: Json) -> None:
    vm_nics.released(world, vm)
    vm_disks.released(world, vm)


VM = Kind(
    TYPE,
    prepare=_vm,
    done=vm_boot.first_boot,
    tell=_tell,
    may_go=_may_go,
    gone=_gone,
    etag="number",
    actions=vm_power.ACTIONS,
    parts={"instanceview": _view},
)
