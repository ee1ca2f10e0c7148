# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A VM as Azure returns it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, resource_id, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json, Seen, SeenDisk


def seen(vm: Json, view: Json | None = None, disks: t.Mapping[str, Json] | None = None) -> Seen:
    """view is its instance view, where that is not in the JSON itself.

    disks are managed disks by resource_id.key: a VM that is deallocated does not say the sizes and types of its own.
    """
    properties = vm.get("properties") or {}
    storage = properties.get("storageProfile") or {}
    system = storage.get("osDisk")
    found = disks or {}
    id = resource_id.parse(vm["id"])
    return Seen(
        id=vm["id"],
        name=vm.get("name") or id.name,
        resource_group=id.group,
        location=catalog.region(vm.get("location") or ""),
        vm_size=(properties.get("hardwareProfile") or {}).get("vmSize") or "",
        power=_power(view or properties.get("instanceView") or {}),
        provisioning=properties.get("provisioningState") or "",
        etag=vm.get("etag"),
        nics=_nics(properties),
        os_disk=_disk(system, found) if system else None,
        data_disks=tuple(
            sorted((_disk(disk, found) for disk in storage.get("dataDisks") or ()), key=lambda disk: disk.lun or 0)
        ),
        ephemeral=((system or {}).get("diffDiskSettings") or {}).get("option") == "Local",
        zones=tuple(vm.get("zones") or ()),
        image=storage.get("imageReference") or {},
        exact_version=(storage.get("imageReference") or {}).get("exactVersion"),
        tags=stamp.others(vm.get("tags")),
        stamp=stamp.read(vm),
        json=vm,
    )


def _power(view: Json) -> str:
    for status in view.get("statuses") or ():
        kind, dummy, value = (status.get("code") or "").partition("/")
        if kind.lower() == "powerstate":
            return str(value).lower()
    return "unknown"


def _nics(properties: Json) -> tuple[str, ...]:
    entries = (properties.get("networkProfile") or {}).get("networkInterfaces") or ()
    rows = sorted(entries, key=lambda nic: not (nic.get("properties") or {}).get("primary"))
    return tuple(nic["id"] for nic in rows)


def _disk(entry: Json, disks: t.Mapping[str, Json]) -> SeenDisk:
    managed = entry.get("managedDisk") or {}
    itself = disks.get(resource_id.key(managed.get("id"))) or {}
    return SeenDisk(
        name=entry.get("name") or "",
        id=managed.get("id") or "",
        lun=entry.get("lun"),
        size=(itself.get("properties") or {}).get("diskSizeGB") or entry.get("diskSizeGB"),
        type=(itself.get("sku") or {}).get("name") or managed.get("storageAccountType"),
        caching=entry.get("caching"),
        deletes=entry.get("deleteOption") == "Delete",
    )
