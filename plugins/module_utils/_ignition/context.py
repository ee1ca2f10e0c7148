# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where things stand in a JSON text: positions for reports, and members that Ignition does not know.

Only what the schema names, spelled exactly so, is kept: a report leads nowhere else, but to a member of such an
object. As in coreos/vcontext, the last of repeated members counts.
"""

from __future__ import annotations

import bisect
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import Token, skip, tokens, unquoted
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path, dotted

_LINE_FEED = re.compile(b"\n")


class Key(str):
    """A step of a path that leads to the name of a member, not to its value."""


class Lines:
    """Turns offsets in a text into lines and columns, both counted from 1, columns in bytes."""

    def __init__(self, data: bytes) -> None:
        self._size = len(data)
        self._ends = [match.start() for match in _LINE_FEED.finditer(data)]

    def position(self, offset: int) -> tuple[int, int]:
        """An offset at or behind the end is (0, 0), as in vcontext."""
        if offset >= self._size:
            return 0, 0
        line = bisect.bisect_left(self._ends, offset)
        return line + 1, offset - (self._ends[line - 1] if line else -1)


class _Object(t.NamedTuple):
    """offset is behind the bracket. unknown members have the offsets of their names and values."""

    offset: int
    members: dict[str, _Node]
    unknown: dict[str, tuple[int, int]]


class _Array(t.NamedTuple):
    offset: int
    items: list[_Node]


# A scalar is no more than its offset.
_Node = t.Union["_Object", "_Array", int]


class Context:
    """The positions in a JSON text that decodes by the types of a version."""

    def __init__(self, data: bytes, version: str) -> None:
        self._data = data
        self._tokens = tokens(data)
        self._struct = schema.root(version)
        self._root = self._node(next(self._tokens), self._struct)
        self._lines = Lines(data)

    def position(self, path: Path) -> tuple[int, int]:
        """The line and column of a value, or of the deepest thing on the way to it that stands in the text."""
        node: _Node = self._root
        for step in path:
            if isinstance(node, _Object) and step in node.unknown:
                node = node.unknown[str(step)][0 if isinstance(step, Key) else 1]
            elif isinstance(node, _Object) and step in node.members:
                node = node.members[str(step)]
            elif isinstance(node, _Array) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
        return self._lines.position(_offset(node))

    def check(self, config: schema.Config) -> list[Entry]:
        """Warnings about members that the version does not know: the third pass of Ignition's validation.

        An object whose place in the text holds null is warned about as a whole. The paths end in a Key.
        """
        found: list[Entry] = []
        _check(self._struct, config, self._root, (), found)
        return found

    def _node(self, token: Token, struct: schema.Struct | None) -> _Node:
        kind, start, end = token
        if kind != "{" or struct is None:
            skip(self._tokens, kind)
            return end if kind in "{[" else start
        node = _Object(end, {}, {})
        for kind, start, end in self._tokens:
            if kind == "}":
                break
            name = unquoted(self._data[start:end])
            field = struct.by_name.get(name)
            value = next(self._tokens)
            if field is None:
                node.unknown[name] = start, _offset(self._node(value, None))
            elif field.is_list and value[0] == "[":
                node.members[name] = self._array(value, field.struct)
            else:
                node.members[name] = self._node(value, field.struct)
        return node

    def _array(self, token: Token, struct: schema.Struct | None) -> _Array:
        node = _Array(token[2], [])
        for item in self._tokens:
            if item[0] == "]":
                break
            node.items.append(self._node(item, struct))
        return node


def _offset(node: _Node) -> int:
    return node if isinstance(node, int) else node.offset


def _check(struct: schema.Struct, value: schema.Config, node: _Node | None, path: Path, found: list[Entry]) -> None:
    if node is None:
        return
    if not isinstance(node, _Object):
        message = (
            f"context tree does not match content tree at {dotted(path)}. "
            "Line and column reporting may be inconsistent. Unused keys may not be reported"
        )
        found.append(Entry("warning", path, message))
        return
    found.extend(Entry("warning", (*path, Key(name)), f"unused key {name}") for name in node.unknown)
    for field in struct.fields:
        if field.struct is None:
            continue
        child, member = node.members.get(field.name), value.get(field.name)
        if field.is_list:
            items = child.items if isinstance(child, _Array) else []
            for index, (item, place) in enumerate(zip(member or (), items, strict=False)):
                _check(field.struct, item, place, (*path, field.name, index), found)
        elif member is not None or not field.pointer:
            _check(field.struct, member or {}, child, (*path, field.name), found)
