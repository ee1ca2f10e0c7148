# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is to be done about one machine: decided from what it is, before anything is written."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.drift import Drift
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import LIVE, OFF, REBUILD, Change
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine

_FOREIGN = (
    "The VM {seen.name} ({seen.moid}) was not made by this collection and is left alone. Set adopt to true to have it "
    "kept as described."
)
_NO_RERUN = (
    "The VM {seen.name} gets the new guestinfo keys. Ignition will not run again by itself: that takes 'touch "
    "/boot/flatcar/first_boot' in the guest before a reboot, or on_ignition_change replace."
)


class Plan(t.NamedTuple):
    """kind is create, replace, delete, mark, change or nothing.

    reason says why a machine is replaced; counted says whether that counts against max_replacements. changes are the
    differences in hardware that a change puts right, keys whether it writes the guestinfo keys, stamps whether it
    rewrites the stamps. cycle says that the machine is off meanwhile. power is powered_on or powered_off where that is
    to come, else None.
    """

    kind: str
    reason: str = ""
    counted: bool = False
    changes: tuple[Change, ...] = ()
    keys: bool = False
    stamps: bool = False
    cycle: bool = False
    power: str | None = None
    warnings: tuple[str, ...] = ()


def plan(desired: Desired, seen: Machine | None, compare: t.Callable[[Machine], Drift]) -> Plan:
    """VsphereError where the options do not allow what would be needed; compare is asked where it matters."""
    if seen is None:
        return Plan("nothing") if desired.state == "absent" else Plan("create", power=_power_of_new(desired))
    if desired.state == "absent":
        return _absent(desired, seen)
    if seen.stamp.is_unfinished:
        return _unfinished(desired, seen)
    if desired.state == "template":
        return _template(desired, seen, compare)
    if seen.template:
        raise VsphereError(
            "name_exists",
            f"{seen.name} ({seen.moid}) is a template, and a VM of this name is wanted. Take another name or folder, "
            "or set state to template.",
        )
    return _present(desired, seen, compare(seen))


def _absent(desired: Desired, seen: Machine) -> Plan:
    if not (seen.stamp.is_ours or desired.adopt):
        raise _not_ours(seen, "removed")
    return Plan("delete")


def _unfinished(desired: Desired, seen: Machine) -> Plan:
    if not desired.force:
        raise VsphereError(
            "import_unfinished",
            f"The VM {seen.name} ({seen.moid}) is what an import left that was interrupted, or that still runs: its "
            "disks are not whole. When no other task makes it now, set force to true to have it removed and made anew.",
            left_behind=seen.moid,
        )
    return _replace(desired, "an import that was interrupted", counted=False)


def _template(desired: Desired, seen: Machine, compare: t.Callable[[Machine], Drift]) -> Plan:
    if not seen.stamp.is_ours and not desired.adopt:
        if seen.template:
            return Plan("nothing")
        raise _not_ours(seen, "made a template")
    drift = compare(seen)
    if desired.recreate:
        return _replace(desired, "recreate")
    if drift.hardware:
        return _immutable(desired, seen, drift)
    if seen.template:
        return Plan("nothing")
    if seen.power != "powered_off" and not desired.force:
        raise _must_be_off(seen, "become a template")
    return Plan("mark", cycle=seen.power != "powered_off", stamps=not seen.stamp.is_ours)


def _present(desired: Desired, seen: Machine, drift: Drift) -> Plan:
    if not seen.stamp.is_ours and not desired.adopt:
        if desired.recreate:
            raise _not_ours(seen, "replaced")
        return Plan("nothing", warnings=(_FOREIGN.format(seen=seen),))
    if desired.recreate:
        if not seen.stamp.is_ours:
            raise _not_ours(seen, "replaced")
        return _replace(desired, "recreate")
    if drift.needing(REBUILD):
        return _immutable(desired, seen, drift)
    if drift.ignition and desired.on_ignition_change == "fail":
        raise VsphereError(
            "ignition_changed",
            f"The VM {seen.name} ({seen.moid}) was made with another Ignition config, or other guestinfo keys, and "
            "Ignition runs at the first boot only. Set on_ignition_change to replace, update, accept or ignore.",
        )
    if drift.ignition and desired.on_ignition_change == "replace":
        return _replace(desired, "the Ignition config")
    return _change(desired, seen, drift)


def _change(desired: Desired, seen: Machine, drift: Drift) -> Plan:
    keys = bool(drift.ignition) and desired.on_ignition_change == "update"
    stamps = keys or not seen.stamp.is_ours or (bool(drift.ignition) and desired.on_ignition_change == "accept")
    needs_off = [change.field for change in drift.needing(OFF)] + (["the guestinfo keys"] if keys else [])
    runs = seen.power != "powered_off"
    if needs_off and runs and not desired.force:
        raise _must_be_off(seen, f"get another value of {', '.join(needs_off)}")
    cycle = bool(needs_off) and runs
    goes_on = desired.power == "powered_on" or (desired.power == "unmanaged" and cycle)
    power = "powered_on" if goes_on and (cycle or seen.power != "powered_on") else None
    if desired.power == "powered_off" and runs and not cycle:
        power = "powered_off"
    warnings = (_NO_RERUN.format(seen=seen),) if keys else ()
    changes = drift.needing(LIVE, OFF)
    kind = "change" if changes or stamps or cycle or power else "nothing"
    return Plan(kind, changes=changes, keys=keys, stamps=stamps, cycle=cycle, power=power, warnings=warnings)


def _immutable(desired: Desired, seen: Machine, drift: Drift) -> Plan:
    fields = ", ".join(f"{change.field} ({change.before} -> {change.after})" for change in drift.needing(REBUILD))
    if desired.on_immutable_change == "replace" and seen.stamp.is_ours:
        return _replace(desired, fields)
    raise VsphereError(
        "immutable_changed",
        f"{seen.name} ({seen.moid}) differs in what only a new one can have: {fields}. Put the option back, or set "
        "on_immutable_change to replace.",
    )


def _replace(desired: Desired, reason: str, counted: bool = True) -> Plan:
    return Plan("replace", reason, counted, power=_power_of_new(desired))


def _power_of_new(desired: Desired) -> str | None:
    return "powered_on" if desired.state == "present" and desired.power == "powered_on" else None


def _must_be_off(seen: Machine, what: str) -> VsphereError:
    return VsphereError(
        "power_state",
        f"The VM {seen.name} ({seen.moid}) is {seen.power}, and has to be off to {what}. Turn it off, or set force to "
        "true to have it shut down meanwhile.",
    )


def _not_ours(seen: Machine, what: str) -> VsphereError:
    return VsphereError(
        "not_ours",
        f"{seen.name} ({seen.moid}) was not made by this collection, and is not {what}. Set adopt to true where it is "
        "meant, or take another name or folder.",
    )
