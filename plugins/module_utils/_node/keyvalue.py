# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files of KEY=value lines of which only some keys are ours, such as /etc/flatcar/update.conf.

A key belongs to the last line that assigns it. Lines of other keys, comments, their order and a missing last line
break stay as they are, byte by byte. A value that begins with a quote may go on over line breaks, and so does a line
that ends in a backslash, as in an EnvironmentFile (systemd.exec(5)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_QUOTED = re.compile(r"""[ \t]*(?:"(?:[^"\\]|\\.)*"|'[^']*')""", re.DOTALL)
_OPEN = re.compile(r"""[ \t]*["']""")
_CONTINUED = re.compile(r"(?:\\\\)*\\")


def merge(
    text: str | None, wanted: str, before: Mapping[str, str], ours: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """The text with the keys of wanted as they stand there, and what was before: the line of each key, "" for none.

    text is None where there is no file yet. before is what the last call gave. A key in it that is not wanted any
    longer goes back to its line of then, or away if it had none; one that somebody has taken out since stays out. ours
    has the values that the last call wrote: with it, a key that has another value by now stays as it is.
    Raises NodeError for a line of wanted that assigns nothing, and for a quote without an end.
    """
    entries = _entries(text or "")
    lines = _wanted(wanted)
    was = {}
    for name, line in before.items():
        if name not in lines and (ours is None or _value(entries, name) == ours.get(name)):
            _set(entries, name, line)
    for name, line in lines.items():
        was[name] = before[name] if name in before else _line(entries, name)
        _set(entries, name, line, append=True)
    merged = "\n".join(entries)
    if any(_line(_entries(merged), name) != line for name, line in lines.items()):
        what = (
            "the contents of a file to merge: the file on the node has a quote or a backslash that hides what follows"
        )
        raise NodeError("bad_contents", f"{what}; mend or remove the file")
    ending = "\n" if not text or text.endswith("\n") else ""
    return merged + ending if entries else "", was


def values(text: str) -> dict[str, str]:
    """The values by their keys, as they are written, with their quotes."""
    found = {}
    for entry in _entries(text):
        match = _ASSIGNMENT.fullmatch(entry)
        if match:
            found[match[1]] = match[2]
    return found


def _entries(text: str) -> list[str]:
    """The lines of a text without their line breaks; what goes on over several lines is one."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    entries = []
    at = 0
    while at < len(lines):
        count = _length(lines, at)
        entries.append("\n".join(lines[at : at + count]))
        at += count
    return entries


def _length(lines: list[str], at: int) -> int:
    """Of how many lines the entry is that begins at a line; 1 if its quote has no end."""
    match = _ASSIGNMENT.fullmatch(lines[at])
    if not match:
        return 1
    value, count = match[2], 1
    while _goes_on(value):
        if at + count == len(lines):
            return 1
        value += "\n" + lines[at + count]
        count += 1
    return count


def _goes_on(value: str) -> bool:
    rest = value
    while match := _QUOTED.match(rest):
        rest = rest[match.end() :]
    if _OPEN.match(rest):
        return True
    backslashes = rest[len(rest.rstrip("\\")) :]
    return bool(_CONTINUED.fullmatch(backslashes))


def _wanted(text: str) -> dict[str, str]:
    """The lines by their keys."""
    lines = {}
    for number, entry in enumerate(_entries(text), 1):
        match = _ASSIGNMENT.fullmatch(entry)
        if match and not _goes_on(match[2]):
            lines[match[1]] = entry
        elif entry.strip() and not entry.lstrip().startswith(("#", ";")):
            what = f"the contents of a file to merge: entry {number} is no whole KEY=value line"
            raise NodeError("bad_contents", f"{what}; only such lines and comments can be merged")
    return lines


def _place(entries: list[str], name: str) -> int | None:
    places = [at for at, entry in enumerate(entries) if (match := _ASSIGNMENT.fullmatch(entry)) and match[1] == name]
    return places[-1] if places else None


def _line(entries: list[str], name: str) -> str:
    at = _place(entries, name)
    return "" if at is None else entries[at]


def _value(entries: list[str], name: str) -> str | None:
    at = _place(entries, name)
    return None if at is None else values(entries[at]).get(name)


def _set(entries: list[str], name: str, line: str, append: bool = False) -> None:
    """Put a line where a key is assigned, or take that away for ""; append it where the key is not, if so wished."""
    at = _place(entries, name)
    if at is None:
        if append:
            entries.append(line)
    elif line:
        entries[at] = line
    else:
        del entries[at]
