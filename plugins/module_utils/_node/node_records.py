# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a record says of files, directories and links, and how a change of them reads."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import Directory, File
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record

#: What things are called, by the letter of find.
WORDS = {"f": "file", "d": "directory", "l": "link"}


def ended(record: Record) -> Record:
    """A record as it is when its run has ended."""
    return {name: value for name, value in record.items() if name not in ("was", "unmade")}


def recorded(node: File | Directory, mode: int, uid: int | None, gid: int | None) -> Record:
    """What a record has of these; of names no ids, because the node may not know them yet."""
    named = isinstance(node.user, str), isinstance(node.group, str)
    return {"mode": mode, "uid": None if named[0] else uid, "gid": None if named[1] else gid}


def meta(seen: Seen) -> Record:
    return {"mode": seen.mode, "uid": seen.uid, "gid": seen.gid}


def seen_record(seen: Seen) -> Record:
    """What is there, as a record tells what was there."""
    if seen.kind == "l":
        return {"kind": "link", "target": seen.target}
    return {**meta(seen), "kind": "file", "sha256": seen.sha256}


def record_text(record: Record) -> str:
    if record["kind"] == "link":
        return f"target: {record['target']}\n"
    return described(record["mode"], record["uid"], record["gid"], record["sha256"])


def described(mode: int, uid: int | None, gid: int | None, sha256: str = "") -> str:
    owner = f"mode: {mode:04o}\nowner: {'new' if uid is None else uid}:{'new' if gid is None else gid}\n"
    return f"{owner}sha256: {sha256}\n" if sha256 else owner
