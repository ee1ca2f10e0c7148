# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A machine is made: of an OVA or as a clone, with its hardware and guestinfo before it boots for the first time."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    clone,
    disks,
    drift,
    guestinfo_change,
    import_spec,
    inventory,
    layout,
    networks,
    origin,
    sdk,
    stamp,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import USER_DATA
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import REBUILD, Change, Networks, Spec
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_ova import import_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept, Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova


def check(task: Task, job: Job, outcome: Outcome) -> None:
    """As far as the server says without making anything whether the machine could be made; adds warnings."""
    if job.desired.options["template"]:
        _Clone(task, job, ())
    else:
        _import(task, job, (), outcome, check=True)


def create(task: Task, job: Job, kept: t.Sequence[Kept], outcome: Outcome) -> None:
    """Makes the machine, which is off. After a failure nothing of it is left, or left_behind says what is."""
    with task.folders:
        job = job._replace(place=inventory.make_folders(task.session, _place(job)))
    if job.desired.options["template"]:
        outcome.source = origin.template(_template(job).name)
        outcome.ref = _Clone(task, job, kept).make()
        outcome.actions.append("cloned")
    else:
        _import(task, job, kept, outcome, check=False)
        outcome.actions.append("created")
    if kept:
        bring_back(task, job, outcome)


def bring_back(task: Task, job: Job, outcome: Outcome) -> None:
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


def guestinfo_of(desired: Desired, current: t.Mapping[str, str]) -> dict[str, str]:
    """The guestinfo keys for a machine that has the current ones; "" for those that are to go."""
    stale = {key: "" for key in guestinfo_change.absent(current, ()).values if not key.startswith(stamp.PREFIX)}
    if not desired.has_ignition:
        stale = {key: value for key, value in stale.items() if key not in USER_DATA}
    return {**stale, **desired.guestinfo.keys}


def upgrade(task: Task, seen: Machine, changes: t.Iterable[Change]) -> None:
    """Raises the hardware version where that is among the changes; the machine is off."""
    for change in changes:
        if change.part == "version":
            with translated(f"Hardware version of {seen.name}"):
                tasks.wait(task.session, seen.ref.UpgradeVM_Task(f"vmx-{change.after}"))


def _place(job: Job) -> inventory.Place:
    if job.place is None:
        raise VsphereError("not_found", f"There is no VM {job.desired.label}, and none can be made without a name.")
    return job.place


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


def _impossible(changes: t.Iterable[Change], source: str) -> None:
    """VsphereError for what a new machine cannot have, since its source has it otherwise."""
    said = ", ".join(f"{change.field} {change.after}" for change in changes if change.needs == REBUILD)
    if said:
        raise VsphereError("bad_option", f"{source} has more, or a newer one, than: {said}. Neither can be lessened.")


def _import(task: Task, job: Job, kept: t.Sequence[Kept], outcome: Outcome, *, check: bool) -> None:
    desired, place, options = job.desired, _place(job), job.desired.options
    source, outcome.source = origin.ova(options, task.run_command)
    outcome.warnings += source.warnings
    ova = open_ova(source)
    system = next((disk.capacity for disk in ova.about.disks), 0)
    if desired.hardware.disk_size is not None and desired.hardware.disk_size < system:
        raise VsphereError(
            "bad_option",
            f"disk_gb {options['disk_gb']} is less than the {system / (1 << 30):.1f} GiB that the disk of the OVA has.",
        )
    wanted = import_spec.Wanted(
        job.name,
        desired.networks,
        options["disk_provisioning"],
        {key: str(value) for key, value in (options["ovf_properties"] or {}).items()},
        options["deployment_option"] or "",
    )
    mapped = import_spec.networks(task.inventory, place, ova.about, wanted)
    targets = networks.resolve(task.session, task.inventory, place, desired)
    ids = {networks.target(task.session, task.inventory, ref).id: name for name, ref in reversed(mapped.items())}

    def finish(ref: sdk.Ref) -> t.Any:
        seen = observe_one(task.session, ref)
        on = tuple(ids.get(nic.network, "") for nic in seen.nics)
        noted = Layout(tuple(disk.place for disk in seen.disks), on)
        changes = drift.hardware(desired.hardware, seen, noted, targets)
        _impossible(changes, "the OVA")
        upgrade(task, seen, changes)
        return _finishing(desired, seen, noted, changes).done()

    imported = import_ova(
        task.session,
        task.inventory,
        place,
        ova,
        wanted,
        config=lambda spec: _settings(desired, outcome.source, kept),
        finish=finish,
        timeout=options["import_timeout"],
        report=job.report,
        interrupt=task.interrupt,
        check=check,
    )
    outcome.warnings += imported.warnings
    if not check:
        outcome.imported, outcome.ref = imported, imported.ref


def _settings(desired: Desired, source: str, kept: t.Sequence[Kept]) -> t.Any:
    """What a machine of an OVA has from the first moment on."""
    wanted = desired.hardware
    spec = Spec()
    spec.config = sdk.vim.vm.ConfigSpec(
        numCPUs=wanted.cpus,
        numCoresPerSocket=wanted.cores,
        memoryMB=wanted.memory_mb,
        annotation=wanted.annotation,
        version=f"vmx-{wanted.version}" if wanted.version else None,
    )
    spec.extra({**desired.guestinfo.keys, **stamps(desired, source), **(layout.note_kept(kept) if kept else {})})
    return spec.done()


def stamps(desired: Desired, source: str, ignition: str = "") -> dict[str, str]:
    """What a machine is to know of itself. ignition is the digest of what it has where none is given."""
    return stamp.stamp(
        ignition_sha256=desired.guestinfo.ignition_sha256 if desired.has_ignition else ignition,
        settings_sha256=desired.guestinfo.settings_sha256,
        source=source,
    )


def _finishing(desired: Desired, seen: Machine, noted: Layout, changes: t.Iterable[Change]) -> Spec:
    """What a new machine lacks still, but for kept disks: what is not whole yet may be removed again."""
    spec = Spec()
    for change in changes:
        if change.part != "kept":
            change.apply(spec)
    spec.extra(layout.note(disks.layout_after(desired.hardware, seen, noted)))
    return spec


class _Clone:
    """One clone: what it shall be, found out before it is made."""

    def __init__(self, task: Task, job: Job, kept: t.Sequence[Kept]) -> None:
        self.task, self.job, self.kept = task, job, kept
        self.desired, self.place = job.desired, _place(job)
        self.source = _template(job)
        names = tuple(networks.name_of(task.inventory, nic.network) for nic in self.source.nics)
        networks.check_names(self.desired.networks, names, self.source.name)
        self.noted = Layout(tuple(disk.place for disk in self.source.disks), names)
        self.targets: Networks = networks.resolve(task.session, task.inventory, self.place, self.desired)
        start = self.source._replace(extra={**self.source.extra, **layout.note_kept(kept)})
        self.changes = drift.hardware(self.desired.hardware, start, self.noted, self.targets)
        _impossible(self.changes, self.source.name)
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
                **guestinfo_of(self.desired, self.source.extra),
                **stamps(self.desired, origin.template(self.source.name), source.ignition_sha256),
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
        upgrade(self.task, seen, changes)
        spec = _finishing(self.desired, seen, self.noted, changes)
        spec.extra(stamp.stamp(state=stamp.COMPLETE))
        with translated(f"Setting up the clone {seen.name}"):
            tasks.wait(self.task.session, ref.ReconfigVM_Task(spec.done()))


def _removed(task: Task, ref: sdk.Ref) -> str | None:
    """Removes what is not whole; its id where that fails."""
    with contextlib.suppress(VsphereError), translated("Removing an unfinished clone"):
        tasks.wait(task.session, ref.Destroy_Task())
        return None
    return str(ref._moId)
