# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed images."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import storage
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, fixed, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid

TYPE = "Microsoft.Compute/images"


def _image(put: Put) -> None:
    properties = put.properties
    if put.old:
        before = put.old["properties"]
        for name in ("storageProfile", "hyperVGeneration", "sourceVirtualMachine"):
            if name in properties and _differs(properties[name], before.get(name)):
                raise fixed(name)
            if name in before:
                properties[name] = before[name]
        return
    disk = (properties.get("storageProfile") or {}).get("osDisk") or {}
    sources = [name for name in ("blobUri", "managedDisk", "snapshot") if disk.get(name)]
    if len(sources) != 1 and not properties.get("sourceVirtualMachine"):
        raise invalid(
            "Required parameter 'image.storageProfile.osDisk.blobUri' is missing (null).", "storageProfile.osDisk"
        )
    if sources == ["blobUri"]:
        storage.check_blob(put, disk["blobUri"])
    elif sources:
        _from_disk(put, reference(put.world, put, disk[sources[0]]["id"]))
    else:
        _from_vm(put, disk)
    if disk.get("osType") not in ("Linux", "Windows"):
        raise invalid("Required parameter 'image.storageProfile.osDisk.osType' is missing (null).", "osDisk.osType")
    disk.setdefault("caching", "None")
    disk.setdefault("storageAccountType", "Standard_LRS")
    disk.setdefault("diskSizeGB", 30)
    properties["storageProfile"].setdefault("dataDisks", [])
    properties["storageProfile"].setdefault("zoneResilient", False)
    properties.setdefault("hyperVGeneration", "V1")


def _from_disk(put: Put, source: Json) -> None:
    """An image has the plan of what it is made of, and nobody can read that of it."""
    put.world.secret(put.new["id"])["plan"] = source["properties"].get("purchasePlan")


def _from_vm(put: Put, disk: Json) -> None:
    vm = reference(put.world, put, put.properties["sourceVirtualMachine"]["id"])
    described = vm["properties"]["storageProfile"]["osDisk"]
    disk.update(osType="Linux", osState="Generalized", managedDisk={"id": described["managedDisk"]["id"]})
    put.properties["storageProfile"] = {"osDisk": disk}
    put.properties["hyperVGeneration"] = put.world.secret(vm["id"])["generation"]
    _from_disk(put, put.world.get(described["managedDisk"]["id"]))


def _differs(sent: object, kept: object) -> bool:
    """Whether what is sent says anything that is not kept so: what it leaves out does not count."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return any(_differs(value, kept.get(name)) for name, value in sent.items())
    return sent != kept


IMAGE = Kind(TYPE, prepare=_image)
