# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What goes with a VM, and what stays of it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id, stamp, vm_disks, vm_update
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Desired, Json, Seen, SeenDisk


def kept(desired: Desired, seen: Seen) -> list[SeenDisk]:
    """The data disks that the next VM of this name gets: those that are described as such, else those that stay."""
    described = {disk.resource.lower(): disk.keep for disk in desired.settings.data_disks}
    return [disk for disk in seen.data_disks if described.get(disk.name.lower(), not disk.deletes)]


def carried(desired: Desired, seen: Seen, disks: t.Mapping[str, Json]) -> list[Json]:
    """The entries of data disks that are the VM's own and stay although they are not described: the next VM has them.

    disks are managed disks by resource_id.key. A disk without our tag, such as a volume of Kubernetes, is left to those
    who attached it.
    """
    owner = stamp.owner_of(desired.resource_group, desired.name)
    described = {disk.resource.lower() for disk in desired.settings.data_disks}
    free = (lun for lun in range(vm_disks.MOST_LUNS) if lun not in {disk.lun for disk in desired.settings.data_disks})
    return [
        {"lun": next(free), "name": disk.name, "createOption": "Attach", "deleteOption": "Detach"}
        | ({"caching": disk.caching} if disk.caching else {})
        | {"managedDisk": {"id": disk.id}}
        for disk in kept(desired, seen)
        if disk.name.lower() not in described and stamp.read(disks.get(resource_id.key(disk.id)) or {}).owner == owner
    ]


def release(desired: Desired, seen: Seen) -> Json:
    """What to PATCH a VM with before another one takes its place; {} where that is nothing.

    Its NICs stay, and so its addresses, and the data disks of `kept`; what else was made with it goes.
    """
    properties: Json = {}
    nics: list[Json] = (seen.json["properties"].get("networkProfile") or {}).get("networkInterfaces") or []
    if any((nic.get("properties") or {}).get("deleteOption") == "Delete" for nic in nics):
        stay = [{**nic, "properties": {**(nic.get("properties") or {}), "deleteOption": "Detach"}} for nic in nics]
        properties["networkProfile"] = {"networkInterfaces": stay}
    there = seen.json["properties"]["storageProfile"].get("dataDisks") or []
    stay_on = {disk.name.lower() for disk in kept(desired, seen)}
    disks = [_disk(entry, entry["name"].lower() in stay_on, desired) for entry in there]
    if [each.get("deleteOption") for each in disks] != [each.get("deleteOption") for each in there]:
        properties["storageProfile"] = {"dataDisks": disks}
    return {"properties": properties} if properties else {}


def _disk(entry: Json, stays: bool, desired: Desired) -> Json:
    """Disks of others are left as they are."""
    made = vm_update.as_it_is(entry)
    if entry["name"].lower() in {disk.resource.lower() for disk in desired.settings.data_disks}:
        made["deleteOption"] = "Detach" if stays else "Delete"
    return made
