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

from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Record, Records

#: The parts of a run, in the order in which they are done. Until `record` nothing that was there is touched but
#: accounts, of which there is a record before.
Phase = t.Literal["fetch", "save", "accounts", "folders", "stage", "record", "commit", "remove", "reload", "units"]
PHASES: tuple[str, ...] = t.get_args(Phase)

#: Kinds of records of what is done in the phase accounts.
ACCOUNTS = ("group", "user", "key")

#: What a run may have left to do with units.
WAITING = ("start", "stop")


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

    records are those that the run leaves, earlier those that it found; begun has, by the keys of the former, what a
    record has beside that until the run ends; left are things that it leaves alone although nobody wants them any
    longer, each with the reason; restart are units that still run as they were before, and in which invocation;
    waiting is what stays to be done when the run has ended, as the record UNFINISHED has it; shown has the new
    contents of files that others may read; staged are files to be unpacked under temporary names; folders are to be
    made, with mode and owner; emptied are folders that go if nothing is in them, and whether to tell when something
    is; verbs are what systemd is to do with units.
    """

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self.calls: dict[str, list[str]] = {phase: [] for phase in PHASES}
        self.folders: dict[str, tuple[str, str] | None] = {}
        self.emptied: dict[str, bool] = {}
        self.verbs: list[tuple[str, str]] = []
        self.members: dict[str, bytes] = {}
        self.records: Records = {}
        self.begun: dict[str, Record] = {}
        self.earlier: Records = {}
        self.changes: list[Change] = []
        self.paths: list[str] = []
        self.units: list[str] = []
        self.restart: dict[str, str] = {}
        self.waiting: Record = {"start": [], "stop": [], "restart": {}, "reboot": ""}
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

    def unfinished(self) -> Records:
        """The records until the run ends, from which the next one learns what a killed run has left to do."""
        units = {
            verb: sorted({*self.waiting[verb], *(name for done, name in self.verbs if done == verb)})
            for verb in WAITING
        }
        marker = {"kind": "unfinished", "reload": bool(self.calls["reload"]), **self.waiting, **units}
        begun = {key: {**record, **self.begun.get(key, {})} for key, record in self.records.items()}
        return {**self.earlier, **begun, UNFINISHED: marker}

    def accounts(self) -> Records:
        """The records before the first account is changed."""
        changed = {key: record for key, record in self.records.items() if record["kind"] in ACCOUNTS}
        return {**self.earlier, **changed}

    @property
    def does_something(self) -> bool:
        """Whether the node becomes another; to save what was there before does not count."""
        doing = [calls for phase, calls in self.calls.items() if phase != "save"]
        return bool(self.folders or self.emptied or any(doing))
