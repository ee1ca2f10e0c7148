# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the node remembers of our runs: one record for each thing that a description made or took over.

/var/lib/flatops/manifest.json has them by key (see desired.py). Every record has the owner (the name of a fragment) and
the kind of the thing, and what is needed to tell whether it is still as we left it, and to undo it:

    file        sha256, mode, uid, gid; recipe where the contents were made on the node; seed; kept of one whose
                contents are not ours, but its permissions: `before` has those alone
    directory   mode, uid, gid; made
    link        target, hard
    values      values (name -> text) of a KEY=value file of which only these belong to us
    unit        enabled, masked
    user, group, argument: see accounts.py and kernel_arguments.py

and `before`: what was there instead, or nothing. uid and gid are null where the description has a name. The bytes that
were in a file are in /var/lib/flatops/saved, under the name that saved_name gives. Folders that were made on the way to
a thing are records of the kind parent, without an owner.

Until a run has ended there are also the records of what it takes away, and some have more: `was` is the digest of a
file, or the target of a link, before the run, `unmade` says of a seed that it may not be there. The record UNFINISHED
then has what systemd is still to be told: reload, and units to start and to stop.

It stays for what the user has still to do, also when nobody read the answer: `restart` has units with the invocation in
which they run as they were before, `reboot` the boot id that has to become another one.

A first boot leaves the same records in /var/lib/flatops/first-boot.json (see first_boot.py). They were made before
there was a machine, and say less:

    file        sha256 is "" where the contents are not known: appended ones, and those fetched without a sha256; then
                there is a recipe. keeps: they follow what was there, which nobody knows. mode is null for as it is
    directory   made is true of one that may have been there
    before      null for all paths, as if nothing had been there; of a unit {"file": "", "active": false}, which says
                that its state is not known; of an argument false; of a user or group {}, so that one of the image stays
                as it is
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

VERSION = 1
#: The key of what a run has still to do.
UNFINISHED = "unfinished"

Record = dict[str, t.Any]
Records = dict[str, Record]


def load(manifest: str, first_boot: str = "") -> Records:
    """The records of the manifest, or of the first boot where there is none yet. Raises NodeError."""
    name, text = ("manifest.json", manifest) if manifest else ("first-boot.json", first_boot)
    if not text:
        return {}
    try:
        found = json.loads(text)
        version, records = found["version"], found.get("records")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        version, records = VERSION, None
    if version != VERSION:
        what = f"/var/lib/flatops/{name} of the node is of version {version}, this collection writes {VERSION}"
        raise NodeError("bad_manifest", f"{what}; use the release of flatops.flatcar that wrote it, or a later one")
    if not _are_records(records):
        what = f"/var/lib/flatops/{name} of the node is damaged, so it is unknown what belongs to whom"
        raise NodeError("bad_manifest", f"{what}; restore it, or remove it to adopt what is there")
    return t.cast(Records, records)


def _are_records(found: t.Any) -> bool:
    return isinstance(found, dict) and all(isinstance(record, dict) and "kind" in record for record in found.values())


def dump(records: Records) -> bytes:
    """The text of a manifest."""
    return json.dumps({"version": VERSION, "records": records}, sort_keys=True, indent=1).encode() + b"\n"


def saved_name(path: str) -> str:
    """Under which name the earlier contents of a file are kept."""
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()


def claim(thing: str, owner: str, record: Record | None, owners: frozenset[str]) -> None:
    """Refuse a thing that a fragment of another description owns. Raises NodeError."""
    other = record.get("owner") if record else None
    if other is not None and other != owner and other not in owners:
        what = f"{thing} is claimed by {owner}, but belongs to {other}, which was applied apart from it"
        fix = f"if there is no {other} any longer, take back its things by its name and state: absent"
        raise NodeError("claimed_twice", f"{what}; apply both together, or take it out of one; {fix}")
