# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where in which file a value of the inventory is written."""

from __future__ import annotations

import typing as t

try:
    # There is no public way to ask ansible-core 2.19 and later; without it messages name the variable only.
    from ansible._internal._datatag._tags import Origin
except ImportError:
    Origin = None


class Place(t.NamedTuple):
    """line and column are counted from 1 and 0 where unknown; file is "" where unknown."""

    file: str = ""
    line: int = 0
    column: int = 0


def place(value: t.Any) -> Place:
    """Where the value is written: the position at which its YAML node begins."""
    old = getattr(value, "ansible_pos", None)
    if old:
        return Place(*old)
    tag = Origin.get_tag(value) if Origin else None
    return Place(tag.path or "", tag.line_num or 0, tag.col_num or 0) if tag else Place()


def is_literal(where: Place) -> bool:
    """Whether a literal block (one that begins with |) stands there, the lines of which are those of the file."""
    try:
        with open(where.file, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if number == where.line:
                    return line[where.column - 1 : where.column] == "|"
    except (OSError, UnicodeDecodeError):
        return False
    return False
