# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node in memory: it is observed, and does what a plan says. tests/node has the real scripts on real nodes."""

from __future__ import annotations

import hashlib
import json
import posixpath
import shlex
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node import compare
from ansible_collections.flatops.flatcar.plugins.module_utils._node.compare import Request
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import desired
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import (
    STATE,
    VENDOR,
    Observed,
    Questions,
    Seen,
    UnitState,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import PHASES, Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records, dump, load

SYSTEM, VENDORS = "/etc/systemd/system", "/usr/lib/systemd/system"
MASK = "/dev/null"
#: A link to another filesystem.
OEM = "/usr/share/oem"


class Thing(t.NamedTuple):
    """What is at a path; data is that of a file, or the target of a link."""

    kind: str
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    data: bytes = b""
    inode: int = 0


def file(data: str, mode: int = 0o644, uid: int = 0, gid: int = 0) -> Thing:
    return Thing("f", mode, uid, gid, data.encode())


def folder(mode: int = 0o755, uid: int = 0, gid: int = 0) -> Thing:
    return Thing("d", mode, uid, gid)


def link(target: str) -> Thing:
    return Thing("l", 0o777, 0, 0, target.encode())


def request(*parts: tuple[str, Config], **options: t.Any) -> Request:
    """What a call asks for; of what several parts say of one kind, all is wanted."""
    merged: Config = {"ignition": {"version": "3.4.0"}}
    for dummy, part in parts:
        for section, members in part.items():
            for member, items in members.items():
                merged.setdefault(section, {}).setdefault(member, []).extend(items)
    return Request(desired(merged, parts), frozenset(owner for owner, dummy in parts), **options)


class Model:
    """Paths with what is there, units that are enabled and active, and what can be fetched, by URL.

    What is below mounted is on another filesystem.
    """

    def __init__(self, things: t.Mapping[str, Thing], remote: t.Mapping[str, bytes] | None = None) -> None:
        self.things: dict[str, Thing] = {}
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.restarts: dict[str, int] = {}
        self.remote = dict(remote or {})
        self.saved: dict[str, bytes] = {}
        self.manifest = ""
        self.mounted = "/proc"
        self.boot_id = "boot"
        self.commands: list[str] = []
        self._inodes = 0
        for path in ("/", "/etc", SYSTEM, VENDORS, VENDOR):
            self._make_folders(path)
            self.put(path, folder())
        for path, thing in things.items():
            self._make_folders(path)
            self.put(path, thing)

    @property
    def records(self) -> Records:
        return load(self.manifest)

    def put(self, path: str, thing: Thing) -> None:
        self._inodes += 1
        self.things[path] = thing._replace(inode=self._inodes)

    def seen(self, path: str) -> Seen:
        thing = self.things[path]
        target = thing.data.decode() if thing.kind == "l" else ""
        sha256 = hashlib.sha256(thing.data).hexdigest() if thing.kind == "f" else ""
        device = 2 if path.startswith(self.mounted) else 1
        return Seen(thing.kind, thing.mode, thing.uid, thing.gid, f"{device}:{thing.inode}", target, sha256)

    def unit(self, name: str) -> UnitState:
        paths = [path for path in (f"{SYSTEM}/{name}", f"{VENDORS}/{name}") if path in self.things]
        active = "active" if name in self.active else "inactive"
        invocation = f"{name} {self.restarts.get(name, 0)}" if name in self.active else ""
        if not paths:
            return UnitState("not-found", active, "", invocation)
        if self.things[paths[0]].data == MASK.encode():
            return UnitState("masked", active, "masked", invocation)
        return UnitState("loaded", active, "enabled" if name in self.enabled else "disabled", invocation)

    def observe(self, asked: Questions) -> Observed:
        files = {path: thing.data for path, thing in self.things.items() if thing.kind == "f"}

        def digest(data: bytes) -> str:
            return hashlib.sha256(data).hexdigest()

        return Observed(
            state="",
            nodes={path: self.seen(path) for path in asked.paths if path in self.things},
            sha512={path: hashlib.sha512(files[path]).hexdigest() for path in asked.sha512 if path in files},
            texts={path: files[path].decode() for path in asked.texts if path in files},
            endings={
                path: (digest(files[path][-size:]), digest(files[path][:-size]))
                for path, size in asked.endings.items()
                if path in files
            },
            sealed=frozenset(path for path in asked.folders if path.startswith("/usr") and path != OEM),
            units={name: self.unit(name) for name in asked.units},
            devices=frozenset(),
            users={"core": ["core", "x", "500", "500", "", "/home/core", "/bin/bash"]},
            groups={"core": ["core", "x", "500", ""]},
            manifest=self.manifest,
            first_boot="",
            boot_id=self.boot_id,
        )

    def plan(self, wanted: Request) -> Plan:
        records = self.records
        asked = compare.ask(wanted, compare.gone(wanted, records))
        return compare.plan(wanted, self.observe(asked), records)

    def apply(self, wanted: Request) -> Plan:
        """Do what a plan says, and give it."""
        plan = self.plan(wanted)
        self._members = plan.members
        self._records = plan.records
        for phase in PHASES:
            if phase == "folders":
                for path, dress in sorted(plan.folders.items()):
                    self._folder(path)
                    if dress:
                        self._dress(path, *dress)
            if phase == "stage":
                for staged in plan.staged:
                    self.put(staged.path, Thing("f", staged.mode, staged.uid, staged.gid, staged.data))
            for line in plan.calls[phase]:
                self.commands.append(line)
                function, *words = shlex.split(line)
                getattr(self, f"_{function}")(*words)
            if phase == "remove":
                for path in sorted(plan.emptied, reverse=True):
                    self._rid(path)
        self.manifest = dump(self._records).decode()
        return plan

    def restart(self, names: t.Iterable[str]) -> None:
        """What the user does with units."""
        for name in names:
            assert name in self.active
            self.restarts[name] = self.restarts.get(name, 0) + 1

    # The functions of the script

    def _fetch(self, about: str, config: str, number: str, packing: str, verification: str) -> None:
        urls = [line for line in self._members[config].decode().splitlines() if line.startswith("url = ")]
        self._members[f"{STATE}/pieces/{number}"] = self.remote[json.loads(urls[0].removeprefix("url = "))]

    def _save(self, path: str, name: str) -> None:
        self.saved[name] = self.things[path].data

    def _save_head(self, path: str, name: str, size: str) -> None:
        self.saved[name] = self.things[path].data[: -int(size)]

    def _backup(self, path: str) -> None:
        self.put(f"{path}.backup", self.things[path])

    def _folder(self, path: str) -> None:
        assert path not in self.things and posixpath.dirname(path) in self.things
        self.put(path, folder())

    def _dress(self, path: str, mode: str, owner: str) -> None:
        uid, gid = ("500" if name == "core" else name for name in owner.split(":"))
        for name, thing in self.things.items():
            if thing.inode == self.things[path].inode:
                self.things[name] = thing._replace(mode=int(mode, 8), uid=int(uid), gid=int(gid))

    def _compose(self, path: str, digest: str, temporary: str, mode: str, owner: str, *parts: str) -> None:
        data = b"".join(self._part(part) for part in parts)
        self.put(temporary, Thing("f", data=data))
        self._dress(temporary, mode, owner)
        text = dump(self._records).decode().replace(digest, hashlib.sha256(data).hexdigest())
        self._records = load(text)

    def _part(self, name: str) -> bytes:
        saved = name.removeprefix(f"{STATE}/saved/")
        if saved != name:
            return self.saved[saved]
        return self.things[name].data if name in self.things else self._members[name]

    def _soft(self, path: str, temporary: str, target: str, owner: str) -> None:
        self.put(temporary, link(target))

    def _hard(self, path: str, temporary: str, target: str) -> None:
        self.things[temporary] = self.things[target]

    def _commit(self, temporary: str, path: str) -> None:
        thing = self.things.pop(temporary)
        assert posixpath.dirname(path) in self.things
        self.things[path] = thing

    def _did(self, path: str) -> None:
        assert path in self.things

    def _remove(self, path: str, temporary: str) -> None:
        vendors = self.things.get(f"{VENDOR}{path}") if path.startswith("/etc/") else None
        if vendors:
            self.put(path, vendors)
        else:
            del self.things[path]

    def _restore(self, path: str, temporary: str, name: str, mode: str, owner: str) -> None:
        self.put(temporary, Thing("f", data=self.saved.pop(name)))
        self._dress(temporary, mode, owner)
        self._commit(temporary, path)

    def _rid(self, path: str) -> None:
        if not any(name.startswith(f"{path}/") for name in self.things):
            del self.things[path]

    def _retire(self, name: str) -> None:
        self.enabled.discard(name)
        self.active.discard(name)

    def _reload(self) -> None:
        pass

    def _unit(self, verb: str, name: str) -> None:
        state, path = self.unit(name), f"{SYSTEM}/{name}"
        if verb == "mask":
            self.put(path, link(MASK))
        elif verb == "unmask":
            del self.things[path]
        else:
            assert state.load == "loaded" or verb == "stop", f"{verb} of {name}, which is {state}"
            units = self.enabled if verb in ("enable", "disable") else self.active
            (units.add if verb in ("enable", "start") else units.discard)(name)

    def _make_folders(self, path: str) -> None:
        above = posixpath.dirname(path)
        if above not in self.things and above != path:
            self._make_folders(above)
            self.put(above, folder())
