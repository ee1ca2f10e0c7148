# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The folders on the way to what a description names."""

from __future__ import annotations

import posixpath

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import node_key
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.node_records import WORDS
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Observed, parents
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit_states import PRESET


def on_the_way(plan: Plan, seen: Observed, records: Records) -> None:
    """Make the folders that are missing above what is written; take away those of ours that nothing needs."""
    lasting = [key.partition(" ")[2] for key in plan.records if key.startswith("path ")]
    if any(record["kind"] == "unit" and record["enabled"] is not None for record in plan.records.values()):
        lasting.append(PRESET)
    above = parents(lasting)
    for path in parents([*plan.temporaries, *plan.folders]):
        if path not in seen.nodes and path not in plan.folders:
            plan.folders[path] = None
            if path in above:
                plan.records[node_key(path)] = {"kind": "parent"}
    for path in [path for path in plan.emptied if path in above]:
        del plan.emptied[path]
        plan.records[node_key(path)] = {"kind": "parent"}
    for key, record in records.items():
        path = key.partition(" ")[2]
        if record["kind"] != "parent" or key in plan.records:
            continue
        if path in above:
            plan.records[key] = record
        elif path in seen.nodes:
            plan.emptied[path] = False


def check(seen: Observed, path: str) -> None:
    """Refuse to write below what is no folder, or cannot be written to. Raises NodeError."""
    folder, dummy = innermost(seen, path)
    found = seen.nodes.get(folder)
    if found and found.kind not in "dl":
        what = f"{path}: {folder} is a {WORDS.get(found.kind, 'special file')} on the node, no directory"
        raise NodeError("in_the_way", f"{what}; remove it first")
    if folder in seen.sealed:
        what = f"{path}: {folder} of the node cannot be written to"
        fix = "/usr and what is linked to it are read-only on Flatcar: use /etc or /opt"
        raise NodeError("read_only", f"{what}; {fix}")


def innermost(seen: Observed, path: str) -> tuple[str, str]:
    """The innermost folder above a path that the node has, and its filesystem."""
    folder = posixpath.dirname(path)
    while folder != "/" and folder not in seen.nodes:
        folder = posixpath.dirname(folder)
    return folder, seen.nodes[folder].inode.partition(":")[0]
