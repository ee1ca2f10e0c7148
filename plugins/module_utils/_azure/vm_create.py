# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Making a VM with what belongs to it; what fails leaves nothing half-made, or says what."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_own,
    request,
    resource_id,
    sdk,
    stamp,
    vm_body,
    vm_cleanup,
    vm_own_disks,
    vm_release,
    vm_settle,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_own import Own
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_body import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json


def place(task: Task, entry: Entry) -> Place:
    return Place(task.session.subscription_id, entry.location, task.session.cloud.storage)


def create(task: Task, entry: Entry) -> None:
    """AzureError with left_behind where something is left of what failed."""
    before = len(entry.outcome.created)
    try:
        own = network_own.own(task.session, entry.wanted, entry.network, task.check, task.interrupt)
        entry.outcome.created += own.created
        entry.outcome.costs += own.costs
        disks = vm_own_disks.ready(task, entry, entry.desired.settings.data_disks, entry.location)
        if not task.check:
            _make(task, entry, own, disks)
    except AzureError as error:
        raise vm_cleanup.after(task, entry, error, entry.outcome.created[before:]) from error
    entry.outcome.created.append(_id(task, entry))
    entry.outcome.actions.append("created")


def _id(task: Task, entry: Entry) -> str:
    group, name = entry.desired.resource_group, entry.desired.name
    return str(resource_id.make(task.session.subscription_id, group, "Microsoft.Compute/virtualMachines", name))


def _make(task: Task, entry: Entry, own: Own, disks: t.Mapping[str, str]) -> None:
    body = vm_body.body(entry.desired, place(task, entry), t.cast(Image, entry.image), own.nics, disks)
    if entry.seen is not None:
        carried = vm_release.carried(entry.desired, entry.seen, entry.disks)
        body["properties"]["storageProfile"]["dataDisks"] += carried
    name, group, machines = entry.desired.name, entry.desired.resource_group, task.session.compute.virtual_machines
    what = f"Creating the VM {name}"
    tags: dict[str, str] = body["tags"]
    try:
        request.begin(
            task.session,
            what,
            machines.begin_create_or_update,
            group,
            name,
            body,
            match_condition=sdk.load("azure.core").MatchConditions.IfMissing,
            interrupt=task.interrupt,
            reads=False,
        )
    except AzureError as error:
        if error.code != "conflict":
            raise
        tags = _taken(task, entry, body, what, error)["tags"]
    whole = {"tags": {**tags, **stamp.tags(state=stamp.COMPLETE)}}
    what = f"Writing down that the VM {name} is whole"
    update = machines.begin_update
    request.begin(task.session, what, update, group, name, whole, interrupt=task.interrupt, reads=False)


def _taken(task: Task, entry: Entry, body: Json, what: str, error: AzureError) -> Json:
    """The VM that is there although there was none: ours, where an answer to our own request was lost.

    AzureError where it is not the same one.
    """
    there = vm_settle.settled(task, entry.desired.resource_group, entry.desired.name)
    if there is None:
        raise error
    ours, made = stamp.read(body), stamp.read(there)
    if not made.is_ours or (made.ignition, made.source) != (ours.ignition, ours.source):
        raise AzureError(
            "conflict",
            f"{what}: something else has made another VM of this name at the same time. Look at it, and run it again.",
            **error.about,
        )
    if there["properties"].get("provisioningState") == "Failed":
        raise vm_settle.why_failed(there, what)
    return there
