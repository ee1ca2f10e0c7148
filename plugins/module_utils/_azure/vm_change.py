# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Putting a VM right that stays."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_own,
    request,
    resource_id,
    sdk,
    stamp,
    vm_body,
    vm_disk_drift,
    vm_own_disks,
    vm_power,
    vm_update,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_body import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import DataDisk, Json, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_plan import ALL


def change(task: Task, entry: Entry, seen: Seen) -> None:
    """A VM that ran, and is deallocated for a change that fails, is started again."""
    plan = entry.plan
    if plan.cycle:
        vm_power.turn(task, entry, "deallocate")
    try:
        if not task.check:
            _disks(task, entry, seen)
            _vm(task, entry, seen)
            if entry.of_network:
                network_own.change(task.session, entry.wanted, entry.network, entry.of_network, task.interrupt)
    except AzureError:
        if plan.cycle and plan.power == "start":
            vm_power.turn(task, entry, "start")
        raise
    if plan.changes or plan.user_data:
        entry.outcome.actions.append("updated")
    elif plan.stamps:
        entry.outcome.actions.append("stamped")


def _disks(task: Task, entry: Entry, seen: Seen) -> None:
    for id, body in vm_update.disk_patches(entry.desired, seen, entry.plan.changes).items():
        vm_own_disks.change(task, f"Changing the disk {resource_id.parse(id).name}", id, body)
    for wanted in entry.desired.settings.data_disks:
        there = vm_disk_drift.attached(wanted, seen)
        if there is not None and wanted.keep and there.deletes:
            vm_own_disks.claim(task, entry, there)


def _vm(task: Task, entry: Entry, seen: Seen) -> None:
    """With the etag of what was seen: lists are replaced as a whole, and others attach disks too."""
    plan, place = entry.plan, Place(task.session.subscription_id, seen.location, task.session.cloud.storage)
    new = [disk for disk in entry.desired.settings.data_disks if vm_disk_drift.attached(disk, seen) is None]
    attach = vm_own_disks.ready(task, entry, new, seen.location) if _attaches(entry, new) else {}
    body = vm_update.patch(entry.desired, seen, plan.changes, place, _nics(entry), attach, _stamps(task, entry))
    if plan.user_data and entry.desired.ignition:
        data = vm_update.user_data(entry.desired.ignition.data)
        body["properties"] = {**body.get("properties", {}), **data["properties"]}
    if not body:
        return
    match: Json = {}
    if "properties" in body and seen.etag and not plan.cycle:
        match = {"etag": seen.etag, "match_condition": sdk.load("azure.core").MatchConditions.IfNotModified}
    request.begin(
        task.session,
        f"Changing the VM {seen.name}",
        task.session.compute.virtual_machines.begin_update,
        seen.resource_group,
        seen.name,
        body,
        interrupt=task.interrupt,
        **match,
    )


def _attaches(entry: Entry, new: t.Sequence[DataDisk]) -> bool:
    fields = {change.field for change in entry.plan.changes}
    return any(f"data_disks[{disk.name}]" in fields for disk in new)


def _nics(entry: Entry) -> list[dict[str, str]]:
    return [{"id": id} for id in entry.wanted.nics]


def _stamps(task: Task, entry: Entry) -> dict[str, str]:
    if not entry.plan.stamps:
        return {}
    if entry.plan.stamps == ALL:
        return vm_body.stamps(entry.desired, task.session.subscription_id, stamp.COMPLETE)
    return stamp.tags(state=stamp.COMPLETE)
