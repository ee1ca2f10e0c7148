# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What machines of an OVA and clones have in common: guestinfo keys, stamps, and hardware before the first boot."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    disks,
    guestinfo_change,
    layout,
    stamp,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import USER_DATA
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import REBUILD, Change, Spec
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine


def guestinfo_of(desired: Desired, current: t.Mapping[str, str]) -> dict[str, str]:
    """The guestinfo keys for a machine that has the current ones; "" for those that are to go."""
    stale = {key: "" for key in guestinfo_change.absent(current, ()).values if not key.startswith(stamp.PREFIX)}
    if not desired.has_ignition:
        stale = {key: value for key, value in stale.items() if key not in USER_DATA}
    return {**stale, **desired.guestinfo.keys}


def stamps(desired: Desired, source: str, ignition: str = "") -> dict[str, str]:
    """What a machine is to know of itself. ignition is the digest of what it has where none is given."""
    return stamp.stamp(
        ignition_sha256=desired.guestinfo.ignition_sha256 if desired.has_ignition else ignition,
        settings_sha256=desired.guestinfo.settings_sha256,
        source=source,
    )


def upgrade(session: Session, seen: Machine, changes: t.Iterable[Change]) -> None:
    """Raises the hardware version where that is among the changes; the machine is off."""
    for change in changes:
        if change.part == "version":
            with translated(f"Hardware version of {seen.name}"):
                tasks.wait(session, seen.ref.UpgradeVM_Task(f"vmx-{change.after}"))


def refuse_less(changes: t.Iterable[Change], source: str) -> None:
    """VsphereError for what a new machine cannot have, since its source has it otherwise."""
    said = ", ".join(f"{change.field} {change.after}" for change in changes if change.needs == REBUILD)
    if said:
        raise VsphereError("bad_option", f"{source} has more, or a newer one, than: {said}. Neither can be lessened.")


def finishing(desired: Desired, seen: Machine, noted: Layout, changes: t.Iterable[Change]) -> Spec:
    """What a new machine lacks still, but for kept disks: what is not whole yet may be removed again."""
    spec = Spec()
    for change in changes:
        if change.part != "kept":
            change.apply(spec)
    spec.extra(layout.note(disks.layout_after(desired.hardware, seen, noted)))
    return spec
