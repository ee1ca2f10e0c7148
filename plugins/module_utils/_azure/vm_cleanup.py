# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is left after a VM could not be made: removed, or told."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_delete,
    request,
    resource_id,
    stamp,
    vm_release,
    vm_serial,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json

#: After these Azure may be at work on it still, or cannot be asked, or it is worth a look.
_LEFT = ("authentication", "connect", "os_timeout", "throttled", "timeout")


def after(task: Task, entry: Entry, error: AzureError, created: t.Sequence[str]) -> AzureError:
    """The error to raise. created has the ids of what was made for this VM so far.

    Where the VM was to replace another one nothing is removed: the next run makes it of what is left.
    """
    if task.check:
        return error
    left = list(created)
    try:
        there = _find(task, entry)
        failed = there is not None and there["properties"].get("provisioningState") == "Failed"
        if there is not None:
            left.insert(0, str(there["id"]))
            vm_serial.note(task, entry)
        if entry.plan.kind == "create" and error.code not in _LEFT:
            _remove(task, entry, failed, created)
            entry.outcome.created = [id for id in entry.outcome.created if id not in created]
            return error
    except AzureError as other:
        return _told(error, left, f"Looking for what is left of it, and removing that, failed as well: {other}")
    if entry.plan.kind == "replace" and entry.seen:
        left += [*entry.seen.nics, *(disk.id for disk in vm_release.kept(entry.desired, entry.seen))]
    return _told(error, left, "The next run goes on with what is left." if left else "")


def _find(task: Task, entry: Entry) -> Json | None:
    """The VM that was not finished; None where there is none. One that has not failed may be another run's."""
    there = request.get(
        task.session,
        f"Looking for the VM {entry.desired.name}",
        task.session.compute.virtual_machines.get,
        entry.desired.resource_group,
        entry.desired.name,
        missing_ok=True,
    )
    return there if there is not None and stamp.read(there).is_unfinished else None


def _remove(task: Task, entry: Entry, with_vm: bool, created: t.Sequence[str]) -> None:
    name, group, compute = entry.desired.name, entry.desired.resource_group, task.session.compute
    if with_vm:
        what = f"Removing the VM {name}, which could not be made"
        request.begin(task.session, what, compute.virtual_machines.begin_delete, group, name, interrupt=task.interrupt)
    network_delete.delete_own(task.session, group, name, task.interrupt)
    for id in map(resource_id.parse, created):
        if id.type.lower() == "microsoft.compute/disks":
            what = f"Removing the disk {id.name}"
            request.begin(task.session, what, compute.disks.begin_delete, group, id.name, interrupt=task.interrupt)


def _told(error: AzureError, left: t.Sequence[str], said: str) -> AzureError:
    ids = list(dict.fromkeys(left))
    return AzureError(error.code, f"{error} {said}".strip(), **{**error.about, "left_behind": ids})
