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


def _ready(task: Task, entry: Entry, disk: DataDisk, location: str) -> str:
    session, group = task.session, entry.desired.resource_group
    there = request.get(
        session,
        f"Looking for the disk {disk.resource}",
        session.compute.disks.get,
        group,
        disk.resource,
        missing_ok=True,
    )
    if there is not None:
        return _usable(entry, disk, there)
    id = str(resource_id.make(session.subscription_id, group, "Microsoft.Compute/disks", disk.resource))
    if not task.check:
        request.begin(
            session,
            f"Making the disk {disk.resource}",
            session.compute.disks.begin_create_or_update,
            group,
            disk.resource,
            vm_disks.own_json(entry.desired, disk, location),
            interrupt=task.interrupt,
        )
    entry.outcome.created.append(id)
    return id


def _usable(entry: Entry, disk: DataDisk, there: Json) -> str:
    """The id of a disk that is there; AzureError for one of somebody else."""
    id, user = str(there["id"]), there.get("managedBy")
    owner = stamp.owner_of(entry.desired.resource_group, entry.desired.name)
    if stamp.read(there).owner != owner and not entry.desired.adopt:
        raise AzureError(
            "name_exists",
            f"There is a disk {disk.resource} in {entry.desired.resource_group} that was not made for the VM "
            f"{entry.desired.name}. Take another name for the data disk {disk.name}, or set adopt to true to have it "
            "attached.",
        )
    if user and resource_id.parse(user).name.lower() != entry.desired.name.lower():
        raise AzureError("in_use", f"The disk {disk.resource} is attached to {user}. Detach it there.")
    return id


def claim(task: Task, entry: Entry, disk: SeenDisk) -> None:
    """Notes on a disk that was made with its VM, and shall now outlive it, whose it is."""
    session, name = task.session, disk.name
    disks, group = session.compute.disks, resource_id.parse(disk.id).group
    there = request.get(session, f"Looking for the disk {name}", disks.get, group, name)
    owner = stamp.tags(owner=stamp.owner_of(entry.desired.resource_group, entry.desired.name))
    tags = {**(there.get("tags") or {}), **owner}
    if tags != there.get("tags") and not task.check:
        what = f"Writing down whose the disk {name} is"
        request.begin(session, what, disks.begin_update, group, name, {"tags": tags}, interrupt=task.interrupt)
