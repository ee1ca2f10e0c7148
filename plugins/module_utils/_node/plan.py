# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is to be done on a node: collected while things are compared, then made into one script."""

from __future__ import annotations

import posixpath
import secrets
import shlex
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records

#: The parts of a run, in the order in which they are done. Until `record` nothing that was there is touched.
PHASES = ("fetch", "accounts", "folders", "save", "stage", "record", "commit", "remove", "reload", "units")

Phase = t.Literal["fetch", "accounts", "folders", "save", "stage", "record", "commit", "remove", "reload", "units"]


class Change(t.NamedTuple):
    """One thing that becomes another: what it is ("file /etc/motd"), and how it reads, "" where it is not."""

    thing: str
    before: str
    after: str


def call(function: str, *words: str | int) -> str:
    """A line of the script: a function of it, called with these words."""
    return " ".join([function, *(shlex.quote(str(word)) for word in words)])


class Staged(t.NamedTuple):
    """Bytes that are unpacked at a temporary path with these permissions."""

    path: str
    data: bytes
    mode: int
    uid: int
    gid: int


class Plan:
    """The calls of each phase, the members that they read, and what the result tells.

    records are those that the run leaves; left are things that it leaves alone although nobody wants them any longer,
    each with the reason; restart are units that still run as they were before; shown has the new contents of files that
    others may read; staged are files to be unpacked under temporary names; folders are to be made, with mode and owner.
    """

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self.calls: dict[str, list[str]] = {phase: [] for phase in PHASES}
        self.folders: dict[str, tuple[str, str] | None] = {}
        self.members: dict[str, bytes] = {}
        self.records: Records = {}
        self.changes: list[Change] = []
        self.paths: list[str] = []
        self.units: list[str] = []
        self.restart: list[str] = []
        self.left: list[str] = []
        self.shown: dict[str, bytes] = {}
        self.staged: list[Staged] = []
        self.temporaries: list[str] = []
        self.warnings: list[str] = []
        self.reboot = False

    def call(self, phase: Phase, function: str, *words: str | int) -> None:
        """Have a function of the script called in a phase."""
        self.calls[phase].append(call(function, *words))

    def temporary(self, path: str) -> str:
        """A new name beside a path, for what is to replace it; it is swept when the run does not end."""
        name = f"{posixpath.dirname(path).rstrip('/')}/.flatops.{self.run}.{len(self.temporaries)}"
        self.temporaries.append(name)
        return name

    def member(self, data: bytes) -> str:
        """A file beside the script that has these bytes; its name."""
        name = f"blobs/{len(self.members)}"
        self.members[name] = data
        return name

    @property
    def does_something(self) -> bool:
        return bool(self.folders or any(self.calls.values()))
