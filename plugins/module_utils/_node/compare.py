# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A description against a node: what to look at there, and the plan that makes the one of the other."""

from __future__ import annotations

import fnmatch
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node import accounts
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    UNITS,
    VENDOR_UNITS,
    Desired,
    File,
    Link,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.kernel_arguments import compare_arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._node.nodes import Nodes, Options
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import (
    VENDOR,
    Observed,
    Questions,
    parents,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Records
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit_states import (
    PRESET,
    compare_units,
    template_of,
    units_of,
)

#: The OEM partition's GRUB configuration, at its place since Flatcar 3510 and before.
GRUB = ("/oem/grub.cfg", "/usr/share/oem/grub.cfg")
#: Folders whose files systemd reads when it is told to.
_LOADED = ("/etc/systemd/", "/etc/containers/systemd/")


class Request(t.NamedTuple):
    """What a call asks for: a description, the fragments that speak in it, and how paths are treated.

    seed are paths or patterns of what is only made when it is missing; merge are paths of KEY=value files.
    """

    want: Desired
    owners: frozenset[str]
    seed: tuple[str, ...] = ()
    merge: frozenset[str] = frozenset()
    backup: bool = False


def gone(request: Request, records: Records) -> Records:
    """The records of the request's owners of which the description says nothing any longer."""
    return {
        key: record
        for key, record in records.items()
        if record.get("owner") in request.owners and key not in request.want.owners
    }


def ask(request: Request, records: Records) -> Questions:
    """What has to be seen to compare a description, and records that are to be undone."""
    want = request.want
    recorded = [key.partition(" ")[2] for key in records if key.startswith("path ")]
    defaults = [f"{VENDOR}{path}" for path in (*want.nodes, *recorded) if path.startswith("/etc/")]
    values = [key.partition(" ")[2] for key, record in records.items() if record["kind"] == "values"]
    kinds = {record["kind"] for record in records.values()}
    units = {*want.units, *units_of([*want.nodes, *recorded])}
    units |= {key.partition(" ")[2] for key, record in records.items() if record["kind"] == "unit"}
    for name in units:
        defaults += [f"{folder}/{unit}" for folder in (UNITS, VENDOR_UNITS) for unit in (name, template_of(name))]
    presets = [PRESET] if "unit" in kinds or any(unit.enabled is not None for unit in want.units.values()) else []
    grub = GRUB if want.arguments or "argument" in kinds else ()
    files = [node for node in want.nodes.values() if isinstance(node, File)]
    links = [node for node in want.nodes.values() if isinstance(node, Link)]
    paths = {*want.nodes, *recorded, *presets, *grub, *(link.target for link in links if link.hard)}
    paths |= {record["target"] for record in records.values() if record["kind"] == "link" and record["hard"]}
    folders = parents(paths)
    named = list(want.nodes.values())
    asked = accounts.questions(want, records)
    return Questions(
        paths=sorted({"/", *defaults} | paths | folders),
        sha512=[file.path for file in files if any(piece.hash.startswith("sha512-") for piece in file.pieces)],
        texts=sorted({*values, *presets, *grub, *(path for path in request.merge if path in want.nodes)}),
        endings={file.path: len(file.carried) for file in files if file.keeps and file.carried},
        folders=sorted(folders),
        units=sorted(units),
        devices=sorted({unit.device for unit in want.units.values() if unit.device}),
        users=sorted(asked.users | {node.user for node in named if isinstance(node.user, str)}),
        groups=sorted(asked.groups | {node.group for node in named if isinstance(node.group, str)}),
        accounts=sorted(asked.users),
        group_passwords=sorted(asked.group_passwords),
        tools=asked.tools,
    )


def without_devices(request: Request, seen: Observed) -> tuple[Request, list[str]]:
    """The request without mount units whose device the node does not have, and a line for each."""
    missing = [unit for unit in request.want.units.values() if unit.device and unit.device not in seen.devices]
    paths = [f"{UNITS}/{unit.name}" for unit in missing]
    want = request.want._replace(
        units={name: unit for name, unit in request.want.units.items() if unit not in missing},
        nodes={path: node for path, node in request.want.nodes.items() if not _is_of(path, paths)},
    )
    return request._replace(want=want), [f"{unit.name}: the node has no {unit.device}" for unit in missing]


def plan(request: Request, seen: Observed, records: Records) -> Plan:
    """What has to be done. Raises NodeError for what cannot or must not be done, before anything is."""
    made = Plan()
    made.earlier = records
    others = {key: record for key, record in records.items() if record.get("owner") not in request.owners}
    made.records.update({key: record for key, record in others.items() if "owner" in record})
    seeds = _seeded(request.seed)
    nodes = Nodes(made, request.want, seen, records, Options(request.owners, seeds, request.merge, request.backup))
    nodes.compare()
    presets = compare_units(made, request.want, seen, records, request.owners)
    if presets:
        nodes.put(PRESET, presets)
    elif presets is not None:
        nodes.drop(PRESET)
    grub = next((path for path in GRUB if path in seen.texts), GRUB[0])
    arguments = compare_arguments(made, request.want, seen.texts.get(grub), records, request.owners)
    if arguments is not None:
        nodes.put(grub, arguments)
    # Last, because a user can only be removed when the units are stopped that run as this user.
    accounts.compare_accounts(made, request.want, seen, records, request.owners)
    # What was skipped stays as it is.
    skipped = [key for key in request.want.owners if key in records and key not in made.records]
    made.records.update({key: records[key] for key in skipped})
    nodes.folders()
    unfinished = records.get(UNFINISHED, {})
    made.reboot = made.reboot or unfinished.get("reboot") == seen.boot_id
    if any(path.startswith(_LOADED) for path in made.paths) or unfinished.get("reload"):
        made.call("reload", "reload")
    made.waiting["reboot"] = seen.boot_id if made.reboot else ""
    if any(made.waiting.values()):
        made.records[UNFINISHED] = {"kind": "unfinished", "reload": False, **made.waiting}
    return made


def _is_of(path: str, units: list[str]) -> bool:
    return any(path == unit or path.startswith(f"{unit}.d/") for unit in units)


def _seeded(patterns: tuple[str, ...]) -> t.Callable[[str], bool]:
    return lambda path: any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
