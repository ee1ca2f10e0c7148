# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A machine is made: of an OVA or as a clone, with its hardware and guestinfo before it boots for the first time."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    disks,
    drift,
    from_ova,
    inventory,
    layout,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.from_template import Clone
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Spec
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import observe_one


def check(task: Task, job: Job, outcome: Outcome) -> None:
    """As far as the server says without making anything whether the machine could be made; adds warnings."""
    if job.desired.options["template"]:
        Clone(task, job, _place(job))
    else:
        from_ova.make(task, job, _place(job), (), outcome, check=True)


def create(task: Task, job: Job, kept: t.Sequence[Kept], outcome: Outcome) -> None:
    """Makes the machine, which is off. After a failure nothing of it is left, or left_behind says what is."""
    with task.folders:
        place = inventory.make_folders(task.session, _place(job))
    if job.desired.options["template"]:
        outcome.ref = Clone(task, job, place, kept).make()
        outcome.actions.append("cloned")
    else:
        from_ova.make(task, job, place, kept, outcome)
        outcome.actions.append("created")
    if kept:
        _bring_back(task, job, outcome)


def _bring_back(task: Task, job: Job, outcome: Outcome) -> None:
    """Attaches the kept disks that a machine, which is whole, has noted. Until then nothing can take them with it."""
    seen = observe_one(task.session, outcome.ref)
    noted = drift.layout_of(job.desired, seen)
    spec = Spec()
    for change in disks.differences(job.desired.hardware, seen, noted):
        if change.part == "kept":
            change.apply(spec)
    spec.extra({**layout.note(disks.layout_after(job.desired.hardware, seen, noted)), **layout.note_kept(())})
    with translated(f"Attaching the kept disks to {seen.name}"):
        tasks.wait(task.session, seen.ref.ReconfigVM_Task(spec.done()))
    outcome.actions.append("disks_attached")


def _place(job: Job) -> inventory.Place:
    if job.place is None:
        raise VsphereError("not_found", f"There is no VM {job.desired.label}, and none can be made without a name.")
    return job.place
