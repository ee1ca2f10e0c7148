# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Data disks that outlive their VM: made before it, with tags that say whose they are, and attached to it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, resource_id, stamp, vm_disks
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import DataDisk, Json, SeenDisk


def ready(task: Task, entry: Entry, disks: t.Iterable[DataDisk], location: str) -> dict[str, str]:
    """Names of the managed disks of those that are kept -> their ids; those that are not there are made."""
    return {disk.resource: _ready(task, entry, disk, location) for disk in disks if disk.keep}


def check(task: Task, entry: Entry) -> None:
    """AzureError for kept disks whose names somebody else's have, or that would have to become smaller."""
    for disk in entry.desired.settings.data_disks:
        if disk.keep and _found(task, entry, disk) and _size(task, entry, disk) > disk.size:
            raise AzureError(
                "immutable_changed",
                f"data_disks[{disk.name}].disk_size_gb is {disk.size}, and the disk {disk.resource} that was kept has "
                f"{_size(task, entry, disk)} GiB. Put the option back, or take another name.",
            )


def _ready(task: Task, entry: Entry, disk: DataDisk, location: str) -> str:
    id = _id(task, entry, disk)
    if _found(task, entry, disk):
        if not task.check and _size(task, entry, disk) < disk.size:
            _grow(task, entry, disk)
        return id
    if not task.check:
        request.begin(
            task.session,
            f"Making the disk {disk.resource}",
            task.session.compute.disks.begin_create_or_update,
            entry.desired.resource_group,
            disk.resource,
            vm_disks.own_json(entry.desired, disk, location),
            interrupt=task.interrupt,
        )
    entry.outcome.created.append(id)
    return id


def _found(task: Task, entry: Entry, disk: DataDisk) -> bool:
    """Whether the disk was there when this task looked; AzureError where it is of somebody else."""
    there = entry.disks.get(resource_id.key(_id(task, entry, disk)))
    if there is None:
        return False
    user, name = there.get("managedBy"), entry.desired.name
    if stamp.read(there).owner != stamp.owner_of(entry.desired.resource_group, name) and not entry.desired.adopt:
        raise AzureError(
            "name_exists",
            f"There is a disk {disk.resource} in {entry.desired.resource_group} that was not made for the VM {name}. "
            f"Take another name for the data disk {disk.name}, or set adopt to true to have it attached.",
        )
    if user and resource_id.parse(user).name.lower() != name.lower():
        raise AzureError("in_use", f"The disk {disk.resource} is attached to {user}. Detach it there.")
    return True


def _size(task: Task, entry: Entry, disk: DataDisk) -> int:
    """In GiB, of one that is there."""
    return int(entry.disks[resource_id.key(_id(task, entry, disk))]["properties"].get("diskSizeGB") or disk.size)


def _grow(task: Task, entry: Entry, disk: DataDisk) -> None:
    body = {"properties": {"diskSizeGB": disk.size}}
    change(task, f"Making the disk {disk.resource} larger", _id(task, entry, disk), body)


def _id(task: Task, entry: Entry, disk: DataDisk) -> str:
    group = entry.desired.resource_group
    return str(resource_id.make(task.session.subscription_id, group, "Microsoft.Compute/disks", disk.resource))


def claim(task: Task, entry: Entry, disk: SeenDisk) -> None:
    """Notes on a disk that was made with its VM, and shall now outlive it, whose it is."""
    key = resource_id.key(disk.id)
    there = entry.disks.get(key) or {}
    owner = stamp.tags(owner=stamp.owner_of(entry.desired.resource_group, entry.desired.name))
    tags = {**(there.get("tags") or {}), **owner}
    if tags == there.get("tags"):
        return
    if not task.check:
        change(task, f"Writing down whose the disk {disk.name} is", disk.id, {"tags": tags})
    entry.disks[key] = {**there, "tags": tags}


def change(task: Task, what: str, id: str, body: Json) -> None:
    """PATCHes a managed disk."""
    disk, update = resource_id.parse(id), task.session.compute.disks.begin_update
    request.begin(task.session, what, update, disk.group, disk.name, body, interrupt=task.interrupt)
