# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a result says of a machine: never a guestinfo value."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.drift import Drift
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import gib
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine


def described(inventory: Inventory, seen: Machine, layout: Layout | None = None) -> dict[str, t.Any]:
    """A machine that is there."""
    names = {place: name for name, place in (layout or Layout()).disks.items()}
    return {
        "moid": seen.moid,
        "instance_uuid": seen.instance_uuid,
        "bios_uuid": seen.bios_uuid,
        "folder": inventory.path_of(seen.folder),
        "host": inventory.name_of(seen.host) if seen.host in inventory.objects else None,
        "datastore": seen.file.partition("]")[0].lstrip("["),
        "power_state": seen.power,
        "ips": list(seen.ips),
        "hardware": {
            "cpus": seen.cpus,
            "cores_per_socket": seen.cores,
            "memory_mb": seen.memory_mb,
            "hardware_version": seen.version,
            "firmware": seen.firmware,
            "annotation": seen.annotation,
            "disks": [
                {"name": names.get(disk.place), "size_gb": gib(disk.size), "place": disk.place, "file": disk.file}
                for disk in seen.disks
            ],
            "nics": [
                {"mac": nic.mac, "type": nic.type, "network": networks.name_of(inventory, nic.network)}
                for nic in seen.nics
            ],
        },
    }


#: What is said of a machine of which nothing is known, and on which nothing was done.
BARE: dict[str, t.Any] = {
    "moid": None,
    "instance_uuid": None,
    "bios_uuid": None,
    "folder": None,
    "host": None,
    "datastore": None,
    "power_state": None,
    "ips": [],
    "hardware": None,
    "changed": False,
    "state": None,
    "actions": [],
    "ignition": None,
    "import": None,
    "drift": [],
    "warnings": [],
    "failed": False,
}


def found(desired: Desired, drift: Drift) -> dict[str, t.Any]:
    """What is wanted, and how it differs from what is there."""
    wanted = desired.guestinfo
    return {
        "state": desired.state,
        "ignition": {
            "sha256": wanted.ignition_sha256 or None,
            "encoded_bytes": wanted.encoded_bytes,
            "encoding": wanted.encoding or None,
            "changed": drift.ignition,
        },
        "drift": drift.described(),
    }


def work(outcome: Outcome) -> dict[str, t.Any]:
    """What was done, or in check mode would be."""
    return {
        "changed": bool(outcome.actions),
        "actions": list(outcome.actions),
        "import": _imported(outcome),
        "warnings": list(dict.fromkeys(outcome.warnings)),
    }


def diff(job: Job) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """A machine before and after, as far as it was planned."""
    plan, seen, wanted = job.plan, job.seen, job.desired
    before = _known(seen) if seen else {}
    if plan.kind == "nothing":
        return before, before
    if plan.kind == "delete":
        return before, {}
    fresh = plan.kind in ("create", "replace")
    hardware = wanted.hardware._asdict()
    after: dict[str, t.Any] = {} if fresh else dict(before)
    if fresh:
        after = {name: hardware[key] for name, key in _FIELDS if hardware[key] is not None}
    after.update({change.field: change.after for change in plan.changes})
    before.update({change.field: change.before for change in plan.changes})
    after["template"] = wanted.state == "template"
    after["power_state"] = plan.power or (seen.power if seen and not fresh else "powered_off")
    if wanted.has_ignition and (fresh or plan.keys or plan.stamps):
        after["ignition"] = wanted.guestinfo.ignition_sha256
    return before, after


_FIELDS = (
    ("cpus", "cpus"),
    ("cores_per_socket", "cores"),
    ("memory_mb", "memory_mb"),
    ("hardware_version", "version"),
    ("annotation", "annotation"),
)


def _known(seen: Machine) -> dict[str, t.Any]:
    fields = seen._asdict()
    return {
        **{name: fields[key] for name, key in _FIELDS},
        "template": seen.template,
        "power_state": seen.power,
        "ignition": seen.stamp.ignition_sha256 or None,
    }


def _imported(outcome: Outcome) -> dict[str, t.Any] | None:
    done = outcome.imported
    if done is None or done.verdict is None:
        return None
    return {
        "bytes": done.bytes,
        "seconds": round(done.seconds, 2),
        "manifest": done.verdict.manifest,
        "checksum": done.verdict.checksum,
        "source": outcome.source,
    }
