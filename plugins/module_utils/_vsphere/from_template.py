# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A machine is made as a clone of a template or of another machine."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    clone,
    drift,
    layout,
    networks,
    origin,
    sdk,
    settings,
    stamp,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Spec
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept, Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one


class Clone:
    """One clone: what it shall be, found out before it is made."""

    def __init__(self, task: Task, job: Job, place: Place, kept: t.Sequence[Kept] = ()) -> None:
        self.task, self.job, self.kept = task, job, kept
        self.desired, self.place = job.desired, place
        self.source = _template(job)
        names = tuple(networks.name_of(task.inventory, nic.network) for nic in self.source.nics)
        networks.check_names(self.desired.networks, names, self.source.name)
        self.noted = Layout(tuple(disk.place for disk in self.source.disks), names)
        self.targets = networks.resolve(task.session, task.inventory, self.place, self.desired)
        start = self.source._replace(extra={**self.source.extra, **layout.note_kept(kept)})
        self.changes = drift.hardware(self.desired.hardware, start, self.noted, self.targets)
        settings.refuse_less(self.changes, self.source.name)
        options = self.desired.options
        self.snapshot = clone.snapshot(task.session, self.source, options["snapshot"], linked=options["linked"])

    def make(self) -> sdk.Ref:
        """Settings and NICs are the clone's from its first moment on; disks and the hardware version follow."""
        spec, late = Spec(), False
        for nic in self.source.nics:
            if nic.device.addressType == "manual":
                # The server would give the clone the same address.
                device = spec.edit(nic.device)
                device.addressType, device.macAddress = "generated", None
        for change in self.changes:
            if change.part in ("machine", "nic"):
                change.apply(spec)
            elif change.part != "kept":
                late = True
        state = stamp.IMPORTING if late else stamp.COMPLETE
        source = self.source.stamp
        spec.extra(
            {
                **dict.fromkeys((layout.KEPT_KEY,) if layout.KEPT_KEY in self.source.extra else (), ""),
                **settings.guestinfo_of(self.desired, self.source.extra),
                **settings.stamps(self.desired, origin.template(self.source.name), source.ignition_sha256),
                **stamp.stamp(state=state),
                **layout.note(self.noted),
                **(layout.note_kept(self.kept) if self.kept else {}),
            }
        )
        options = self.desired.options
        ref = clone.clone(
            self.task.session,
            self.task.inventory,
            self.source,
            self.job.name,
            self.place,
            spec.done(),
            snapshot=self.snapshot,
            linked=options["linked"],
            timeout=options["import_timeout"],
        )
        try:
            self._finish(ref)
        except BaseException as error:
            left = _removed(self.task, ref)
            if isinstance(error, VsphereError):
                error.about["left_behind"] = left or False
            raise
        return ref

    def _finish(self, ref: sdk.Ref) -> None:
        """Also what the server has not taken from the clone's spec, as some do."""
        seen = observe_one(self.task.session, ref)
        changes = drift.hardware(self.desired.hardware, seen, self.noted, self.targets)
        if all(change.part == "kept" for change in changes) and not seen.stamp.is_unfinished:
            return
        settings.upgrade(self.task.session, seen, changes)
        spec = settings.finishing(self.desired, seen, self.noted, changes)
        spec.extra(stamp.stamp(state=stamp.COMPLETE))
        with translated(f"Setting up the clone {seen.name}"):
            tasks.wait(self.task.session, ref.ReconfigVM_Task(spec.done()))


def _template(job: Job) -> Machine:
    wanted = job.desired.options["template"]
    if job.template is None:
        raise VsphereError("not_found", f"template: there is no VM or template {wanted}.")
    if job.template.stamp.is_unfinished:
        raise VsphereError(
            "import_unfinished",
            f"template: {wanted} ({job.template.moid}) is what an import left that was interrupted, or still runs.",
        )
    return job.template


def _removed(task: Task, ref: sdk.Ref) -> str | None:
    """Removes what is not whole; its id where that fails."""
    with contextlib.suppress(VsphereError), translated("Removing an unfinished clone"):
        tasks.wait(task.session, ref.Destroy_Task())
        return None
    return str(ref._moId)
