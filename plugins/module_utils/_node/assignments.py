# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files of assignments in the manner of a shell, such as os-release(5) and update.conf."""

from __future__ import annotations

import re

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
# A quoted or bare part of a value, and what a backslash keeps in it.
_PART = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\#]|(?<=\S)\#|\\.)+)""", re.DOTALL)


def assignments(text: str) -> dict[str, str]:
    """The values by their names, as a shell would read them, but with no expansions; the last of a name counts."""
    found = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.match(line)
        if match:
            found[match[1]] = _value(match[2])
    return found


def _value(text: str) -> str:
    """The first word of a line, without its quotes."""
    value, at = "", 0
    while match := _PART.match(text, at):
        single, double, bare = match.groups()
        if single is not None:
            value += single
        elif double is not None:
            value += re.sub(r'\\([$`"\\])', r"\1", double)
        else:
            value += re.sub(r"\\(.)", r"\1", bare)
        at = match.end()
    return value
