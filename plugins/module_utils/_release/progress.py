# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How far a long transfer is: lines that a module appends to a file, and that its companion action reads."""

from __future__ import annotations

import time
import typing as t

#: phase, bytes done, bytes in all where known.
Report = t.Callable[[str, int, t.Optional[int]], None]


def silent(phase: str, done: int, total: int | None) -> None:
    """A Report for when nobody follows."""


class Writer:
    """Appends at most one line a second, and one for every new phase."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.phase = ""
        self.next = 0.0

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if phase != self.phase or now >= self.next:
            self.phase, self.next = phase, now + 1
            with open(self.path, "a", encoding="utf-8") as stream:
                stream.write(f"{phase} {done} {'' if total is None else total}\n")


class State(t.NamedTuple):
    phase: str
    done: int
    total: int | None


def last(path: str) -> State | None:
    """The newest whole line; None while there is none."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        lines = stream.read().split("\n")[:-1]
    fields = lines[-1].split(" ") if lines else []
    if len(fields) != 3 or not fields[1].isdecimal():
        return None
    return State(fields[0], int(fields[1]), int(fields[2]) if fields[2].isdecimal() else None)
