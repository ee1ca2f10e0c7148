# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What there is on a node of the things that a description or an earlier run names: one script, and its answer."""

from __future__ import annotations

import hashlib
import posixpath
import shlex
import typing as t
from collections.abc import Iterable, Mapping

#: Where the node keeps what it knows of our runs.
STATE = "/var/lib/flatops"
#: The lower layer of Flatcar's /etc: a path that is removed gets its vendor's version back.
VENDOR = "/usr/share/flatcar"

#: Bytes of a file that a diff shows at most.
PREVIEW = 64 << 10

#: `observe FOLDER` writes what it sees to a folder. What is in its `state` does not change unless somebody changes
#: the things; what units do is therefore in another file.
SCRIPT = rf"""
observe() {{
  mkdir -p "$1"
  xargs -0 -r sh -c 'find "$@" -maxdepth 0 -printf "%p\0%y\0%m\0%U\0%G\0%D:%i\0%l\0"' sh <paths >"$1/nodes" 2>/dev/null
  xargs -0 -r sh -c 'find "$@" -maxdepth 0 -type f -print0' sh <paths 2>/dev/null |
    xargs -0 -r sha256sum -z -- >"$1/sha256" 2>/dev/null
  xargs -0 -r sh -c 'find "$@" -maxdepth 0 -type f -print0' sh <sha512 2>/dev/null |
    xargs -0 -r sha512sum -z -- >"$1/sha512" 2>/dev/null
  for file in manifest.json first-boot.json; do
    [ ! -f "{STATE}/$file" ] || cat "{STATE}/$file" >"$1/$file"
  done
  questions "$1"
  (cd "$1" && sha256sum -- * >.state && mv .state state)
  cat /proc/sys/kernel/random/boot_id >"$1/boot_id"
  xargs -0 -r systemctl show --no-pager -p LoadState -p ActiveState -p UnitFileState -p InvocationID -- <units \
    >"$1/units" 2>/dev/null
}}
text() {{
  [ ! -f "$2" ] || cat -- "$2" >"$1"
}}
ending() {{
  [ ! -f "$2" ] || {{ tail -c "$3" -- "$2" | sha256sum; head -c "-$3" -- "$2" | sha256sum; }} | cut -c 1-64 >"$1"
}}
sealed() {{
  [ -w "$2" ] || printf '%s\0' "$2" >>"$1"
}}
device() {{
  [ ! -e "$2" ] || printf '%s\0' "$2" >>"$1"
}}
template() {{
  printf '%s %s\n' "$2" "$(systemctl is-enabled -- "$2" 2>/dev/null)" >>"$1"
}}
missing() {{
  command -v "$2" >/dev/null || printf '%s\0' "$2" >>"$1"
}}
digest() {{
  getent "$1" -- "$2" 2>/dev/null | cut -d : -f 2 | sha256sum | cut -c 1-64
}}
group_password() {{
  printf '%s\0' "$2" "$(digest gshadow "$2")" >>"$1"
}}
account() {{
  entry=$(getent passwd -- "$2") || return 0
  printf '%s\0' "$2" "$(id -nG -- "$2")" "$(digest shadow "$2")" >>"$1"
  chroot --userspec="$(printf '%s' "$entry" | cut -d : -f 3,4)" --groups= / sh -c '
    cd "$1/.ssh" 2>/dev/null || exit 0
    for file in authorized_keys authorized_keys.d/*; do
      [ ! -f "$file" ] || [ ! -r "$file" ] || {{ printf "%s\0" "$2" "$file"; tr -d "\0" <"$file"; printf "\0"; }}
    done' sh "$(printf '%s' "$entry" | cut -d : -f 6)" "$2" >>"$1.keys"
}}
"""


class Seen(t.NamedTuple):
    """What is at a path. kind is find's letter (f, d, l, ...); sha256 is that of a regular file."""

    kind: str
    mode: int
    uid: int
    gid: int
    inode: str
    target: str
    sha256: str = ""


_OF_UNIT = ("LoadState", "ActiveState", "UnitFileState", "InvocationID")


class UnitState(t.NamedTuple):
    """What systemd says of a unit: "loaded", "active" and "enabled", or the like; of a template only the last.

    invocation is another one each time that it starts.
    """

    load: str
    active: str
    file: str
    invocation: str = ""


class Account(t.NamedTuple):
    """What else there is of a user: all groups by name, the digest of the password's hash, and, as texts, the files
    authorized_keys and authorized_keys.d/* of ~/.ssh."""

    groups: frozenset[str] = frozenset()
    password: str = ""
    keys: Mapping[str, str] = {}


class Questions(t.NamedTuple):
    """What to look at.

    sha512 are paths of which that digest is wanted as well, texts those of which all is, endings those of which the
    digests before and from so many last bytes on are; folders are asked whether they can be written to; accounts are
    users of which more is wanted than the line in passwd, and tools are programs that might be needed.
    """

    paths: Iterable[str]
    sha512: Iterable[str] = ()
    texts: Iterable[str] = ()
    endings: Mapping[str, int] = {}
    folders: Iterable[str] = ()
    units: Iterable[str] = ()
    devices: Iterable[str] = ()
    users: Iterable[str] = ()
    groups: Iterable[str] = ()
    accounts: Iterable[str] = ()
    group_passwords: Iterable[str] = ()
    tools: Iterable[str] = ()


class Observed(t.NamedTuple):
    """The answer. state is a digest of everything but units: what it stands for has not changed while it is equal.

    endings: the digests of the last bytes and of what is before them; users and groups: the fields of their lines in
    passwd and group; members: who is in each group of /etc/group; group_passwords: digests of the hashes; missing:
    the tools that the node does not have. Those digests are of the hash and a line break, as digest gives it.
    """

    state: str
    nodes: dict[str, Seen]
    sha512: dict[str, str]
    texts: dict[str, str]
    endings: dict[str, tuple[str, str]]
    sealed: frozenset[str]
    units: dict[str, UnitState]
    devices: frozenset[str]
    users: dict[str, list[str]]
    groups: dict[str, list[str]]
    manifest: str
    first_boot: str
    boot_id: str
    accounts: Mapping[str, Account] = {}
    members: Mapping[str, list[str]] = {}
    group_passwords: Mapping[str, str] = {}
    missing: frozenset[str] = frozenset()


def digest(hash_: str) -> str:
    """What the node answers for the hash of a password."""
    return hashlib.sha256(f"{hash_}\n".encode()).hexdigest()


def parents(paths: Iterable[str]) -> set[str]:
    """All folders above paths, without the root."""
    found: set[str] = set()
    for path in paths:
        folder = posixpath.dirname(path)
        while folder != "/" and folder not in found:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return found


def script(questions: Questions) -> tuple[str, dict[str, bytes]]:
    """The definition of the shell function `observe FOLDER`, and the members that it reads."""
    lines = ["questions() {", "  :"]
    for index, path in enumerate(questions.texts):
        lines.append(f'  text "$1/text.{index}" {shlex.quote(path)}')
    for index, (path, size) in enumerate(questions.endings.items()):
        lines.append(f'  ending "$1/ending.{index}" {shlex.quote(path)} {size}')
    templates = [name for name in questions.units if "@." in name]
    asked = (
        ("sealed", questions.folders),
        ("device", questions.devices),
        ("template", templates),
        ("account", questions.accounts),
        ("group_password", questions.group_passwords),
        ("missing", questions.tools),
    )
    for name, paths in asked:
        lines += [f'  {name} "$1/{name}" {shlex.quote(path)}' for path in paths]
    for database, names in (("passwd", questions.users), ("group", questions.groups)):
        listed = " ".join(shlex.quote(name) for name in names)
        if listed:
            lines.append(f'  getent {database} -- {listed} >"$1/{database}"')
    if questions.accounts:
        lines.append('  text "$1/members" /etc/group')
    lines += ["}", ""]
    members = {
        "paths": _joined(questions.paths),
        "sha512": _joined(questions.sha512),
        "units": _joined(_shown(questions)),
    }
    return SCRIPT + "\n".join(lines), members


def preview(paths: Iterable[str]) -> str:
    """A script that answers with the first bytes of files, each under the number of its path."""
    return "".join(
        f"[ ! -f {path} ] || head -c {PREVIEW + 1} -- {path} >out/{index}\n"
        for index, path in enumerate(map(shlex.quote, paths))
    )


def parse(questions: Questions, files: Mapping[str, bytes]) -> Observed:
    """The answer in the files that `observe` wrote."""
    sha256, sha512 = (_digests(files.get(name, b"")) for name in ("sha256", "sha512"))
    return Observed(
        state=hashlib.sha256(files.get("state", b"")).hexdigest(),
        nodes=_nodes(files.get("nodes", b""), sha256),
        sha512=sha512,
        texts={
            path: _text(files[f"text.{index}"])
            for index, path in enumerate(questions.texts)
            if f"text.{index}" in files
        },
        endings={
            path: (lines[0], lines[1])
            for index, path in enumerate(questions.endings)
            if len(lines := files.get(f"ending.{index}", b"").decode().split()) == 2
        },
        sealed=frozenset(_split(files.get("sealed", b""))),
        devices=frozenset(_split(files.get("device", b""))),
        units=_units(questions, files),
        users=_lines(files.get("passwd", b"")),
        groups=_lines(files.get("group", b"")),
        manifest=_text(files.get("manifest.json", b"")),
        first_boot=_text(files.get("first-boot.json", b"")),
        boot_id=_text(files.get("boot_id", b"")).strip(),
        accounts=_accounts(files),
        members={name: _names(line[-1]) for name, line in _lines(files.get("members", b"")).items()},
        group_passwords=dict(_grouped(files.get("group_password", b""), 2)),
        missing=frozenset(_split(files.get("missing", b""))),
    )


def _accounts(files: Mapping[str, bytes]) -> dict[str, Account]:
    keys: dict[str, dict[str, str]] = {}
    for user, path, text in _grouped(files.get("account.keys", b""), 3):
        keys.setdefault(user, {})[path] = text
    return {
        name: Account(frozenset(groups.split()), password, keys.get(name, {}))
        for name, groups, password in _grouped(files.get("account", b""), 3)
    }


def _names(listed: str) -> list[str]:
    return [name for name in listed.split(",") if name]


def _grouped(answer: bytes, size: int) -> t.Iterator[t.Any]:
    return zip(*[iter(_split(answer))] * size)


def _nodes(answer: bytes, sha256: Mapping[str, str]) -> dict[str, Seen]:
    found = {}
    for path, kind, mode, uid, gid, inode, target in _grouped(answer, 7):
        found[path] = Seen(kind, int(mode, 8), int(uid), int(gid), inode, target, sha256.get(path, ""))
    return found


def _digests(answer: bytes) -> dict[str, str]:
    """What sha256sum -z prints: the digest, two spaces, the path."""
    return {path: digest for digest, dummy, path in (line.partition("  ") for line in _split(answer))}


def _units(questions: Questions, files: Mapping[str, bytes]) -> dict[str, UnitState]:
    blocks = _text(files.get("units", b"")).split("\n\n")
    found = {}
    for name, block in zip(_shown(questions), blocks, strict=False):
        state = dict(line.partition("=")[::2] for line in block.splitlines())
        found[name] = UnitState(*(state.get(key, "") for key in _OF_UNIT))
    for line in _text(files.get("template", b"")).splitlines():
        name, dummy, enabled = line.partition(" ")
        found[name] = UnitState("loaded" if enabled not in ("", "not-found") else "not-found", "", enabled)
    return found


def _shown(questions: Questions) -> list[str]:
    """The units that systemd can show; it knows nothing of a template but whether it is enabled."""
    return [name for name in questions.units if "@." not in name]


def _lines(answer: bytes) -> dict[str, list[str]]:
    return {line.partition(":")[0]: line.split(":") for line in _text(answer).split("\n")[:-1]}


def _joined(texts: Iterable[str]) -> bytes:
    return b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in texts)


def _split(answer: bytes) -> list[str]:
    return _text(answer).split("\0")[:-1]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
