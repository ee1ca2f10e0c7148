# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The JSON that puts right a VM that is there, and its disks."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    resource_id,
    vm_body,
    vm_disk_drift,
    vm_disks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_body import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    Change,
    Desired,
    Json,
    Seen,
)

#: Fields of managed disks -> where that is in their JSON.
_DISK_FIELDS = ("os_disk_size_gb", "managed_disk_type", ".disk_size_gb", ".managed_disk_type")


def patch(
    desired: Desired,
    seen: Seen,
    changes: t.Sequence[Change],
    place: Place,
    nics: t.Sequence[t.Mapping[str, str]],
    attach: t.Mapping[str, str],
    stamps: t.Mapping[str, str],
) -> Json:
    """What to PATCH the VM with; {} where nothing is to be changed at it.

    nics and attach are as for vm_body.body, stamps are tags to write besides. Lists replace those that are there, so it
    is to be sent with the etag of what was seen: others attach disks too.
    """
    fields = {change.field for change in changes}
    made: Json = {}
    properties: Json = {}
    if "tags" in fields or stamps:
        made["tags"] = tags(desired, seen, "tags" in fields, stamps)
    if "vm_identity" in fields and desired.settings.identity:
        made["identity"] = _identity(desired, seen)
    if "vm_size" in fields:
        properties["hardwareProfile"] = {"vmSize": desired.settings.vm_size}
    if "max_price" in fields:
        properties["billingProfile"] = {"maxPrice": desired.settings.max_price}
    if "boot_diagnostics" in fields:
        wanted = vm_body.diagnostics_json(desired.settings.boot_diagnostics, place.storage_suffix)
        # The account that was used so far would stay otherwise.
        wanted["bootDiagnostics"].setdefault("storageUri")
        properties["diagnosticsProfile"] = wanted
    if "ultra_ssd" in fields:
        properties["additionalCapabilities"] = {"ultraSSDEnabled": True}
    if "proximity_placement_group" in fields:
        (id,) = (change.after for change in changes if change.field == "proximity_placement_group")
        properties["proximityPlacementGroup"] = {"id": id}
    if any(field.startswith("security_profile.") for field in fields):
        properties["securityProfile"] = vm_body.security_json(desired.settings)
    if "network_interfaces" in fields:
        properties["networkProfile"] = {"networkInterfaces": vm_body.nics_json(nics)}
    storage = _storage(desired, seen, fields, attach)
    if storage:
        properties["storageProfile"] = storage
    if properties:
        made["properties"] = properties
    return made


def user_data(data: bytes) -> Json:
    """What to PATCH a VM with for other user data."""
    return {"properties": {"userData": vm_body.encoded(data)}}


def disk_patches(desired: Desired, seen: Seen, changes: t.Iterable[Change]) -> dict[str, Json]:
    """The ids of managed disks -> what to PATCH them with."""
    made: dict[str, Json] = {}
    for change in changes:
        if change.field.endswith(_DISK_FIELDS) and change.before is not None:
            there = _disk_of(desired, seen, change.field)
            if there is not None:
                size = change.field.endswith("_size_gb")
                part: Json = {"properties": {"diskSizeGB": change.after}} if size else {"sku": {"name": change.after}}
                made.setdefault(there, {}).update(part)
    return made


def tags(desired: Desired, seen: Seen, differ: bool, stamps: t.Mapping[str, str]) -> dict[str, str]:
    """All tags that the VM shall have: a PATCH replaces them as a whole."""
    there = dict(seen.json.get("tags") or {})
    if differ:
        wanted = desired.tags or {}
        names = {name.lower() for name in wanted}
        others = seen.tags if not desired.append_tags else {}
        there = {name: value for name, value in there.items() if name.lower() not in names and name not in others}
        there.update(wanted)
    return {**there, **stamps}


def _identity(desired: Desired, seen: Seen) -> Json:
    identity = desired.settings.identity
    if identity is None:
        return {}
    wanted = {resource_id.key(id) for id in identity.ids}
    there = (seen.json.get("identity") or {}).get("userAssignedIdentities") or {}
    remove = [id for id in there if resource_id.key(id) not in wanted and not identity.append]
    return vm_body.identity_json(identity, remove)


def _disk_of(desired: Desired, seen: Seen, field: str) -> str | None:
    if not field.startswith("data_disks["):
        return seen.os_disk.id if seen.os_disk else None
    for disk in desired.settings.data_disks:
        if field.startswith(f"data_disks[{disk.name}]."):
            there = vm_disk_drift.attached(disk, seen)
            return there.id if there else None
    return None


def _storage(desired: Desired, seen: Seen, fields: set[str], attach: t.Mapping[str, str]) -> Json:
    made: Json = {}
    if "os_disk_caching" in fields and seen.os_disk:
        made["osDisk"] = {
            "name": seen.os_disk.name,
            "createOption": "FromImage",
            "caching": desired.settings.os_disk_caching,
        }
    if any(field.startswith("data_disks[") and not field.endswith(_DISK_FIELDS) for field in fields):
        made["dataDisks"] = _data_disks(desired, seen, attach)
    return made


def _data_disks(desired: Desired, seen: Seen, attach: t.Mapping[str, str]) -> list[Json]:
    """All disks that the VM has and shall have; those of others as they are."""
    there = [as_it_is(entry) for entry in seen.json["properties"]["storageProfile"].get("dataDisks") or ()]
    by_name = {entry["name"].lower(): entry for entry in there}
    taken = {entry["lun"] for entry in there} | {disk.lun for disk in desired.settings.data_disks if disk.has_lun}
    for disk in desired.settings.data_disks:
        entry = by_name.get(disk.resource.lower())
        if entry is not None:
            entry["deleteOption"] = "Detach" if disk.keep else "Delete"
            if disk.caching:
                entry["caching"] = disk.caching
        else:
            lun = disk.lun if disk.has_lun or disk.lun not in taken else _free(taken)
            taken.add(lun)
            there.append(vm_disks.data_disk_json(disk, attach.get(disk.resource), lun))
    return there


def as_it_is(entry: Json) -> Json:
    kept = ("lun", "name", "createOption", "caching", "deleteOption", "writeAcceleratorEnabled")
    made = {name: entry[name] for name in kept if entry.get(name) is not None}
    if entry.get("managedDisk"):
        made["managedDisk"] = {"id": entry["managedDisk"]["id"]}
    return made


def _free(taken: set[int]) -> int:
    """The next place that is free; no VM has so many disks that there is none."""
    return next(lun for lun in range(vm_disks.MOST_LUNS + 1) if lun not in taken)
