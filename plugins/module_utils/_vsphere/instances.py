# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""All machines of a task: one login, one look at everything, and then the work on each, several at a time."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import entry as fleet
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import options as fleet_options
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.results import Done, of_machine
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    address,
    deploy,
    drift,
    elsewhere,
    entry,
    inventory,
    machine,
    networks,
    options,
    results,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.entry import Entry
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.plan import plan

#: moid -> the addresses that count.
Addresses = dict[str, tuple[str, ...]]


def run(
    session: Session,
    given: t.Mapping[str, t.Any],
    *,
    check: bool,
    run_command: t.Callable[..., t.Any],
    report: progress.Report = progress.silent,
) -> Done:
    """Makes all machines as the options ask for. What fails on one is said in its entry, and the others go on.

    VsphereError for what concerns all of them.
    """
    fleet_options.check(given)
    entries = [Entry(each) for each in options.each(given)]
    for each in entries:
        each.attempt(entry.check, session)
    todo = entries
    while True:
        task = Task(session, Inventory.load(session), check, run_command, Interrupt(), threading.Lock())
        entry.look(session, task.inventory, todo)
        if not check and elsewhere.wait(session, todo, report):
            continue
        _plan(task, todo, given["max_replacements"], report)
        _work(task, todo, given["threads"])
        todo = elsewhere.overtaken(todo)
        if not todo:
            break
    return _told(task, entries, {} if check else _await(task, entries, report))


def _plan(task: Task, entries: t.Sequence[Entry], most: int, report: progress.Report) -> None:
    """In the order of the machines, of which the first are replaced where there are too many."""
    named: set[t.Any] = set()
    together = _Together(report, len(entries))
    for number, each in enumerate(entries):
        each.attempt(_once, named)
        each.attempt(_decide, task, together.of(number))
    counted = [each for each in entries if each.job and each.job.plan.counted]
    for each in counted[most:]:
        each.attempt(_too_many, most)


def _once(this: Entry, named: set[t.Any]) -> None:
    fleet.once(this, this.seen.moid if this.seen else this.identity, named)


def _decide(this: Entry, task: Task, report: progress.Report) -> None:
    wanted, seen = t.cast(Desired, this.desired), this.seen
    known, there = task.inventory, Networks({}, ())
    layout = drift.layout_of(wanted, seen) if seen else Layout()

    def compare(found: Machine) -> drift.Drift:
        nonlocal there
        if wanted.state == "present" and (wanted.networks or wanted.hardware.nics):
            there = networks.resolve(task.session, known, _where(known, found), wanted)
        this.drift = drift.drift(wanted, found, layout, there)
        return this.drift

    decided = plan(wanted, seen, compare)
    place = _new_place(this, known) if decided.kind in ("create", "replace") else None
    this.job = Job(wanted, seen, decided, this.template, place, there, layout, report)
    this.outcome.warnings += decided.warnings


def _too_many(this: Entry, most: int) -> None:
    job, this.job = t.cast(Job, this.job), None
    raise fleet.too_many(job.name, job.plan.reason, most)


def _where(known: Inventory, seen: Machine) -> Place:
    """Where a machine is, for the names of networks."""
    compute = known.above(seen.host, "ComputeResource")
    return Place(known.above(seen.folder, "Datacenter"), compute, seen.pool, seen.folder)


def _new_place(this: Entry, known: Inventory) -> Place | None:
    """Where a new machine goes; one that replaces another goes to the folder of that."""
    if this.seen is None and not this.given["name"]:
        return None
    place = known.place(inventory.Wanted(**{name: this.given[name] for name in inventory.Wanted._fields}))
    if this.seen is not None and this.seen.folder is not None:
        place = place._replace(folder=this.seen.folder, missing_folders=())
    return place


def _work(task: Task, entries: t.Sequence[Entry], threads: int) -> None:
    """The threads share the session: its stub takes a connection of its own for each call."""
    todo = [each for each in entries if each.error is None and each.job and each.job.plan.kind != "nothing"]
    fleet.work(todo, threads, task.interrupt, _carry_out, task)


def _carry_out(this: Entry, task: Task) -> None:
    deploy.carry_out(task, t.cast(Job, this.job), this.outcome)


def _await(task: Task, entries: t.Sequence[Entry], report: progress.Report) -> Addresses:
    """Waits for the addresses of all machines at once."""
    there = {each.outcome.ref._moId: each for each in entries if each.error is None and each.outcome.ref is not None}
    waiters = [
        address.Waiter(each.outcome.ref, each.label, each.desired.waiting)
        for each in there.values()
        if each.desired and each.desired.waiting
    ]
    if not waiters:
        return {}
    report("address", 0, None)
    try:
        told = address.wait(task.session, waiters)
    except VsphereError as error:
        told = dict.fromkeys((waiter.ref._moId for waiter in waiters), error)
    found: Addresses = {}
    for moid, result in told.items():
        if isinstance(result, VsphereError):
            there[moid].error = result
        else:
            found[moid] = result
    return found


def _told(task: Task, entries: t.Sequence[Entry], ips: Addresses) -> Done:
    """What a result says of each."""
    fresh: dict[str, machine.Seen] = {}
    known = task.inventory
    if not task.check:
        fresh = _read_again(task, entries, ips)
    if any(isinstance(seen, Machine) and seen.folder not in known.objects for seen in fresh.values()):
        # A folder that this task has made.
        known = Inventory.load(task.session)
    done = Done([], {}, {})
    for each in entries:
        row = {"name": each.label, **results.BARE}
        if each.outcome.ref is not None:
            row["moid"] = each.outcome.ref._moId
            seen = fresh.get(each.outcome.ref._moId, each.seen)
            if isinstance(seen, VsphereError):
                each.error = each.error or seen
            elif seen is not None:
                layout = drift.layout_of(each.desired, seen) if each.desired else Layout()
                row.update(results.described(known, seen, layout))
                row["ips"] = list(dict.fromkeys([*ips.get(seen.moid, ()), *seen.ips]))
        row.update(results.work(each.outcome))
        if each.desired is not None:
            row.update(results.found(each.desired, each.drift))
        if each.job is not None:
            row["name"] = each.job.name
            done.before[each.job.name], done.after[each.job.name] = results.diff(each.job)
        if each.error is not None:
            row.update(of_machine(each.error))
        done.vms.append(row)
    return done


def _read_again(task: Task, entries: t.Sequence[Entry], ips: Addresses) -> dict[str, machine.Seen]:
    """Those on which something was done, in one request; what was done is told also when that fails."""
    there = [each.outcome for each in entries if each.outcome.ref is not None]
    touched = [outcome.ref for outcome in there if outcome.actions or outcome.ref._moId in ips]
    try:
        return machine.observe(task.session, touched)
    except VsphereError as error:
        return dict.fromkeys((ref._moId for ref in touched), error)


class _Together:
    """The transfers of several machines as one."""

    def __init__(self, report: progress.Report, count: int) -> None:
        self.report = report
        self.done = [(0, 0)] * count
        self.lock = threading.Lock()

    def of(self, number: int) -> progress.Report:
        def tell(phase: str, done: int, total: int | None) -> None:
            with self.lock:
                self.done[number] = done, total or 0
                told = [sum(column) for column in zip(*self.done)]
                self.report(phase, told[0], told[1] or None)

        return tell
