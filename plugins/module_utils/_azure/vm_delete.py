# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Deleting a VM with what was made for it."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_delete,
    request,
    resource_id,
    vm_disk_drift,
    vm_own_disks,
    vm_release,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Seen


def delete(task: Task, entry: Entry) -> None:
    """Removes the VM, if it is there, and the parts of its network that are its own; kept disks stay."""
    seen = entry.seen
    if seen is not None:
        stay = [disk for disk in seen.data_disks if not disk.deletes]
        entry.outcome.warnings += [f"The disk {disk.name} of {seen.name} is kept: {disk.id}." for disk in stay]
        _delete(task, seen)
    if not task.check and not _took_all(entry):
        network_delete.delete_own(task.session, entry.desired.resource_group, entry.desired.name, task.interrupt)
    entry.outcome.actions.append("deleted")


def _took_all(entry: Entry) -> bool:
    """Whether the parts of its network went with the VM, or there were none."""
    nics = entry.seen.json["properties"]["networkProfile"]["networkInterfaces"] if entry.seen else []
    goes = {resource_id.key(nic["id"]) for nic in nics if (nic.get("properties") or {}).get("deleteOption") == "Delete"}
    return resource_id.key(str(entry.wanted.nic)) in goes or not any(entry.network.of(entry.wanted))


def goes(entry: Entry) -> list[str]:
    """The ids of what `delete` removes."""
    seen = entry.seen
    disks = [disk for disk in (seen.os_disk, *seen.data_disks) if disk and disk.deletes] if seen else []
    parts = [part["id"] for part in entry.network.of(entry.wanted) if part]
    return [*([seen.id] if seen else []), *(disk.id for disk in disks), *parts]


def make_room(task: Task, entry: Entry, seen: Seen) -> None:
    """Removes the VM for another one of its name, which gets its NICs and the disks that are kept."""
    for wanted in entry.desired.settings.data_disks:
        there = vm_disk_drift.attached(wanted, seen)
        if there is not None and wanted.keep:
            vm_own_disks.claim(task, entry, there)
    change = vm_release.release(entry.desired, seen)
    if change and not task.check:
        request.begin(
            task.session,
            f"Keeping the network and the disks of the VM {seen.name}",
            task.session.compute.virtual_machines.begin_update,
            seen.resource_group,
            seen.name,
            change,
            interrupt=task.interrupt,
        )
    _delete(task, seen)
    entry.outcome.actions.append("deleted")


def _delete(task: Task, seen: Seen) -> None:
    if task.check:
        return
    try:
        request.begin(
            task.session,
            f"Deleting the VM {seen.name}",
            task.session.compute.virtual_machines.begin_delete,
            resource_id.parse(seen.id).group,
            seen.name,
            interrupt=task.interrupt,
        )
    except AzureError as error:
        if not request.is_missing(error):
            raise
