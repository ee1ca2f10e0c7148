# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What was planned for one machine is done; in check mode only what can be asked is."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    create,
    disks,
    layout,
    origin,
    power,
    settings,
    stamp,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Spec
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one


def carry_out(task: Task, job: Job, outcome: Outcome) -> None:
    """Adds to the outcome step by step, so that it also tells how far a failure came; VsphereError for one."""
    if job.plan.kind == "create":
        if task.check:
            create.check(task, job, outcome)
        _create(task, job, (), outcome)
    elif job.plan.kind == "replace":
        _replace(task, job, outcome)
    elif job.plan.kind == "delete":
        _delete(task, job, outcome, force=job.desired.force)
    elif job.plan.kind == "mark":
        _mark(task, job, _there(job), outcome)
    elif job.plan.kind == "change":
        _change(task, job, _there(job), outcome)


def _there(job: Job) -> Machine:
    return t.cast(Machine, job.seen)


def _create(task: Task, job: Job, kept: t.Sequence[Kept], outcome: Outcome) -> None:
    if task.check:
        outcome.actions.append("cloned" if job.desired.options["template"] else "created")
    else:
        create.create(task, job, kept, outcome)
    if job.desired.state == "template":
        _as_template(task, outcome)
    elif job.plan.power:
        _power_on(task, outcome, job.name)


def _replace(task: Task, job: Job, outcome: Outcome) -> None:
    """What can be found out about the new machine is, before the old one goes."""
    create.check(task, job, outcome)
    kept = _delete(task, job, outcome, force=True)
    try:
        _create(task, job, kept, outcome)
    except VsphereError as error:
        if kept and outcome.ref is None:
            files = ", ".join(f"{disk.name} at {disk.file}" for disk in kept)
            said = f"{error} The kept disks are unharmed, and to be attached by hand once there is a VM: {files}."
            raise VsphereError(error.code, said, **error.about) from error
        raise


def _delete(task: Task, job: Job, outcome: Outcome, *, force: bool) -> tuple[Kept, ...]:
    """Returns the disks that the next machine gets. They are noted as they leave, and so found after a kill."""
    seen = _there(job)
    kept, foreign = disks.to_keep(job.desired.hardware, seen, job.layout), disks.foreign(seen, job.layout)
    if job.plan.kind == "delete":
        outcome.warnings += [f"The disk {disk.name} of {job.name} is kept: {disk.file}." for disk in kept]
    outcome.warnings += [f"A disk that others attached to {job.name} is left: {disk.file}." for disk in foreign]
    if seen.power != "powered_off":
        outcome.actions.append(power.off(task.session, seen, force=force, check=task.check))
    spec = Spec()
    if disks.detach(spec, {disk.file for disk in kept} | {disk.file for disk in foreign}, seen):
        outcome.actions.append("disks_detached")
        spec.extra(layout.note_kept(kept))
        if not task.check:
            with translated(f"Detaching disks of {seen.name}"):
                tasks.wait(task.session, seen.ref.ReconfigVM_Task(spec.done()))
    if not task.check:
        with translated(f"Destroy {seen.name}"):
            tasks.wait(task.session, seen.ref.Destroy_Task())
        outcome.ref = None
    outcome.actions.append("deleted")
    return kept


def _mark(task: Task, job: Job, seen: Machine, outcome: Outcome) -> None:
    if job.plan.cycle:
        _off(task, job, seen, outcome)
    if job.plan.stamps and not task.check:
        _reconfigure(task, job, seen)
    _as_template(task, outcome)


def _change(task: Task, job: Job, seen: Machine, outcome: Outcome) -> None:
    plan = job.plan
    if plan.cycle:
        _off(task, job, seen, outcome)
    if plan.changes or plan.stamps:
        if not task.check:
            settings.upgrade(task.session, seen, plan.changes)
            _reconfigure(task, job, seen)
        outcome.actions.append("updated" if plan.changes or plan.keys else "stamped")
    if plan.power == "powered_on":
        _power_on(task, outcome, seen.name)
    elif plan.power == "powered_off":
        _off(task, job, seen, outcome)


def _reconfigure(task: Task, job: Job, seen: Machine) -> None:
    """Hardware, guestinfo and stamps in one task."""
    plan, spec = job.plan, Spec()
    for change in plan.changes:
        change.apply(spec)
    extra = layout.note(disks.layout_after(job.desired.hardware, seen, job.layout))
    if layout.read_kept(seen.extra):
        extra.update(layout.note_kept(()))
    if plan.keys:
        extra.update(settings.guestinfo_of(job.desired, seen.extra))
    if plan.stamps:
        source = seen.stamp.source or origin.text(job.desired.options)
        extra.update(settings.stamps(job.desired, source, seen.stamp.ignition_sha256))
        extra.update(stamp.stamp(state=stamp.COMPLETE))
    spec.extra({key: value for key, value in extra.items() if value != seen.extra.get(key, "")})
    with translated(f"Reconfigure {seen.name}"):
        tasks.wait(task.session, seen.ref.ReconfigVM_Task(spec.done()))


def _off(task: Task, job: Job, seen: Machine, outcome: Outcome) -> None:
    outcome.actions.append(power.off(task.session, seen, force=job.desired.force, check=task.check))


def _power_on(task: Task, outcome: Outcome, name: str) -> None:
    if not task.check:
        power.on(task.session, outcome.ref, name)
    outcome.actions.append("powered_on")


def _as_template(task: Task, outcome: Outcome) -> None:
    if not task.check:
        try:
            with translated("Making a template"):
                outcome.ref.MarkAsTemplate()
        except VsphereError:
            # Another run that wants the same may have been quicker.
            if not observe_one(task.session, outcome.ref).template:
                raise
    outcome.actions.append("marked_as_template")
