# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a first boot makes, told to the node itself, so that the first node_config knows what belongs to whom."""

from __future__ import annotations

import posixpath
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.dataurl import encode
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    UNITS,
    Desired,
    Directory,
    Link,
    Node,
    Principal,
    desired,
    node_key,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record, Records, dump

PATH = "/var/lib/flatops/first-boot.json"

#: What every Flatcar machine has in /etc before Ignition runs. Source: flatcar/baselayout, scripts/flatcar-tmpfiles.
SHIPPED = {"user": ("root", "core"), "group": ("root", "core", "docker", "sudo", "wheel")}

Parts = t.Sequence[tuple[str, schema.Config]]


def records(config: schema.Config, parts: Parts) -> Records:
    """The records of what Ignition makes of a merged config on a new machine.

    parts are those of _butane.fragments.resolve. What a part without a name describes has none. Raises NodeError for
    contents that Ignition would refuse.
    """
    want = desired(config, parts, first_boot=True)
    found: Records = {}
    for key, owner in want.owners.items():
        record = _record(want, *key.split(" ", 1)) if owner else None
        if record:
            found[key] = {"owner": owner, **record}
            found.update(_dropin_folder(key))
    return found


def add(config: schema.Config, parts: Parts) -> schema.Config:
    """The config with a file for the records; the very same where there are none. Raises NodeError."""
    found = records(config, parts)
    if not found:
        return config
    source, compression = encode(dump(found), None)
    file = {
        "path": PATH,
        # On a /var that has outlived an earlier installation.
        "overwrite": True,
        "mode": 0o600,
        "user": {"id": 0},
        "group": {"id": 0},
        "contents": {"compression": compression, "source": source},
    }
    storage = config.get("storage") or {}
    others = [item for item in storage.get("files") or () if item["path"] != PATH]
    return {**config, "storage": {**storage, "files": [*others, file]}}


def _record(want: Desired, sort: str, name: str) -> Record | None:
    """The record of a thing by the two parts of its key; None for one that is not in the merged config."""
    if sort == "path":
        return _node(want.nodes[name]) if name in want.nodes else None
    if sort == "unit":
        unit = want.units[name]
        before = {"file": "", "active": False}
        return {"kind": "unit", "enabled": unit.enabled, "masked": unit.masked, "before": before}
    if sort == "argument":
        return {"kind": "argument", "value": want.arguments[name], "before": False}
    if sort == "key":
        return {"kind": "key"}
    return _account(want.users[name] if sort == "user" else want.groups[name], sort)


def _account(item: schema.Config, sort: str) -> Record:
    """A user or group: Ignition makes what Flatcar does not have; what it changes of the others is unknown."""
    exists = item.get("shouldExist") is not False
    made = exists and item["name"] not in SHIPPED[sort]
    return {"kind": sort, "made": made, "exists": exists, "before": {}}


def _node(node: Node) -> Record:
    if isinstance(node, Link):
        return {"kind": "link", "target": node.target, "hard": node.hard, "before": None}
    owner = {"uid": _number(node.user), "gid": _number(node.group)}
    if isinstance(node, Directory):
        mode = 0o755 if node.mode is None else node.mode
        return {"kind": "directory", "mode": mode, **owner, "made": True, "before": None}
    entry: Record = {"kind": "file", "mode": node.mode, **owner, "sha256": node.sha256 or "", "before": None}
    if node.sha256 is None:
        entry["recipe"] = node.recipe
    if node.keeps:
        entry["keeps"] = True
    return entry


def _dropin_folder(key: str) -> Records:
    """The folder of a drop-in, which is there for that alone."""
    folder = posixpath.dirname(key.partition(" ")[2])
    is_dropin = posixpath.dirname(folder) == UNITS and folder.endswith(".d")
    return {node_key(folder): {"kind": "parent"}} if is_dropin else {}


def _number(principal: Principal | None) -> int | None:
    """The id of an owner; None for a name, which only the machine can look up."""
    return 0 if principal is None else principal if isinstance(principal, int) else None
