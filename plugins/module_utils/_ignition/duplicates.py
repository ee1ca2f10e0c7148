# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Items that a config lists twice: the second pass of Ignition's validation."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

MESSAGE = "duplicate entry defined"


def check(config: schema.Config, version: str | None = None) -> list[Entry]:
    """An error for each item of a keyed list whose key stands earlier in its list or in one that shares its keys.

    version is the spec version, by default the config's own. The lists of an object come before what lies below them,
    as in config/validate/validate.go of Ignition.
    """
    found: list[Entry] = []
    _walk(schema.root(version or schema.version_of(config)), config, (), found)
    return found


def _walk(struct: schema.Struct, value: schema.Config, path: Path, found: list[Entry]) -> None:
    known: dict[str, set[str]] = {}
    for field in struct.keyed:
        items = value.get(field.name)
        if items:
            _check_list(field, items, path, known.setdefault(field.space, set()), found)
    for field in struct.nested:
        member = value.get(field.name)
        if not member or field.struct is None:
            continue
        if field.is_list:
            for index, item in enumerate(member):
                _walk(field.struct, item, (*path, field.name, index), found)
        else:
            _walk(field.struct, member, (*path, field.name), found)


def _check_list(field: schema.Field, items: list[t.Any], path: Path, known: set[str], found: list[Entry]) -> None:
    keys = items if field.struct is None else list(map(field.struct.key, items))
    fresh = set(keys)
    if len(fresh) == len(keys) and known.isdisjoint(fresh):
        known |= fresh
        return
    for index, key in enumerate(keys):
        if key in known:
            found.append(Entry("error", (*path, field.name, index), MESSAGE))
        known.add(key)
