# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""All machines of a task: one login, one look at everything, and then the work on each, several at a time."""

from __future__ import annotations

import concurrent.futures
import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    address,
    deploy,
    drift,
    inventory,
    machine,
    networks,
    options,
    results,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired, desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.interrupt import Interrupt, terminable
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Identity, Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.plan import plan

Options = t.Mapping[str, t.Any]


class Done(t.NamedTuple):
    """vms has one entry for each machine, in their order; before and after are by name, for a diff."""

    vms: list[dict[str, t.Any]]
    before: dict[str, t.Any]
    after: dict[str, t.Any]


class _Entry:
    """One machine on its way through the task. error ends it."""

    def __init__(self, given: Options) -> None:
        self.given = given
        self.label = given["name"] or given["uuid"] or given["moid"]
        self.desired: Desired | None = None
        self.ref: t.Any = None
        self.template: t.Any = None
        self.job: Job | None = None
        self.outcome = Outcome()
        self.error: VsphereError | None = None

    def attempt(self, step: t.Callable[[], None]) -> None:
        if self.error is None:
            try:
                step()
            except VsphereError as error:
                self.error = error


def run(
    session: Session,
    given: Options,
    *,
    check: bool,
    run_command: t.Callable[..., t.Any],
    report: progress.Report = progress.silent,
) -> Done:
    """Makes all machines as the options ask for. What fails on one is said in its entry, and the others go on.

    VsphereError for what concerns all of them.
    """
    if given["threads"] < 1 or given["max_replacements"] < 0:
        raise VsphereError("bad_option", "threads is at least 1, and max_replacements at least 0.")
    entries = [_Entry(each) for each in options.each(given)]
    known = Inventory.load(session)
    task = Task(session, known, check, run_command, Interrupt(), threading.Lock())
    for entry in entries:
        entry.attempt(lambda: _read(session, entry))  # noqa: B023
    _look(task, entries)
    _plan(task, entries, given["max_replacements"], _Together(report, len(entries)))
    _work(task, entries, given["threads"])
    found = _await(task, entries, report)
    return _told(task, entries, found)


def _read(session: Session, entry: _Entry) -> None:
    entry.desired = desired(entry.given)
    for option, what in (("template", "Cloning"), ("datastore_cluster", "A datastore cluster")):
        if entry.given[option] and entry.given["state"] != "absent":
            session.need_vcenter(what)
    if entry.given["state"] == "template":
        session.need_vcenter("A template")


def _look(task: Task, entries: list[_Entry]) -> None:
    """Finds the machines and the templates, and reads them in one request."""
    wanted: dict[Identity, t.Any] = {}
    for entry in entries:
        if entry.error is None:
            wanted.update(dict.fromkeys((_identity(entry), *_template(entry))))
    try:
        refs: t.Sequence[t.Any] = inventory.machines(task.session, task.inventory, list(wanted))
    except VsphereError:
        # One of them is not found out: each by itself, so that the others are.
        refs = [_one(task, identity) for identity in wanted]
    wanted = dict(zip(wanted, refs))
    seen = machine.observe(
        task.session, [ref for ref in dict.fromkeys(refs) if ref is not None and not isinstance(ref, VsphereError)]
    )
    for entry in entries:
        entry.attempt(lambda: _take(entry, wanted, seen))  # noqa: B023


def _one(task: Task, identity: Identity) -> t.Any:
    try:
        return inventory.machines(task.session, task.inventory, [identity])[0]
    except VsphereError as error:
        return error


def _take(entry: _Entry, refs: t.Mapping[Identity, t.Any], seen: t.Mapping[str, machine.Seen]) -> None:
    entry.ref = _machine(refs[_identity(entry)], seen)
    for identity in _template(entry):
        # A template that is gone, or not told apart, does not matter to a machine that is there.
        found = refs[identity]
        entry.template = None if entry.ref and isinstance(found, VsphereError) else _machine(found, seen)


def _machine(found: t.Any, seen: t.Mapping[str, machine.Seen]) -> Machine | None:
    if found is None:
        return None
    result = found if isinstance(found, VsphereError) else seen[found._moId]
    if isinstance(result, VsphereError):
        raise result
    return result


def _identity(entry: _Entry) -> Identity:
    given = entry.given
    if given["moid"] or given["uuid"]:
        return Identity(uuid=given["uuid"], moid=given["moid"], datacenter=given["datacenter"])
    return Identity(given["name"], given["datacenter"], given["folder"])


def _template(entry: _Entry) -> list[Identity]:
    if not entry.given["template"] or entry.given["state"] == "absent":
        return []
    return [inventory.identity(entry.given["template"], entry.given["datacenter"])]


def _plan(task: Task, entries: list[_Entry], most: int, together: _Together) -> None:
    """Decides in the order of the machines which of them are replaced, where there are too many."""
    replaced = 0
    named: set[t.Any] = set()
    for number, entry in enumerate(entries):

        def decide(entry: _Entry = entry, number: int = number) -> None:
            nonlocal replaced
            identity = entry.ref.moid if entry.ref else _identity(entry)
            if identity in named:
                raise VsphereError("bad_option", f"instances: {entry.label} is there twice.")
            named.add(identity)
            job = _job(task, entry, together.of(number))
            if job.plan.counted:
                replaced += 1
                if replaced > most:
                    raise VsphereError(
                        "replacement_limit",
                        f"The VM {job.name} would have to be replaced ({job.plan.reason}), and this task may replace "
                        f"{most} (max_replacements). It is as it was.",
                    )
            entry.job = job
            entry.outcome.warnings += job.plan.warnings

        entry.attempt(decide)


def _job(task: Task, entry: _Entry, report: progress.Report) -> Job:
    assert entry.desired is not None
    wanted, seen = entry.desired, entry.ref
    layout, there = Layout(), Networks({}, ())
    if seen is not None:
        layout = drift.layout_of(wanted, seen)
        entry.outcome.ref = seen.ref

    def compare() -> drift.Drift:
        nonlocal there
        if wanted.networks or wanted.hardware.nics:
            there = networks.resolve(task.session, task.inventory, _where(task.inventory, seen), wanted)
        return drift.drift(wanted, seen, layout, there)

    decided = plan(wanted, seen, compare)
    place = None
    if decided.kind in ("create", "replace"):
        place = _new_place(task.inventory, entry)
    return Job(wanted, seen, decided, entry.template, place, there, layout, report)


def _where(known: Inventory, seen: Machine) -> Place:
    """Where a machine is, for the names of networks."""
    compute = known.above(seen.host, "ComputeResource")
    return Place(
        known.above(seen.folder, "Datacenter"), compute, seen.pool, seen.folder, None if compute else seen.host
    )


def _new_place(known: Inventory, entry: _Entry) -> Place | None:
    """Where a new machine goes; one that replaces another goes to the folder of that."""
    if entry.ref is None and not entry.given["name"]:
        return None
    place = known.place(inventory.Wanted(**{name: entry.given[name] for name in inventory.Wanted._fields}))
    if entry.ref is not None:
        place = place._replace(folder=entry.ref.folder, missing_folders=())
    return place


def _work(task: Task, entries: list[_Entry], threads: int) -> None:
    """A session may be used by several threads at once: its stub keeps a pool of connections under a lock."""
    todo = [entry for entry in entries if entry.error is None and entry.job and entry.job.plan.kind != "nothing"]
    if len(todo) <= 1:
        with terminable():
            for entry in todo:
                _carry_out(task, entry)
        return
    with terminable(), concurrent.futures.ThreadPoolExecutor(min(threads, len(todo))) as pool:
        futures = [pool.submit(_carry_out, task, entry) for entry in todo]
        try:
            for future in futures:
                future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            task.interrupt.set()
            raise


def _carry_out(task: Task, entry: _Entry) -> None:
    job = entry.job
    assert job is not None
    entry.attempt(lambda: deploy.carry_out(task, job, entry.outcome))


def _await(task: Task, entries: list[_Entry], report: progress.Report) -> dict[str, tuple[str, ...]]:
    """moid -> the addresses that count."""
    waiting = {
        entry.outcome.ref._moId: (entry, entry.desired.waiting)
        for entry in entries
        if entry.error is None and entry.outcome.ref is not None and entry.desired and entry.desired.waiting
    }
    if task.check or not waiting:
        return {}
    report("address", 0, None)
    found = address.wait(
        task.session,
        [address.Waiter(entry.outcome.ref, entry.label, wanted) for entry, wanted in waiting.values()],
    )
    ips = {}
    for moid, result in found.items():
        if isinstance(result, VsphereError):
            waiting[moid][0].error = result
        else:
            ips[moid] = result
    return ips


def _told(task: Task, entries: list[_Entry], ips: t.Mapping[str, tuple[str, ...]]) -> Done:
    """Reads those anew on which something was done, in one request."""
    touched = [
        entry.outcome.ref
        for entry in entries
        if entry.outcome.ref is not None and (entry.outcome.actions or entry.outcome.ref._moId in ips)
    ]
    fresh = machine.observe(task.session, touched) if touched and not task.check else {}
    known = task.inventory
    if any(isinstance(seen, Machine) and seen.folder not in known.objects for seen in fresh.values()):
        # A folder that this task has made.
        known = Inventory.load(task.session)
    done = Done([], {}, {})
    for entry in entries:
        row: dict[str, t.Any] = {"name": entry.label, **results.NOWHERE}
        seen = fresh.get(entry.outcome.ref._moId, entry.ref) if entry.outcome.ref is not None else None
        if isinstance(seen, Machine):
            row.update(results.described(known, seen, drift.layout_of(entry.desired, seen)))  # type: ignore[arg-type]
            row["ips"] = list(dict.fromkeys([*ips.get(seen.moid, ()), *seen.ips]))
        if entry.job is not None:
            row.update(results.work(entry.job, entry.outcome), name=entry.job.name)
            done.before[entry.job.name], done.after[entry.job.name] = results.diff(entry.job)
        if entry.error is not None:
            row = {**_WITHOUT_WORK, **row, **results.failure(entry.error)}
        done.vms.append(row)
    return done


_WITHOUT_WORK: dict[str, t.Any] = {
    "changed": False,
    "state": None,
    "actions": [],
    "ignition": None,
    "import": None,
    "drift": [],
    "warnings": [],
}


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
