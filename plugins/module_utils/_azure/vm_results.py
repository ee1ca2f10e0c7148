# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a result says of a VM: never its custom data or user data."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vm_described
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_look import Looked
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Desired, Drift, Json, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.results import of_machine

#: What is said of a VM on which nothing was done, and of which nothing is known.
_BARE: Json = {
    "changed": False,
    "actions": [],
    "ignition": None,
    "created": [],
    "costs": [],
    "drift": [],
    "warnings": [],
    "failed": False,
}


def row(entry: Entry, seen: Seen | None, looked: Looked) -> Json:
    """seen is the VM as it is now."""
    told: Json = {"name": entry.label, **vm_described.BARE, **_BARE}
    told.update(resource_group=entry.given["resource_group"], state=entry.given["state"])
    if seen is not None:
        told.update(vm_described.described(seen, looked.nics, looked.ips))
    told.update(_work(entry))
    if entry.is_sound:
        told.update(_found(entry.desired, entry.drift))
    if entry.error is not None:
        told.update(of_machine(entry.error))
        if entry.outcome.serial_log is not None:
            told.update(serial_log=entry.outcome.serial_log, serial_cause=entry.outcome.cause)
    return told


def _work(entry: Entry) -> Json:
    """What was done, or in check mode would be."""
    outcome = entry.outcome
    return {
        "changed": bool(outcome.actions or outcome.created),
        "actions": list(outcome.actions),
        "created": list(outcome.created),
        "costs": list(dict.fromkeys(outcome.costs)),
        "warnings": list(dict.fromkeys(outcome.warnings)),
    }


def _found(desired: Desired, drift: Drift) -> Json:
    """What is wanted, and how it differs from what was there."""
    ignition = desired.ignition
    return {
        "ignition": {
            "sha256": ignition.sha256 if ignition else None,
            "bytes": len(ignition.data) if ignition else None,
            "where": desired.ignition_in if ignition else None,
            "changed": drift.ignition,
        },
        "drift": drift.described(),
    }


def diff(entry: Entry) -> tuple[Json, Json]:
    """A VM before and after, as far as it was planned."""
    plan, seen, desired = entry.plan, entry.seen, entry.desired
    before = _known(seen) if seen else {}
    if plan.kind == "nothing":
        return before, before
    if plan.kind == "delete":
        return before, {}
    fresh = plan.kind in ("create", "replace")
    after = _described(entry) if fresh else dict(before)
    if not fresh:
        after.update((change.field, change.after) for change in plan.changes)
        before.update((change.field, change.before) for change in plan.changes)
    after["power_state"] = _POWER.get(plan.power or "", "running" if fresh else before.get("power_state"))
    if desired.ignition and (fresh or plan.user_data or plan.stamps == "all"):
        after["ignition"] = desired.ignition.sha256
    return before, after


_POWER = {"start": "running", "restart": "running", "stop": "stopped", "deallocate": "deallocated"}


def _known(seen: Seen) -> Json:
    return {
        "location": seen.location,
        "vm_size": seen.vm_size,
        "image": seen.stamp.source or None,
        "zones": list(seen.zones),
        "power_state": seen.power,
        "ignition": seen.stamp.ignition or None,
    }


def _described(entry: Entry) -> Json:
    settings = entry.desired.settings
    return {
        "location": entry.location,
        "vm_size": settings.vm_size,
        "image": entry.image.source if entry.image else None,
        "zones": [settings.zone] if settings.zone else [],
    }
