# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""All VMs of a task: one login, one look at everything, and then the work on each, several at a time."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_check,
    network_delete,
    network_drift,
    network_egress,
    network_look,
    network_shared,
    vm_delete,
    vm_deploy,
    vm_drift,
    vm_entry,
    vm_look,
    vm_options,
    vm_own_disks,
    vm_plan,
    vm_prepare,
    vm_results,
    vm_settle,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_look import Looked
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Drift, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import entry as fleet
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import options
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.results import Done


def run(session: Session, given: t.Mapping[str, t.Any], *, check: bool) -> Done:
    """Makes all VMs as the options ask for. What fails on one is said in its entry, and the others go on.

    AzureError for what concerns all of them.
    """
    options.check(given)
    entries = [Entry(each) for each in vm_options.each(given)]
    for entry in entries:
        entry.attempt(vm_entry.check, session)
    task, threads = Task(session, check, Interrupt()), given["threads"]
    looked = _find(task, entries, threads)
    _plan(task, entries, looked, given["max_replacements"])
    vm_prepare.prepare(task, entries)
    _share(task, entries)
    todo = [entry for entry in entries if entry.error is None and entry.plan.kind != "nothing"]
    fleet.work(todo, threads, task.interrupt, vm_deploy.carry_out, task)
    _unshare(task, entries)
    if todo and not check:
        looked = _look(session, entries)
        vms = _by_key(looked)
        return _told(entries, [vms.get(entry.key) for entry in entries], looked)
    return _told(entries, [entry.seen for entry in entries], looked)


def _look(session: Session, entries: t.Sequence[Entry]) -> Looked:
    sound = [entry for entry in entries if entry.is_sound]
    if not sound:
        return Looked([], {}, {}, {})
    groups = sorted({entry.desired.resource_group for entry in sound})
    return vm_look.look(session, groups, [entry.desired.name for entry in sound])


def _find(task: Task, entries: t.Sequence[Entry], threads: int) -> Looked:
    """Finds each VM, and waits for those that Azure is at work on: for another task, or for one that was killed."""
    looked = _seen(task.session, entries)
    moving = [
        entry
        for entry in entries
        if entry.error is None
        and entry.seen
        and entry.seen.provisioning in vm_settle.MOVING
        and (entry.desired.state != "absent" or entry.seen.provisioning == "Deleting")
    ]
    if not moving:
        return looked
    fleet.work(moving, threads, task.interrupt, _settle, task)
    return _seen(task.session, entries)


def _seen(session: Session, entries: t.Sequence[Entry]) -> Looked:
    looked = _look(session, entries)
    vms = _by_key(looked)
    for entry in entries:
        entry.seen = vms.get(entry.key)
    return looked


def _settle(entry: Entry, task: Task) -> None:
    vm_settle.settled(task, entry.desired.resource_group, entry.desired.name)


def _plan(task: Task, entries: t.Sequence[Entry], looked: Looked, most: int) -> None:
    """In the order of the VMs, of which the first are replaced where there are too many."""
    named: set[t.Any] = set()
    sound = [entry for entry in entries if entry.error is None]
    listed = [*looked.nics.values(), *looked.ips.values()]
    network = network_look.look(task.session, [entry.wanted for entry in sound], listed)
    for entry in sound:
        entry.network, entry.disks = network, looked.disks
        entry.attempt(fleet.once, entry.key, named)
        entry.attempt(_decide, task)
    counted = [entry for entry in sound if entry.error is None and entry.plan.counted]
    for entry in counted[most:]:
        entry.error = fleet.too_many(entry.desired.name, entry.plan.reason, most)


def _decide(entry: Entry, task: Task) -> None:
    desired, wanted = entry.desired, entry.wanted
    parts = entry.network.of(wanted)
    if entry.seen and desired.state != "absent":
        differs = vm_drift.drift(desired, entry.seen, wanted.nics or None)
        entry.of_network = network_drift.changes(wanted, parts)
        entry.drift = Drift((*differs.changes, *entry.of_network), differs.ignition)
    entry.plan = vm_plan.plan(desired, entry.seen, entry.drift, any(parts))
    entry.outcome.warnings += entry.plan.warnings
    if entry.makes:
        if entry.seen is None:
            vm_own_disks.check(task, entry)
        network_check.check(wanted, entry.network)
        config = desired.ignition.config if desired.ignition else None
        entry.outcome.warnings += network_egress.check_egress(wanted, config, entry.network.subnet(wanted))


def _share(task: Task, entries: t.Sequence[Entry]) -> None:
    """What of the network several VMs use is made once; that it cannot be is told to those that need it."""
    needing = [
        entry
        for entry in entries
        if entry.error is None
        and entry.desired.state != "absent"
        and (entry.seen is None or entry.seen.stamp.is_ours or entry.desired.adopt)
    ]
    if not needing:
        return
    wanted = [entry.wanted for entry in needing]
    try:
        made = network_shared.shared(task.session, wanted, needing[0].network, task.check, task.interrupt)
    except AzureError as error:
        for entry in needing:
            entry.error = error
        return
    first = next((entry for entry in needing if entry.makes), needing[0]).outcome
    first.created += made.created
    first.costs += made.costs
    if made.created or made.changed:
        first.actions.append("network_created" if made.created else "network_updated")


def _unshare(task: Task, entries: t.Sequence[Entry]) -> None:
    """After the last VM of a network that was made for VMs, the network goes."""
    gone = [entry for entry in entries if entry.error is None and entry.desired.state == "absent"]
    if gone:
        gone[-1].attempt(_delete_shared, task, gone)


def _delete_shared(entry: Entry, task: Task, gone: t.Sequence[Entry]) -> None:
    wanted = [each.wanted for each in gone]
    without = [id for each in gone for id in vm_delete.goes(each)] if task.check else []
    if network_delete.delete_shared(task.session, wanted, task.check, task.interrupt, without):
        entry.outcome.actions.append("network_deleted")


def _told(entries: t.Sequence[Entry], vms: t.Sequence[Seen | None], looked: Looked) -> Done:
    """What a result says of each, and of what there is of it now."""
    done = Done([], {}, {})
    for entry, seen in zip(entries, vms):
        done.vms.append(vm_results.row(entry, seen, looked))
        if entry.is_sound:
            done.before[entry.label], done.after[entry.label] = vm_results.diff(entry)
    return done


def _by_key(looked: Looked) -> dict[tuple[str, str], Seen]:
    return {(seen.resource_group.lower(), seen.name.lower()): seen for seen in looked.vms}
