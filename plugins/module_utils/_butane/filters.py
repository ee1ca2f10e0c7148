# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The members that a variant forbids."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import Filters
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path


def check(filters: Filters, config: dict[str, t.Any]) -> list[Entry]:
    """An error for each forbidden member of the config that holds anything."""
    found: list[Entry] = []
    _walk(filters, config, (), found)
    return found


def _walk(filters: Filters, value: dict[str, t.Any], path: Path, found: list[Entry]) -> None:
    for name, below in filters.items():
        member = value.get(name)
        if member is None:
            continue
        if isinstance(below, str):
            # Compression is forbidden by the oldest OpenShift versions, which desugaring sets to "" all the same.
            if not is_empty(member) and not (name == "compression" and member == ""):
                found.append(Entry("error", (*path, name), below))
        elif isinstance(member, list):
            for index, item in enumerate(member):
                _walk(below, item, (*path, name, index), found)
        else:
            _walk(below, member, (*path, name), found)


def is_empty(value: t.Any) -> bool:
    """Whether a member holds nothing; a value that is set to false, 0 or "" is something."""
    if isinstance(value, dict):
        return all(is_empty(member) for member in value.values())
    return value == [] and isinstance(value, list)
