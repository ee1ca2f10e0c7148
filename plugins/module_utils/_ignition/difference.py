# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Two descriptions side by side, thing by thing, and one in names only."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import Description

#: Members of a description that are lists of things, what one of them is called, and the member that names it.
_THINGS = {
    "files": ("file", "path"),
    "directories": ("directory", "path"),
    "links": ("link", "path"),
    "units": ("unit", "name"),
    "users": ("user", "name"),
    "groups": ("group", "name"),
    "disks": ("disk", "device"),
    "filesystems": ("filesystem", "device"),
    "raid": ("raid", "name"),
    "luks": ("luks", "name"),
}


class Change(t.NamedTuple):
    """One thing that differs: what it is ("file /etc/motd") and how it reads before and after, "" where it is not."""

    thing: str
    before: str
    after: str


def names(description: Description) -> dict[str, list[str]]:
    """The things of a description by their names: files, directories, links, units, users, ..."""
    return {member: [item[key] for item in description.get(member, [])] for member, (dummy, key) in _THINGS.items()}


def difference(before: Description, after: Description) -> list[Change]:
    """What differs between two descriptions, in the order of the second; {} describes nothing at all."""
    old, new = _things(before), _things(after)
    return [
        Change(thing, _text(old.get(thing, {})), _text(new.get(thing, {})))
        for thing in [*new, *(thing for thing in old if thing not in new)]
        if old.get(thing) != new.get(thing)
    ]


def _things(description: Description) -> dict[str, t.Any]:
    """Each thing by what it is called."""
    found: dict[str, t.Any] = {}
    for member, value in description.items():
        if member in _THINGS:
            kind, key = _THINGS[member]
            found.update({f"{kind} {item[key]}": item for item in value})
        else:
            found[member.replace("_", " ")] = {member: value}
    return found


def _text(value: t.Any, indent: str = "") -> str:
    """A value in lines, like YAML, so that a line that changes is a line of the difference."""
    if isinstance(value, dict):
        return "".join(f"{indent}{key}:{_member(member, indent)}" for key, member in value.items())
    return "".join(f"{indent}-{_member(item, indent)}" for item in value)


def _member(value: t.Any, indent: str) -> str:
    if isinstance(value, (dict, list)):
        return "\n" + _text(value, indent + "  ")
    if isinstance(value, str) and "\n" in value:
        lines = "".join(f"{indent}  {line}\n" for line in value.removesuffix("\n").split("\n"))
        return (" |\n" if value.endswith("\n") else " |-\n") + lines
    return f" {str(value).lower() if isinstance(value, bool) else value}\n"
