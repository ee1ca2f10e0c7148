# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files, directories and links: what is wanted against what there is."""

from __future__ import annotations

import hashlib
import posixpath
import typing as t
from collections.abc import Callable

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import place
from ansible_collections.flatops.flatcar.plugins.module_utils._node import curl, folders, keyvalue
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import (
    UNITS,
    VENDOR_UNITS,
    Desired,
    Directory,
    File,
    Link,
    Node,
    Piece,
    Principal,
    node_key,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.node_records import (
    WORDS,
    described,
    ended,
    meta,
    record_text,
    recorded,
    seen_record,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import (
    STATE,
    VENDOR,
    Observed,
    Seen,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Change, Phase, Plan, Staged
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record, Records, claim, saved_name

#: Where the node puts what it fetches, on the disk.
PIECES = f"{STATE}/pieces"

_READABLE = 0o004
_EMPTY = hashlib.sha256(b"").hexdigest()


class Options(t.NamedTuple):
    """How paths are treated.

    owners are the fragments of this call. seeded tells of a path whether it is only made when it is missing; merged
    are paths of which only the named KEY=value lines are wanted. backup keeps a copy beside what is replaced.
    """

    owners: frozenset[str]
    seeded: Callable[[str], bool]
    merged: frozenset[str]
    backup: bool = False


class Nodes:
    """The comparison of one description with one observation."""

    def __init__(self, plan: Plan, want: Desired, seen: Observed, records: Records, options: Options) -> None:
        self.plan, self.want, self.seen, self.records, self.options = plan, want, seen, records, options
        self.composed = 0

    def compare(self) -> None:
        """Add to the plan what the nodes of the description need, and what of the owners' is wanted no longer."""
        wanted = sorted(self.want.nodes.values(), key=_order)
        hard = [node for node in wanted if isinstance(node, Link) and node.hard]
        for node in wanted[: len(wanted) - len(hard)]:
            self._node(node)
        staying = set(self.want.owners.values())
        for key in sorted((key for key in self.records if self._is_gone(key)), reverse=True):
            record, path = self.records[key], key.partition(" ")[2]
            if record["owner"] in staying and (record.get("seed") or self.options.seeded(path)):
                # The node goes on with it, and may be using it, until the whole fragment is given up.
                self.plan.records[key] = record
            else:
                self._remove(path, record)
        for node in hard:
            self._node(node)

    def _is_gone(self, key: str) -> bool:
        record = self.records[key]
        is_ours = key.startswith("path ") and record.get("owner") in self.options.owners
        return is_ours and key not in self.want.owners

    def _node(self, node: Node) -> None:
        key = node_key(node.path)
        record, seen = self.records.get(key), self.seen.nodes.get(node.path)
        owner = self.want.owners[key]
        claim(node.path, owner, record, self.options.owners)
        seeded = self.options.seeded(node.path)
        if seeded and (seen or (record and "owner" in record and not record.get("unmade"))):
            if record and "owner" in record:
                self.plan.records[key] = {**ended(record), "owner": owner, "seed": True}
            return
        if isinstance(node, Directory):
            entry = self._directory(node, seen, record)
        elif isinstance(node, Link):
            entry = self._link(node, seen, record)
        elif node.path in self.options.merged:
            entry = self._values(node, seen, record)
        else:
            entry = self._file(node, seen, record)
        self.plan.records[key] = {"owner": owner, **entry}
        if seeded:
            self.plan.records[key]["seed"] = True
            self.plan.begun[key] = {"unmade": True}
        elif seen and node.path in self.plan.paths:
            self.plan.begun[key] = {"was": seen.target if seen.kind == "l" else seen.sha256}

    # Directories

    def _directory(self, node: Directory, seen: Seen | None, record: Record | None) -> Record:
        mode = node.mode if node.mode is not None else seen.mode if seen else 0o755
        uid = self._uid(node.user) if node.user is not None else seen.uid if seen else 0
        gid = self._gid(node.group) if node.group is not None else seen.gid if seen else 0
        entry: Record = {"kind": "directory", **recorded(node, mode, uid, gid), "made": False, "before": None}
        if seen is None:
            entry["made"] = True
            self.plan.folders[node.path] = f"{mode:05o}", self._owner(node, uid, gid)
        else:
            self._check_kind(node, "d", seen, record)
            if record:
                entry.update(made=record.get("made", record["kind"] == "parent"), before=record.get("before"))
            if (seen.mode, seen.uid, seen.gid) != (mode, uid, gid):
                entry["before"] = entry["before"] or meta(seen)
                self._dress("commit", node.path, mode, self._owner(node, uid, gid))
        self._change("directory", node.path, seen, described(mode, uid, gid))
        return entry

    # Links

    def _link(self, node: Link, seen: Seen | None, record: Record | None) -> Record:
        uid, gid = self._uid(node.user), self._gid(node.group)
        entry: Record = {"kind": "link", "target": node.target, "hard": node.hard, "before": None}
        if record and record["kind"] not in ("link", "file"):
            record = None
        if record:
            entry["before"] = self._earlier(node.path, seen, record)
        if self._is_link(node, seen, uid, gid):
            return entry
        if seen and record and record["kind"] == "link" and self._is_known(record) and not self._is_ours(seen, record):
            self._warn_of_edit(node.path)
        temporary = self.plan.temporary(node.path)
        if seen:
            self._check_kind(node, "f" if node.hard else "l", seen, record)
            if not record:
                entry["before"] = self._before(node.path, seen)
        if node.hard:
            if folders.innermost(self.seen, node.path)[1] != folders.innermost(self.seen, node.target)[1]:
                what = f"{node.path}: {node.target} is on another filesystem of the node"
                raise NodeError("bad_option", f"{what}, and hard links cannot lead there; make it a soft link")
            # Of a target that goes back to what it was there is then another file.
            phase: Phase = "commit" if node.target in self.want.nodes else "remove"
            self.plan.call(phase, "hard", node.path, temporary, node.target)
            self.plan.call(phase, "commit", temporary, node.path)
        else:
            self.plan.call("stage", "soft", node.path, temporary, node.target, self._owner(node, uid, gid))
            self.plan.call("commit", "commit", temporary, node.path)
        self._change("link", node.path, seen, f"target: {node.target}\n")
        return entry

    def _is_link(self, node: Link, seen: Seen | None, uid: int | None, gid: int | None) -> bool:
        if not seen:
            return False
        if node.hard:
            target = self.seen.nodes.get(node.target)
            return target is not None and target.inode == seen.inode and node.target not in self.plan.paths
        return seen.kind == "l" and seen.target == node.target and (seen.uid, seen.gid) == (uid, gid)

    # Files

    def _file(self, node: File, seen: Seen | None, record: Record | None) -> Record:
        was_link = record is not None and record["kind"] == "link"
        if record and record["kind"] != "file":
            record = {"kind": "file", "sha256": "", "before": record["before"]} if was_link else None
        if seen:
            self._check_kind(node, "f", seen, record)
        # What a hard link of ours has is another's.
        regular = seen if seen and seen.kind == "f" and not was_link else None
        mode = node.mode if node.mode is not None else regular.mode if regular else 0o644
        uid, gid = self._uid(node.user), self._gid(node.group)
        entry: Record = {"kind": "file", **recorded(node, mode, uid, gid), "before": None}
        if node.sha256 is None:
            entry["recipe"] = node.recipe
        if regular and node.keeps and not node.pieces and (not record or record.get("kept")):
            entry.update(kept=True, before=record["before"] if record else meta(regular))
        elif record:
            entry["before"] = self._earlier(node.path, seen, record)
        if regular and self._has_contents(node, regular, record, entry):
            entry["sha256"] = regular.sha256
            if (regular.mode, regular.uid, regular.gid) != (mode, uid, gid):
                self._dress("commit", node.path, mode, self._owner(node, uid, gid))
                self._change("file", node.path, seen, described(mode, uid, gid, regular.sha256))
            return entry
        if record and regular and record.get("sha256") and regular.sha256 not in (record["sha256"], record.get("was")):
            self._warn_of_edit(node.path)
        if seen and not record:
            entry["before"] = self._keep(node.path, seen) if node.keeps else self._before(node.path, seen)
        if regular and self.options.backup:
            self.plan.call("save", "backup", node.path)
        entry["sha256"] = self._write(node, entry, mode, uid, gid)
        known = node.sha256 or "computed on the node"
        self._change("file", node.path, seen, described(mode, uid, gid, known), mode, node.content)
        return entry

    def _warn_of_edit(self, path: str) -> None:
        self.plan.warnings.append(f"{path} was edited on the node since the last run; it is written anew")

    def _has_contents(self, node: File, seen: Seen, record: Record | None, entry: Record) -> bool:
        """Whether a regular file has the bytes that it shall have; for an adopted one entry learns what was before."""
        if node.sha256 is not None:
            return seen.sha256 == node.sha256
        if node.keeps and not node.pieces:
            return not record or record.get("was") != seen.sha256 or record["sha256"] == seen.sha256
        # The record of a first boot does not know the digest.
        digest = record.get("sha256") if record else ""
        if node.keeps and not digest and self._ends_so(node, seen, entry):
            return True
        if record and record.get("recipe") == node.recipe:
            return digest in ("", seen.sha256)
        if node.keeps:
            return False
        only = node.pieces[0].hash.lower() if len(node.pieces) == 1 else ""
        return only.startswith("sha512-") and self.seen.sha512.get(node.path) == only.removeprefix("sha512-")

    def _ends_so(self, node: File, seen: Seen, entry: Record) -> bool:
        """Whether a file ends with what is to be appended, as after a first boot; what is before it is kept."""
        carried, ending = node.carried, self.seen.endings.get(node.path)
        if carried is None or ending is None or ending[0] != hashlib.sha256(carried).hexdigest():
            return False
        if ending[1] != _EMPTY:
            self.plan.call("save", "save_head", node.path, saved_name(node.path), len(carried))
            entry["before"] = {**meta(seen), "kind": "file", "sha256": ending[1]}
        return True

    def _write(self, node: File, entry: Record, mode: int, uid: int | None, gid: int | None) -> str:
        """Have the file made under a temporary name and moved to its own; the digest for its record."""
        temporary = self.plan.temporary(node.path)
        owner = self._owner(node, uid, gid)
        if node.content is not None:
            self.plan.staged.append(Staged(temporary, node.content, mode, uid or 0, gid or 0))
            if uid is None or gid is None:
                self.plan.call("stage", "dress", temporary, f"{mode:05o}", owner)
            digest = node.sha256 or ""
        else:
            self.composed += 1
            digest = f"computed:{self.plan.run}.{self.composed}:"
            base = self._base(node.path, entry["before"]) if node.keeps else []
            parts = [*base, *(self._part(node, piece) for piece in node.pieces)]
            self.plan.call("stage", "compose", node.path, digest, temporary, f"{mode:05o}", owner, *parts)
        self.plan.call("commit", "commit", temporary, node.path)
        return digest

    def _base(self, path: str, before: Record | None) -> list[str]:
        """What contents are appended to: what was there before us, which at a first boot was Flatcar's own."""
        if before and before["kind"] == "file":
            return [f"{STATE}/saved/{saved_name(path)}"]
        vendors = self.seen.nodes.get(f"{VENDOR}{path}")
        return [f"{VENDOR}{path}"] if not before and vendors and vendors.kind == "f" else []

    def _part(self, node: File, piece: Piece) -> str:
        """The name that a piece of contents has beside the script."""
        if piece.data is not None:
            return self.plan.member(piece.data)
        number = len(self.plan.calls["fetch"])
        config = self.plan.member(curl.configuration(piece))
        about = f"{node.path} from {place(piece.url).get('source', 'its URL')}"
        packing = "gzip" if piece.gzip else "plain"
        self.plan.call("fetch", "fetch", about, config, number, packing, piece.hash.lower())
        return f"{PIECES}/{number}"

    def _values(self, node: File, seen: Seen | None, record: Record | None) -> Record:
        """A file of which only the named keys are wanted."""
        content = node.content
        if content is None:
            raise NodeError("bad_option", f"{node.path}: a file to merge needs its contents in the description")
        if seen:
            self._check_kind(node, "f", seen, record)
        wanted = content.decode("utf-8", "surrogateescape")
        text = self.seen.texts.get(node.path) if seen else None
        known: Record = {"before": {}, "values": {}, "made": seen is None}
        if record and record["kind"] == "values":
            known = record
        elif record and record["kind"] == "file" and not record["before"]:
            # Made as a whole, as by a first boot: every key was ours.
            ours = keyvalue.values(text if text and seen and seen.sha256 == record["sha256"] else wanted)
            known = {"before": dict.fromkeys(ours, ""), "values": ours, "made": True}
        merged, before = keyvalue.merge(text, wanted, known["before"], known["values"])
        if merged != text:
            self.put(node.path, merged, 0o644 if node.mode is None else node.mode)
        return {"kind": "values", "values": keyvalue.values(wanted), "before": before, "made": known["made"]}

    def put(self, path: str, text: str, mode: int = 0o644) -> None:
        """Have the whole text of a file written that is not all ours; its owner and permissions stay."""
        data = text.encode("utf-8", "surrogateescape")
        seen = self.seen.nodes.get(path)
        mode, uid, gid = (seen.mode, seen.uid, seen.gid) if seen else (mode, 0, 0)
        temporary = self.plan.temporary(path)
        if seen and self.options.backup:
            self.plan.call("save", "backup", path)
        self.plan.staged.append(Staged(temporary, data, mode, uid, gid))
        self.plan.call("commit", "commit", temporary, path)
        digest = hashlib.sha256(data).hexdigest()
        self._change("file", path, seen, described(mode, uid, gid, digest), mode, data)

    def drop(self, path: str) -> None:
        """Have a file removed."""
        self.plan.call("remove", "remove", path, self.plan.temporary(path))
        self._change("file", path, self.seen.nodes.get(path), "")

    # What is there instead, and what is wanted no longer

    def _check_kind(self, node: Node, kind: str, seen: Seen, record: Record | None) -> None:
        if seen.kind == kind or (seen.kind != "d" and kind != "d" and (record or node.overwrite)):
            return
        there, wanted = WORDS.get(seen.kind, "special file"), WORDS[kind]
        what = f"{node.path}: there is a {there} on the node where the description wants a {wanted}"
        fix = "remove it first" if "d" in (seen.kind, kind) else "remove it, or say overwrite: true in the description"
        raise NodeError("in_the_way", f"{what}; {fix}")

    def _before(self, path: str, seen: Seen) -> Record | None:
        """What was there before us; None for what Flatcar has there by itself, whose next release may have another."""
        return None if self._is_vendors(path, seen) else self._keep(path, seen)

    def _earlier(self, path: str, seen: Seen | None, record: Record) -> Record | None:
        """What was there before us, also where only the permissions had to be known so far."""
        before: Record | None = record["before"]
        if not record.get("kept"):
            return before
        return {**self._keep(path, seen), **(before or {})} if seen else None

    def _is_vendors(self, path: str, seen: Seen) -> bool:
        vendors = self.seen.nodes.get(f"{VENDOR}{path}")
        return vendors is not None and vendors._replace(inode=seen.inode) == seen

    def _keep(self, path: str, seen: Seen) -> Record:
        """What was there before us, of which a file's bytes are saved on the node."""
        if seen.kind != "l":
            self.plan.call("save", "save", path, saved_name(path))
        return seen_record(seen)

    def _remove(self, path: str, record: Record) -> None:
        seen = self.seen.nodes.get(path)
        if seen is None:
            return
        kind = record["kind"]
        if kind == "values":
            self._remove_values(path, seen, record)
        elif kind == "directory":
            self._remove_directory(path, seen, record)
        elif record.get("kept"):
            self._give_back(path, "f", seen, record)
        elif self._is_undone(path, seen, record):
            return
        elif not self._is_ours(seen, record):
            self.plan.left.append(f"{path}: it is not as the last run left it")
        else:
            self._undo(path, seen, record["before"])

    def _is_undone(self, path: str, seen: Seen, record: Record) -> bool:
        """Whether a killed run has already taken back a thing."""
        before = record["before"]
        if not before:
            return self._is_vendors(path, seen)
        return bool(seen_record(seen) == before)

    def _undo(self, path: str, seen: Seen, before: Record | None) -> None:
        unit = posixpath.basename(path)
        if (
            path == f"{UNITS}/{unit}"
            and seen.kind == "f"
            and not before
            and f"{VENDOR_UNITS}/{unit}" not in self.seen.nodes
        ):
            self.plan.call("remove", "retire", unit)
        temporary = self.plan.temporary(path)
        if not before:
            self.plan.call("remove", "remove", path, temporary)
        elif before["kind"] == "link":
            self.plan.call("remove", "soft", path, temporary, before["target"], "0:0")
            self.plan.call("remove", "commit", temporary, path)
        else:
            owner = f"{before['uid']}:{before['gid']}"
            self.plan.call("remove", "restore", path, temporary, saved_name(path), f"{before['mode']:05o}", owner)
        self._change(WORDS.get(seen.kind, "file"), path, seen, record_text(before) if before else "")

    def _remove_values(self, path: str, seen: Seen, record: Record) -> None:
        text = self.seen.texts.get(path, "")
        restored, dummy = keyvalue.merge(text, "", record["before"], record["values"])
        if record["made"] and not restored.strip():
            self._undo(path, seen, None)
        elif restored != text:
            self.put(path, restored)

    def _remove_directory(self, path: str, seen: Seen, record: Record) -> None:
        if seen.kind == "d" and record["made"]:
            self.plan.emptied[path] = True
        else:
            self._give_back(path, "d", seen, record)

    def _give_back(self, path: str, kind: str, seen: Seen, record: Record) -> None:
        """Have the permissions be as they were before us."""
        before = record["before"]
        if seen.kind != kind:
            self.plan.left.append(f"{path}: it is not as the last run left it")
        elif before and meta(seen) != before:
            self._dress("remove", path, before["mode"], f"{before['uid']}:{before['gid']}")
            after = described(before["mode"], before["uid"], before["gid"], seen.sha256)
            self._change(WORDS[kind], path, seen, after)

    def _is_known(self, record: Record) -> bool:
        """Whether it can be told if a link is as it was made."""
        return not record["hard"] or record["target"] in self.seen.nodes

    def _is_ours(self, seen: Seen, record: Record) -> bool:
        """Whether a file or a link is as it was made."""
        if record["kind"] != "link":
            return seen.kind == "f" and (not record["sha256"] or seen.sha256 in (record["sha256"], record.get("was")))
        if not record["hard"]:
            return seen.kind == "l" and seen.target in (record["target"], record.get("was"))
        target = self.seen.nodes.get(record["target"])
        if target and target.inode == seen.inode:
            return True
        known = self.records.get(node_key(record["target"]), {})
        return seen.kind == "f" and seen.sha256 in (known.get("sha256"), known.get("was"), record.get("was"))

    def folders(self) -> None:
        """Make and take away the folders on the way, after everything else is compared."""
        folders.on_the_way(self.plan, self.seen, self.records)
        for path, tell in self.plan.emptied.items():
            if tell:
                self._change("directory", path, self.seen.nodes[path], "")

    # Owners and changes

    def _uid(self, user: Principal) -> int | None:
        return _number(user, self.seen.users)

    def _gid(self, group: Principal) -> int | None:
        return _number(group, self.seen.groups)

    def _owner(self, node: Node, uid: int | None, gid: int | None) -> str:
        """The owner for chown: by name where a user or group is made in this run."""
        return f"{node.user if uid is None else uid}:{node.group if gid is None else gid}"

    def _dress(self, phase: Phase, path: str, mode: int, owner: str) -> None:
        """Have the permissions of what is there changed."""
        self.plan.call(phase, "dress", path, f"{mode:05o}", owner)
        self.plan.call(phase, "did", path)

    def _change(
        self, kind: str, path: str, seen: Seen | None, after: str, mode: int | None = None, data: bytes | None = None
    ) -> None:
        before = record_text(seen_record(seen)) if seen else ""
        if before == after:
            return
        folders.check(self.seen, path)
        self.plan.paths.append(path)
        self.plan.changes.append(Change(f"{kind} {path}", before, after))
        readable = mode is not None and mode & _READABLE and (seen is None or seen.mode & _READABLE)
        if data is not None and readable:
            self.plan.shown[path] = data


def _number(principal: Principal, lines: dict[str, list[str]]) -> int | None:
    """The id of a user or group; None for one that the node does not know yet."""
    if isinstance(principal, int):
        return principal
    fields = lines.get(principal)
    return int(fields[2]) if fields else None


def _order(node: Node) -> tuple[int, str]:
    rank = 0 if isinstance(node, Directory) else 1 if isinstance(node, File) else 3 if node.hard else 2
    return rank, node.path
