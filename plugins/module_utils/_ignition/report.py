# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a check found: the entry that the Ignition rules and the Butane engine share."""

from __future__ import annotations

import typing as t

#: Steps from the root of a document to a value: member names and list indexes.
Path = tuple["str | int", ...]


class Entry(t.NamedTuple):
    """One finding.

    kind is "error", "warning" or "info"; path leads from the root to the value that it is about; message is the
    wording of the real program.
    """

    kind: str
    path: Path
    message: str

    @property
    def fatal(self) -> bool:
        return self.kind == "error"


def dotted(path: Path) -> str:
    """The path as the reports print it: `$.storage.files.0.path`."""
    return ".".join(["$", *map(str, path)])


def line(entry: Entry, position: tuple[int, int] | None) -> str:
    """One line of a report. position is (line, column), both counted from 1; None leaves it out."""
    where = f" at {dotted(entry.path)}" if entry.path else " at"
    if position is None:
        return f"{entry.kind}{where}: {entry.message}"
    separator = ", " if entry.path else " "
    return f"{entry.kind}{where}{separator}line {position[0]} col {position[1]}: {entry.message}"
