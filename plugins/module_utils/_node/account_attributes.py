# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The attributes of users and groups: the options that set them, and how a person reads them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Record

_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*\$?")
#: The options of usermod and groupmod by the attribute that they set, in Ignition's order.
_OPTIONS = {
    "home": "-d",
    "uid": "--uid",
    "gid": "--gid",
    "gecos": "--comment",
    "group": "--gid",
    "groups": "--groups",
    "shell": "--shell",
}
#: The members of a user that set these attributes.
MEMBERS = {
    "homeDir": "home",
    "uid": "uid",
    "gecos": "gecos",
    "primaryGroup": "group",
    "groups": "groups",
    "shell": "shell",
}

Attributes = dict[str, t.Any]


def check(name: str, sort: str, hash_: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise NodeError(
            "bad_name", f"{sort} {name!r}: a name has letters, digits, _, . and -, and no - at its beginning"
        )
    if hash_ and re.search(r"[:\s]", hash_):
        what = f"{sort} {name}: its password_hash has a colon or white space"
        raise NodeError("bad_password_hash", f"{what}; give what `mkpasswd` prints")


def entry(kind: str, owner: str, record: Record | None, exists: bool) -> Record:
    entry: Record = {"owner": owner, "kind": kind, "made": False, "exists": exists, "before": {}}
    if record and record["exists"] == exists:
        entry.update(made=record["made"], before=dict(record["before"]))
    return entry


def flag(item: schema.Config, member: str) -> list[str]:
    """The option of useradd and groupadd for a member that is true."""
    return ["--" + re.sub("[A-Z]", lambda match: f"-{match[0].lower()}", member)] if item.get(member) else []


def options(attributes: Attributes) -> list[str]:
    found = []
    for attribute, option in _OPTIONS.items():
        if attribute in attributes:
            value = attributes[attribute]
            found += [option, ",".join(value) if isinstance(value, list) else str(value)]
    return found


def texts(attributes: Attributes) -> str:
    """The attributes as lines, without anything of a password."""
    found = []
    for attribute, value in sorted(attributes.items()):
        shown = "changed" if attribute == "password" else ", ".join(sorted(value)) if isinstance(value, list) else value
        found.append(f"{attribute}: {shown}\n")
    return "".join(found)


def user_text(line: list[str]) -> str:
    return f"name: {line[0]}\nuid: {line[2]}\ngroup: {line[3]}\nhome: {line[5]}\n"


def group_text(line: list[str]) -> str:
    return f"name: {line[0]}\ngid: {line[2]}\n"
