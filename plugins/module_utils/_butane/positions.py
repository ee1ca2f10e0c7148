# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where a path of the document stands in its text, and which of its keys nobody knows (butane's first pass)."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.decode import List, Struct
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamltree import Mapping, Node, Sequence
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.context import Key
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path, dotted

Position = tuple[int, int]


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        found = node.children().get(step)
        return found[1] if found else None
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def locate(root: Node, path: Path) -> Position:
    """Line and column of the value (or key) at path, or of the nearest value above it that the text has."""
    node = root
    for step in path:
        if isinstance(step, Key):
            found = node.children().get(step) if isinstance(node, Mapping) else None
            return (found[0].line, found[0].column) if found else (node.line, node.column)
        below = _child(node, step)
        if below is None:
            break
        node = below
    return node.line, node.column


def unused_keys(root: Node, kind: Struct, value: dict[str, t.Any]) -> list[Entry]:
    """Warnings for keys that the schema does not know and for structures that are not written as mappings."""
    found: list[Entry] = []
    _walk(root, kind, value, (), found)
    return found


def _walk(node: Node, kind: Struct, value: dict[str, t.Any], path: Path, found: list[Entry]) -> None:
    if not isinstance(node, Mapping):
        message = (
            f"context tree does not match content tree at {dotted(path)}. Line and column reporting may be"
            " inconsistent. Unused keys may not be reported"
        )
        found.append(Entry("warning", path, message))
        return
    keys = node.children()
    for name in keys:
        if name not in kind.fields:
            found.append(Entry("warning", (*path, Key(name)), f"unused key {name}"))
    for name, (member, field) in kind.fields.items():
        if name not in keys:
            continue
        below = keys[name][1]
        if isinstance(field, Struct):
            if field.optional and member not in value:
                continue
            _walk(below, field, value.get(member) or {}, (*path, name), found)
        elif isinstance(field, List) and isinstance(field.item, Struct) and isinstance(below, Sequence):
            # A null item is left out of the result, so an item may belong to another one of the text, or to none.
            for index, item in enumerate((value.get(member) or ())[: len(below.items)]):
                _walk(below.items[index], field.item, item, (*path, name, index), found)
