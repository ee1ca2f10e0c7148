# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A machine is made of an OVA."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    drift,
    import_spec,
    layout,
    networks,
    origin,
    sdk,
    settings,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Spec, gib
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_ova import import_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept, Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import observe_one
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova


def make(task: Task, job: Job, place: Place, kept: t.Sequence[Kept], outcome: Outcome, *, check: bool = False) -> None:
    """Adds to the outcome what was made; check makes nothing, and adds warnings only."""
    desired, options = job.desired, job.desired.options
    source, outcome.source = origin.ova(options, task.run_command)
    outcome.warnings += source.warnings
    ova = open_ova(source)
    system = next((disk.capacity for disk in ova.about.disks), 0)
    if desired.hardware.disk_size is not None and desired.hardware.disk_size < system:
        raise VsphereError(
            "bad_option",
            f"disk_gb {options['disk_gb']} is less than the {gib(system)} GiB that the disk of the OVA has.",
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
        settings.refuse_less(changes, "the OVA")
        settings.upgrade(task.session, seen, changes)
        return settings.finishing(desired, seen, noted, changes).done()

    imported = import_ova(
        task.session,
        task.inventory,
        place,
        ova,
        wanted,
        config=lambda spec: _config(desired, outcome.source, kept),
        finish=finish,
        timeout=options["import_timeout"],
        report=job.report,
        interrupt=task.interrupt,
        check=check,
    )
    outcome.warnings += imported.warnings
    if not check:
        outcome.imported, outcome.ref = imported, imported.ref


def _config(desired: Desired, source: str, kept: t.Sequence[Kept]) -> t.Any:
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
    spec.extra(
        {**desired.guestinfo.keys, **settings.stamps(desired, source), **(layout.note_kept(kept) if kept else {})}
    )
    return spec.done()
