# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The disks of a VM as described: checked, and as JSON."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp, vm_names
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import DataDisk, Desired, Json, Options

#: Sizes in GiB. Source: Azure's documentation of managed disks, their types and their caching.
LARGEST_OS_DISK = 4095
LARGEST_CACHED = 4095
LARGEST = {"UltraSSD_LRS": 65536, "PremiumV2_LRS": 65536}
_LARGEST_OTHER = 32767
#: Types that take no caching, and that a VM has only in a zone or region that says so.
UNCACHED = ("UltraSSD_LRS", "PremiumV2_LRS")
MOST_LUNS = 64


def data_disks(options: Options) -> tuple[DataDisk, ...]:
    """AzureError bad_option for what no VM can have."""
    vm = options["name"]
    disks = tuple(_data_disk(vm, given, place) for place, given in enumerate(options["data_disks"] or ()))
    for what, values in (
        ("name", [disk.name.lower() for disk in disks]),
        ("lun", [disk.lun for disk in disks]),
    ):
        if len(set(values)) < len(values):
            raise AzureError("bad_option", f"data_disks: two of them have the same {what}.")
    return disks


def _data_disk(vm: str, given: Options, place: int) -> DataDisk:
    where = f"data_disks[{place}]"
    lun = place if given["lun"] is None else given["lun"]
    if not 0 <= lun < MOST_LUNS:
        raise AzureError("bad_option", f"{where}.lun is {lun}; it is 0 to {MOST_LUNS - 1}.")
    size, kind, caching = given["disk_size_gb"], given["managed_disk_type"], given["caching"]
    most = LARGEST.get(kind or "", _LARGEST_OTHER)
    if not 1 <= size <= most:
        raise AzureError("bad_option", f"{where}.disk_size_gb is {size}; it is 1 to {most}.")
    if caching not in (None, "None") and (kind in UNCACHED or size > LARGEST_CACHED):
        raise AzureError(
            "bad_option",
            f"{where}.caching is {caching}; disks of the types {' and '.join(UNCACHED)} and those of more than "
            f"{LARGEST_CACHED} GiB have none.",
        )
    name = given["name"] or f"disk{place + 1}"
    return DataDisk(
        name=name,
        resource=vm_names.check_disk(f"{vm}-{name}", f"{where}.name"),
        lun=lun,
        has_lun=given["lun"] is not None,
        size=size,
        type=kind,
        caching=caching,
        keep=given["keep"],
    )


def os_disk_json(desired: Desired) -> Json:
    """The OS disk of a new VM; it goes with the VM."""
    settings = desired.settings
    disk: Json = {"createOption": "FromImage", "deleteOption": "Delete"}
    managed: Json = {}
    if settings.os_disk_size:
        disk["diskSizeGB"] = settings.os_disk_size
    if settings.os_disk_caching:
        disk["caching"] = settings.os_disk_caching
    if settings.os_disk_type:
        managed["storageAccountType"] = settings.os_disk_type
    if settings.ephemeral:
        disk.update(caching="ReadOnly", diffDiskSettings={"option": "Local"})
    if settings.security_type == "ConfidentialVM":
        managed["securityProfile"] = {"securityEncryptionType": "VMGuestStateOnly"}
    if managed:
        disk["managedDisk"] = managed
    return disk


def data_disk_json(disk: DataDisk, id: str | None, lun: int | None = None) -> Json:
    """An entry of dataDisks: the disk with that id, or one that is made with the VM."""
    entry: Json = {
        "lun": disk.lun if lun is None else lun,
        "name": disk.resource,
        "createOption": "Empty" if id is None else "Attach",
        "deleteOption": "Detach" if disk.keep else "Delete",
    }
    if disk.caching:
        entry["caching"] = disk.caching
    if id is not None:
        entry["managedDisk"] = {"id": id}
        return entry
    entry["diskSizeGB"] = disk.size
    if disk.type:
        entry["managedDisk"] = {"storageAccountType": disk.type}
    return entry


def own_json(desired: Desired, disk: DataDisk, location: str) -> Json:
    """A managed disk that is made before its VM, so that from the start its tags say whose it is."""
    body: Json = {
        "location": location,
        "tags": {**(desired.tags or {}), **stamp.tags(owner=stamp.owner_of(desired.resource_group, desired.name))},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": disk.size},
    }
    if disk.type:
        body["sku"] = {"name": disk.type}
    if desired.settings.zone:
        body["zones"] = [desired.settings.zone]
    return body


def takes_ultra(disks: t.Iterable[DataDisk]) -> bool:
    return any(disk.type == "UltraSSD_LRS" for disk in disks)
