# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is known of the VMs of a server."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    inventory,
    layout,
    machine,
    properties,
    results,
    sdk,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine

#: Keys with user data of one kind or another, or an address of them, which may hold secrets; in small letters.
_SECRET = re.compile(r"guestinfo\.(.*\.config\.(data|url)|ovfenv|userdata|vendordata|metadata)")


class Selection(t.NamedTuple):
    """Which VMs are meant: by names, UUIDs or ids where given, else all; of a folder or datacenter where given.

    ours leaves only those that this collection has made.
    """

    names: t.Sequence[str] = ()
    uuids: t.Sequence[str] = ()
    moids: t.Sequence[str] = ()
    datacenter: str | None = None
    folder: str | None = None
    recurse: bool = False
    ours: bool = False


class Known(t.NamedTuple):
    """vms are as the module returns them, in the order of their paths; warnings are about those that are not there."""

    vms: list[dict[str, t.Any]]
    warnings: list[str]


def known(session: Session, wanted: Selection, values: bool = False) -> Known:
    """values: with those of the guestinfo keys that hold no user data."""
    objects = Inventory.load(session)
    refs = _chosen(session, objects, wanted)
    if wanted.ours:
        path = f'{machine.EXTRA}["{stamp.PREFIX}state"]'
        refs = [entry.ref for entry in properties.read(session, refs, [path]) if entry.values.get(path)]
    seen = machine.observe(session, refs).values()
    vms = [described(each, objects, values) for each in seen if isinstance(each, Machine)]
    vms.sort(key=lambda vm: (vm["folder"] or "", vm["name"], vm["moid"]))
    return Known(vms, [str(each) for each in seen if isinstance(each, VsphereError)])


def described(seen: Machine, objects: Inventory, values: bool) -> dict[str, t.Any]:
    return {
        "name": seen.name,
        **results.described(objects, seen, layout.read(seen.extra)),
        "state": "template" if seen.template else "present",
        "stamp": seen.stamp._asdict() if seen.stamp.is_ours else None,
        "guestinfo": [
            {"key": key, **(_value(key, value) if values else {})}
            for key, value in sorted(seen.extra.items())
            if key.lower().startswith("guestinfo.") and value
        ],
    }


def _value(key: str, value: str) -> dict[str, t.Any]:
    if _SECRET.fullmatch(key.lower()):
        data = value.encode()
        return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    return {"value": value}


def _chosen(session: Session, objects: Inventory, wanted: Selection) -> list[sdk.Ref]:
    datacenter = objects.datacenter(wanted.datacenter) if wanted.datacenter else None
    if wanted.moids:
        found = [inventory.by_moid(session, moid) for moid in wanted.moids]
    elif wanted.uuids:
        found = [inventory.of_uuid(session, uuid, datacenter) for uuid in wanted.uuids]
    else:
        named = inventory.names(session, objects, wanted.datacenter, wanted.folder, wanted.recurse)
        names = [inventory.plain(name) for name in wanted.names] if wanted.names else list(named)
        found = [named.get(name, []) for name in names]
    return [ref for refs in found for ref in refs]
