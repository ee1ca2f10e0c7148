# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The disks of a VM: made with it, attached, detached, and deleted with it."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import ids
from ansible_collections.flatops.flatcar.tests.standins.arm.disks import TYPE
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_source import Source
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World


def os_disk(put: Put, source: Source) -> None:
    """Completes the OS disk of a new VM, and makes the disk."""
    disk = put.properties["storageProfile"].setdefault("osDisk", {"createOption": "FromImage"})
    disk.setdefault("name", f"{put.path.names[-1]}_OsDisk_1_{uuid.uuid4().hex}")
    disk["osType"] = "Linux"
    disk.setdefault("caching", "ReadWrite")
    disk.setdefault("deleteOption", "Detach")
    disk_gb = source.disk_gb
    if disk.setdefault("diskSizeGB", disk_gb) < disk_gb:
        raise ArmError(
            400,
            "InvalidParameter",
            f"The specified disk size {disk['diskSizeGB']} GB is smaller than the size of the corresponding disk in "
            f"the VM image: {disk_gb} GB. This is not allowed. Please choose equal or greater size or do not specify "
            "an explicit size.",
            target="osDisk.diskSizeGB",
        )
    made = _made(put, disk, {"createOption": "FromImage"})
    made["properties"] |= {"osType": "Linux", "hyperVGeneration": source.generation}
    if source.plan:
        publisher, product, name = source.plan
        made["properties"]["purchasePlan"] = {"name": name, "publisher": publisher, "product": product}


def data_disks(put: Put) -> None:
    """Completes data disks: makes those that are new, attaches those that are there, and lets go of the others."""
    profile = put.properties["storageProfile"]
    disks = profile.setdefault("dataDisks", [])
    luns = [each.get("lun") for each in disks]
    if len(set(luns)) < len(luns):
        raise invalid("A disk with the same LUN is already attached to the VM.", "dataDisks.lun")
    before = {each["lun"]: each for each in _of(put.old)}
    for each in disks:
        _data_disk(put, each, before.get(each["lun"]))
    kept = {each["managedDisk"]["id"].lower() for each in disks}
    for each in before.values():
        if each["managedDisk"]["id"].lower() not in kept:
            detach(put.world, each)


def _of(vm: Json | None) -> list[Json]:
    return t.cast("list[Json]", vm["properties"]["storageProfile"].get("dataDisks", [])) if vm else []


def _data_disk(put: Put, disk: Json, before: Json | None) -> None:
    option = disk.get("createOption")
    identity = (disk.get("managedDisk") or {}).get("id") or (before or {}).get("managedDisk", {}).get("id")
    disk.setdefault("caching", "None")
    disk.setdefault("deleteOption", "Detach")
    disk.setdefault("toBeDetached", False)
    if before and ids.same(before["managedDisk"]["id"], identity or ""):
        known = put.world.get(identity)
        check_size(put, disk, known)
        disk["name"] = known["name"]
        disk["managedDisk"] = before["managedDisk"] | (disk.get("managedDisk") or {})
        disk["diskSizeGB"] = known["properties"]["diskSizeGB"]
        return
    if option == "Attach":
        if not identity:
            raise invalid("Required parameter 'dataDisk.managedDisk.id' is missing (null).", "dataDisk.managedDisk.id")
        _attach(put, disk, put.world.get(identity))
        return
    if option != "Empty":
        raise invalid(f"The value '{option}' of parameter 'dataDisk.createOption' is invalid.", "dataDisk.createOption")
    if not disk.get("diskSizeGB"):
        raise invalid("Required parameter 'dataDisk.diskSizeGB' is missing (null).", "dataDisk.diskSizeGB")
    disk.setdefault("name", f"{put.path.names[-1]}_disk{disk['lun'] + 1}_{uuid.uuid4().hex}")
    _made(put, disk, {"createOption": "Empty"})


def check_size(put: Put, disk: Json, known: Json) -> None:
    """ArmError (ResizeDiskError) where a VM's description would resize a disk, which only the disk itself may."""
    if disk.get("diskSizeGB") not in (None, known["properties"]["diskSizeGB"]):
        raise ArmError(
            400,
            "ResizeDiskError",
            f"Managed disk resize via Virtual Machine '{put.path.names[-1]}' is not allowed. Please resize disk "
            f"resource at {known['id']}.",
        )


def _attach(put: Put, disk: Json, found: Json) -> None:
    owner = found.get("managedBy")
    if owner and not ids.same(owner, put.path.id):
        raise ArmError(
            409,
            "AttachDiskWhileBeingAttached" if not owner else "ConflictingUserInput",
            f"Cannot attach data disk '{found['name']}' to VM '{put.path.names[-1]}' because the disk is currently "
            f"owned by VM '{owner}'.",
        )
    if found["location"] != put.new["location"]:
        raise invalid(f"Disk {found['id']} is in another location than the VM.", "dataDisk.managedDisk.id")
    if (found.get("zones") or []) != (put.new.get("zones") or []):
        raise ArmError(
            400,
            "BadRequest",
            f"Disk {found['name']} cannot be attached to the VM because it is not in the same zone as the VM.",
        )
    _hold(put, found)
    disk["name"] = found["name"]
    disk["diskSizeGB"] = found["properties"]["diskSizeGB"]
    disk["managedDisk"] = {"id": ids.loud(found["id"]), "storageAccountType": found["sku"]["name"]}


def _made(put: Put, disk: Json, creation: Json) -> Json:
    """Makes a disk of its description, in the VM's group."""
    managed = disk.setdefault("managedDisk", {})
    managed.setdefault("storageAccountType", "Premium_LRS")
    managed["id"] = f"{ids.group_id(put.path.subscription, put.path.group.upper())}/providers/{TYPE}/{disk['name']}"
    if put.world.find(managed["id"]):
        raise ArmError(
            409,
            "ConflictingUserInput",
            f"Disk {disk['name']} already exists in resource group {put.path.group}. Only CreateOption.Attach is "
            "supported.",
            target="/subscriptions/disks",
        )
    made: Json = {
        "id": managed["id"],
        "name": disk["name"],
        "type": TYPE,
        "location": put.new["location"],
        "sku": {"name": managed["storageAccountType"], "tier": managed["storageAccountType"].partition("_")[0]},
        "properties": {
            "creationData": creation,
            "diskSizeGB": disk["diskSizeGB"],
            "diskSizeBytes": disk["diskSizeGB"] << 30,
            "provisioningState": "Succeeded",
            "uniqueId": str(uuid.uuid4()),
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        },
    }
    if put.new.get("zones"):
        made["zones"] = list(put.new["zones"])
    if put.new.get("tags"):
        made["tags"] = dict(put.new["tags"])
    put.world.put(made)
    _hold(put, made)
    return made


def _hold(put: Put, disk: Json) -> None:
    disk["managedBy"] = ids.loud(put.new["id"])
    disk["properties"]["diskState"] = "Attached"


def detach(world: World, described: Json) -> None:
    """Lets go of the disk that a VM describes."""
    found = world.find(described["managedDisk"]["id"])
    if found:
        found.pop("managedBy", None)
        found["properties"]["diskState"] = "Unattached"


def released(world: World, vm: Json) -> None:
    """After a VM is gone: its disks are free, or gone with it as it was asked."""
    profile = vm["properties"]["storageProfile"]
    for each in (profile["osDisk"], *profile.get("dataDisks", [])):
        detach(world, each)
        if each.get("deleteOption") == "Delete":
            world.drop(each["managedDisk"]["id"])
