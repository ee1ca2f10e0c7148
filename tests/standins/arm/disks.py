# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed disks and snapshots."""

from __future__ import annotations

import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import operations
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, fixed, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

TYPE = "Microsoft.Compute/disks"
SNAPSHOT_TYPE = "Microsoft.Compute/snapshots"
BOTH = (operations.STATUS, operations.RESULT)


def _prepare(put: Put) -> None:
    properties, was = put.properties, (put.old or {}).get("properties", {})
    if put.old is None:
        _create(put, properties)
    put.new.setdefault("sku", {"name": "Standard_LRS"})
    put.new["sku"]["tier"] = put.new["sku"]["name"].partition("_")[0]
    if was:
        if properties.get("creationData", was["creationData"])["createOption"] != was["creationData"]["createOption"]:
            raise fixed("creationData.createOption")
        for name in ("creationData", "uniqueId", "diskState", "encryption", "timeCreated", "diskSizeGB"):
            properties.setdefault(name, was.get(name))
        _check_growth(put, properties["diskSizeGB"], was["diskSizeGB"])
        _check_use(put, properties["diskSizeGB"] != was["diskSizeGB"])
        if "managedBy" in (put.old or {}):
            put.new["managedBy"] = (put.old or {})["managedBy"]
    properties["diskSizeBytes"] = properties["diskSizeGB"] << 30


def _create(put: Put, properties: Json) -> None:
    creation = properties.get("creationData") or {}
    option = creation.get("createOption")
    if not option:
        raise invalid("Required parameter 'disk.creationData' is missing (null).", "disk.creationData")
    if option == "Copy":
        source = reference(put.world, put, creation.get("sourceResourceId", ""))
        properties.setdefault("diskSizeGB", source["properties"]["diskSizeGB"])
        for name in ("osType", "hyperVGeneration", "supportedCapabilities", "purchasePlan"):
            if name in source["properties"]:
                properties.setdefault(name, source["properties"][name])
    if option == "Upload":
        properties.setdefault("diskSizeGB", -(-(creation.get("uploadSizeBytes", 512) - 512) // (1 << 30)))
    if not properties.get("diskSizeGB"):
        raise invalid("Required parameter 'disk.diskSizeGB' is missing (null).", "disk.diskSizeGB")
    properties["diskState"] = "ReadyToUpload" if option == "Upload" else "Unattached"
    properties["uniqueId"] = str(uuid.uuid4())
    properties["timeCreated"] = operations.stamp()
    properties.setdefault("encryption", {"type": "EncryptionAtRestWithPlatformKey"})


def _check_growth(put: Put, size: int, before: int) -> None:
    if size < before:
        raise ArmError(
            400,
            "InvalidParameter",
            f"New disk size {size} GB is less than the current disk size {before} GB. Reducing disk size is not "
            "supported.",
            target="disk.diskSizeGB",
        )


def _check_use(put: Put, grows: bool) -> None:
    """ArmError where a disk is changed that a VM uses: data disks grow meanwhile, all else needs a deallocated VM. What
    the VM tells of its disk follows."""
    assert put.old
    user = put.world.find(put.old.get("managedBy") or "")
    retyped = put.new["sku"]["name"] != put.old["sku"]["name"]
    if user is None or not (grows or retyped):
        return
    profile = user["properties"]["storageProfile"]
    described = [each for each in (profile["osDisk"], *profile["dataDisks"]) if _is(each, put.old)]
    system = bool(described) and described[0] is profile["osDisk"]
    if put.world.secret(user["id"])["power"] != "deallocated" and (retyped or system):
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Cannot resize disk {put.old['name']} while it is attached to running VM {user['id']}. Resizing a disk "
            "of an Azure Virtual Machine requires the virtual machine to be deallocated. Please stop your VM and "
            "retry the operation.",
        )
    for each in described:
        each["diskSizeGB"] = put.properties["diskSizeGB"]
        each["managedDisk"]["storageAccountType"] = put.new["sku"]["name"]


def _is(described: Json, disk: Json) -> bool:
    return bool(described["managedDisk"]["id"].lower() == disk["id"].lower())


def _may_go(world: World, disk: Json) -> None:
    if disk.get("managedBy"):
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Disk {disk['name']} is attached to VM {disk['managedBy']}.",
        )


def _access(world: World, request: Request, disk: Json) -> Answer:
    """Gives a signed address for a time; the state of the disk says so until it is revoked."""
    asked = (request.body or {}).get("access", "Read")
    upload = disk["properties"]["creationData"]["createOption"] == "Upload"
    disk["properties"]["diskState"] = "ActiveUpload" if upload and asked == "Write" else "ActiveSAS"
    address = f"{request.base}/blobs/disks/{disk['properties']['uniqueId']}/abcd?sv=2018-03-28&sr=b&sig=c2lnbmF0dXJl"
    place = f"Microsoft.Compute/locations/{disk['location']}"
    headers = operations.start(world, request, place, result=lambda: {"accessSAS": address})
    return Answer(202, None, headers)


def _revoke(world: World, request: Request, disk: Json) -> Answer:
    disk["properties"]["diskState"] = "Attached" if disk.get("managedBy") else "Unattached"
    return Answer(202, None, operations.start(world, request, f"Microsoft.Compute/locations/{disk['location']}"))


_ACTIONS = {"begingetaccess": _access, "endgetaccess": _revoke}
DISK = Kind(TYPE, prepare=_prepare, may_go=_may_go, writes=BOTH, made=202, actions=_ACTIONS)
SNAPSHOT = Kind(SNAPSHOT_TYPE, prepare=_prepare, may_go=_may_go, writes=BOTH, made=202, actions=_ACTIONS)
