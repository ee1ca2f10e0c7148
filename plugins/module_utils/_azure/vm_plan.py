# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is to be done about one VM: decided from what it is, before anything is written."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    DEALLOCATE,
    LIVE,
    REBUILD,
    Change,
    Desired,
    Drift,
    Seen,
)

ALL, STATE = "all", "state"

#: What a state asks of the power of a VM that is there: power now -> what is done, where that is anything.
_POWER: dict[str, dict[str, str]] = {
    "running": {"stopped": "start", "deallocated": "start", "unknown": "start"},
    "stopped": {"running": "stop", "unknown": "stop"},
    "deallocated": {"running": "deallocate", "stopped": "deallocate", "unknown": "deallocate"},
    "restarted": {"running": "restart", "stopped": "start", "deallocated": "start", "unknown": "restart"},
}
#: A VM that is made runs.
_POWER_OF_NEW = {"stopped": "stop", "deallocated": "deallocate"}
#: What a VM is on its way to.
_SETTLED = {"starting": "running", "stopping": "stopped", "deallocating": "deallocated"}

_FOREIGN = (
    "The VM {seen.name} in {seen.resource_group} was not made by this collection and is left alone. Set adopt to true "
    "to have it kept as described."
)
_NO_RERUN = (
    "The VM {seen.name} gets the new user data. Ignition will not run again by itself: that takes 'touch "
    "/boot/flatcar/first_boot' in the VM before a reboot, or on_ignition_change replace."
)
_BILLED = "The VM {name} is stopped, and Azure goes on billing its size; state deallocated ends that."


class Plan(t.NamedTuple):
    """kind is create, replace, delete, change or nothing.

    reason says why a VM is replaced; counted says whether that counts against max_replacements. changes are the
    differences that a change puts right, user_data says whether it writes the user data. stamps is which of the stamps
    it rewrites: ALL, STATE alone, or "". cycle says that the VM is deallocated meanwhile. power is start, stop,
    deallocate or restart where that is to come at the end, else None.
    """

    kind: str
    reason: str = ""
    counted: bool = False
    changes: tuple[Change, ...] = ()
    user_data: bool = False
    stamps: str = ""
    cycle: bool = False
    power: str | None = None
    warnings: tuple[str, ...] = ()


def plan(desired: Desired, seen: Seen | None, drift: Drift, has_parts: bool = False) -> Plan:
    """AzureError where the options do not allow what would be needed.

    drift is how a VM that is there differs; has_parts says that parts of a VM which is not there are.
    """
    if seen is None:
        if desired.state == "absent":
            return Plan("delete" if has_parts else "nothing")
        return _new(desired, "create")
    if desired.state == "absent":
        if not (seen.stamp.is_ours or desired.adopt):
            raise _not_ours(seen, "removed")
        return Plan("delete")
    if not seen.stamp.is_ours and not desired.adopt:
        return _foreign(desired, seen, drift)
    if seen.stamp.is_unfinished and seen.provisioning == "Failed":
        return _new(desired, "replace", "its creation failed", counted=False)
    if desired.recreate:
        return _replace(desired, seen, "recreate")
    fixed = drift.needing(REBUILD, DEALLOCATE) if seen.ephemeral else drift.needing(REBUILD)
    if fixed:
        return _immutable(desired, seen, fixed)
    if drift.ignition and desired.on_ignition_change == "fail":
        raise AzureError(
            "ignition_changed",
            f"The VM {seen.name} was made with another Ignition config, and Ignition runs at the first boot only. Set "
            "on_ignition_change to replace, update, accept or ignore.",
        )
    if drift.ignition and desired.on_ignition_change == "replace":
        return _replace(desired, seen, "the Ignition config")
    return _change(desired, seen, drift)


def _foreign(desired: Desired, seen: Seen, drift: Drift) -> Plan:
    """A VM of others that is as described does no harm; another one is not what this name shall mean."""
    if desired.recreate:
        raise _not_ours(seen, "replaced")
    if desired.state != "present":
        raise _not_ours(seen, f"made {desired.state}")
    if drift.changes:
        raise AzureError(
            "name_exists",
            f"There is a VM {seen.name} in {seen.resource_group} that was not made by this collection and differs from "
            f"what is described: {_fields(drift.changes)}. Take another name, or set adopt to true to have it changed.",
        )
    return Plan("nothing", warnings=(_FOREIGN.format(seen=seen),))


def _change(desired: Desired, seen: Seen, drift: Drift) -> Plan:
    data = bool(drift.ignition) and desired.on_ignition_change == "update"
    accepts = bool(drift.ignition) and desired.on_ignition_change == "accept"
    stamps = ALL if data or accepts or not seen.stamp.is_ours else STATE if seen.stamp.is_unfinished else ""
    power = _SETTLED.get(seen.power, seen.power)
    needs_off = drift.needing(DEALLOCATE)
    runs = power not in ("deallocated", "unknown")
    if needs_off and runs and not desired.force and desired.state != "deallocated":
        raise AzureError(
            "power_state",
            f"The VM {seen.name} is {power}, and has to be deallocated to get another value of "
            f"{', '.join(change.field for change in needs_off)}. Deallocate it, or set force to true to have it "
            "deallocated meanwhile.",
        )
    cycle = bool(needs_off) and runs
    told = _POWER.get(desired.state, {}).get("deallocated" if cycle else power)
    if cycle and desired.state == "present" and power == "running":
        told = "start"
    if cycle and desired.state == "stopped":
        told = None
    changes = drift.needing(LIVE, DEALLOCATE)
    warnings = [_NO_RERUN.format(seen=seen)] if data else []
    if told == "stop":
        warnings.append(_BILLED.format(name=seen.name))
    kind = "change" if changes or stamps or cycle or told else "nothing"
    return Plan(
        kind,
        changes=changes,
        user_data=data,
        stamps=stamps,
        cycle=cycle,
        power=told,
        warnings=tuple(warnings),
    )


def _immutable(desired: Desired, seen: Seen, fixed: t.Iterable[Change]) -> Plan:
    """A VM whose system is on the host cannot be deallocated, and keeps what takes that."""
    fields = _fields(fixed)
    if desired.on_immutable_change == "replace" and seen.stamp.is_ours:
        return _replace(desired, seen, fields)
    raise AzureError(
        "immutable_changed",
        f"The VM {seen.name} differs in what only a new one can have: {fields}. Put the option back, or set "
        "on_immutable_change to replace.",
    )


def _replace(desired: Desired, seen: Seen, reason: str) -> Plan:
    if not seen.stamp.is_ours:
        raise _not_ours(seen, "replaced")
    return _new(desired, "replace", reason, counted=True)


def _new(desired: Desired, kind: str, reason: str = "", counted: bool = False) -> Plan:
    warnings = (_BILLED.format(name=desired.name),) if desired.state == "stopped" else ()
    return Plan(kind, reason, counted, power=_POWER_OF_NEW.get(desired.state), warnings=warnings)


def _fields(changes: t.Iterable[Change]) -> str:
    return ", ".join(f"{change.field} ({change.before} -> {change.after})" for change in changes)


def _not_ours(seen: Seen, what: str) -> AzureError:
    return AzureError(
        "not_ours",
        f"The VM {seen.name} in {seen.resource_group} was not made by this collection, and is not {what}. Set adopt to "
        "true where it is meant, or take another name.",
    )
