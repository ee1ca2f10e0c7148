# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a description wants of a running node: the things, and who owns each."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import dataurl, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import decompressed, verified
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.upgrade import upgrade
from ansible_collections.flatops.flatcar.plugins.module_utils._node import ssh_keys
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError

UNITS = "/etc/systemd/system"
#: Where those of Flatcar are.
VENDOR_UNITS = "/usr/lib/systemd/system"
#: Sections that only a first boot can carry out, by the names of Butane.
FIRST_BOOT = ("disks", "raid", "luks", "filesystems")

_FETCHED = ("http:", "https:", "tftp:")
_WHAT = re.compile(r"^\s*What\s*=\s*(/dev/\S+)\s*$", re.MULTILINE)

Principal = t.Union[str, int]


class Piece(t.NamedTuple):
    """A part of a file: bytes that the description carries, or a URL from which the node fetches them.

    headers are of the request, hash is Ignition's ("sha512-..."), of the bytes after decompression.
    """

    data: bytes | None = None
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    hash: str = ""
    gzip: bool = False


class File(t.NamedTuple):
    """A file. keeps: the pieces follow what was in the file before; mode None: as it is, or 0644 for a new file."""

    path: str
    pieces: tuple[Piece, ...]
    keeps: bool = False
    mode: int | None = None
    user: Principal = 0
    group: Principal = 0
    overwrite: bool = False

    @property
    def content(self) -> bytes | None:
        """All bytes of the file, where the description has them."""
        return None if self.keeps else self.carried

    @property
    def carried(self) -> bytes | None:
        """The bytes of all pieces, where the description has them."""
        parts = [piece.data for piece in self.pieces if piece.data is not None]
        return b"".join(parts) if len(parts) == len(self.pieces) else None

    @property
    def sha256(self) -> str | None:
        """The digest that the file has when it is as wanted, in hexadecimal, where it can be known."""
        if self.content is not None:
            return hashlib.sha256(self.content).hexdigest()
        only = self.pieces[0] if len(self.pieces) == 1 and not self.keeps else Piece()
        return only.hash.lower().removeprefix("sha256-") if only.hash.startswith("sha256-") else None

    @property
    def recipe(self) -> str:
        """A digest of how the contents are made, which stands for contents that are not known here."""
        parts = [[piece._replace(data=None), _digest(piece.data)] for piece in self.pieces]
        return _digest(json.dumps([self.keeps, parts]).encode())


class Directory(t.NamedTuple):
    """A directory. mode None: as it is, or 0755 for a new one."""

    path: str
    mode: int | None = None
    user: Principal | None = None
    group: Principal | None = None
    overwrite: bool = False


class Link(t.NamedTuple):
    """A soft or a hard link."""

    path: str
    target: str
    hard: bool = False
    user: Principal = 0
    group: Principal = 0
    overwrite: bool = False


Node = t.Union[File, Directory, Link]


class Unit(t.NamedTuple):
    """What is wanted of a unit beside its files. None: nothing is said. device: what a mount unit mounts."""

    name: str
    enabled: bool | None = None
    masked: bool | None = None
    device: str = ""

    @property
    def says_something(self) -> bool:
        """Whether more is wanted than its files, which others may have drop-ins for."""
        return self.enabled is not None or self.masked is not None


class Desired(t.NamedTuple):
    """All that a description wants.

    owners has the owner of each thing by its key, as the functions *_key give it; users and groups are those of
    Ignition's passwd; arguments are kernel arguments and whether each shall be there; skipped names what only a first
    boot can do.
    """

    nodes: dict[str, Node]
    units: dict[str, Unit]
    users: dict[str, schema.Config]
    groups: dict[str, schema.Config]
    arguments: dict[str, bool]
    owners: dict[str, str]
    skipped: list[str]


#: What an empty description wants.
NOTHING = Desired({}, {}, {}, {}, {}, {}, [])


def node_key(path: str) -> str:
    return f"path {path}"


def unit_key(name: str) -> str:
    return f"unit {name}"


def user_key(name: str) -> str:
    return f"user {name}"


def group_key(name: str) -> str:
    return f"group {name}"


def ssh_key_key(user: str, key: str) -> str:
    return f"key {user} {ssh_keys.digest(key)}"


def says_more_than_keys(user: schema.Config) -> bool:
    """Whether a description says more of a user than which keys it has; that is what its owner owns."""
    return any(value not in (None, []) for name, value in user.items() if name not in ("name", "sshAuthorizedKeys"))


def argument_key(argument: str) -> str:
    return f"argument {argument}"


def desired(
    config: schema.Config, parts: t.Sequence[tuple[str, schema.Config]], *, first_boot: bool = False
) -> Desired:
    """What a merged config wants. parts are the configs that it was merged of, in order, each with its owner.

    Raises NodeError with the code unsupported_source for contents that a running node cannot fetch, unless first_boot
    says that Ignition does it.
    """
    # As Ignition does first, which takes away the bits of modes that had no effect before 3.6.0.
    config = upgrade(config, schema.VERSIONS[-1])
    storage, systemd, passwd = (config.get(name) or {} for name in ("storage", "systemd", "passwd"))
    nodes: dict[str, Node] = {}
    for item in storage.get("directories") or ():
        nodes[item["path"]] = _directory(item)
    for item in storage.get("files") or ():
        nodes[item["path"]] = _file(item, first_boot)
    for item in storage.get("links") or ():
        nodes[item["path"]] = _link(item)
    units = {}
    for item in systemd.get("units") or ():
        units[item["name"]] = _unit(item)
        nodes.update({node.path: node for node in _unit_nodes(item)})
    owners: dict[str, str] = {}
    for owner, part in parts:
        owners.update(dict.fromkeys(_keys(part), owner))
    for owner, part in parts:
        for item in (part.get("passwd") or {}).get("users") or ():
            owners.setdefault(user_key(item["name"]), owner)
    return Desired(
        nodes=nodes,
        units=units,
        users={item["name"]: item for item in passwd.get("users") or ()},
        groups={item["name"]: item for item in passwd.get("groups") or ()},
        arguments=_arguments(config),
        owners=owners,
        skipped=[f"storage.{name}" for name in FIRST_BOOT if storage.get(name)],
    )


def _keys(config: schema.Config) -> t.Iterator[str]:
    """The keys of everything that a config names."""
    storage, systemd, passwd = (config.get(name) or {} for name in ("storage", "systemd", "passwd"))
    for member in ("directories", "files", "links"):
        for item in storage.get(member) or ():
            yield node_key(item["path"])
    for item in systemd.get("units") or ():
        if _unit(item).says_something:
            yield unit_key(item["name"])
        for node in _unit_nodes(item):
            yield node_key(node.path)
    for item in passwd.get("users") or ():
        yield from (ssh_key_key(item["name"], key) for key in item.get("sshAuthorizedKeys") or ())
        if says_more_than_keys(item):
            yield user_key(item["name"])
    yield from (group_key(item["name"]) for item in passwd.get("groups") or ())
    yield from map(argument_key, _arguments(config))


def _arguments(config: schema.Config) -> dict[str, bool]:
    arguments = config.get("kernelArguments") or {}
    return {
        **dict.fromkeys(arguments.get("shouldNotExist") or (), False),
        **dict.fromkeys(arguments.get("shouldExist") or (), True),
    }


def _directory(item: schema.Config) -> Directory:
    user, group = (_principal(item.get(member)) for member in ("user", "group"))
    return Directory(item["path"], item.get("mode"), user, group, bool(item.get("overwrite")))


def _file(item: schema.Config, first_boot: bool) -> File:
    contents = item.get("contents") or {}
    pieces = [_piece(item["path"], resource, first_boot) for resource in (contents, *(item.get("append") or ()))]
    found = [piece for piece in pieces if piece]
    has_contents = pieces[0] is not None
    mode = item.get("mode")
    return File(
        item["path"],
        tuple(found),
        keeps=not has_contents,
        mode=0o644 if mode is None and has_contents else mode,
        user=_principal(item.get("user")) or 0,
        group=_principal(item.get("group")) or 0,
        overwrite=bool(item.get("overwrite")),
    )


def _link(item: schema.Config) -> Link:
    target, hard = item.get("target") or "", bool(item.get("hard"))
    if hard:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(item["path"]), target))
    user, group = (_principal(item.get(member)) or 0 for member in ("user", "group"))
    return Link(item["path"], target, hard, user, group, bool(item.get("overwrite")))


def _unit(item: schema.Config) -> Unit:
    name, device = item["name"], None
    if name.endswith(".mount"):
        device = _WHAT.search(item.get("contents") or "")
    return Unit(name, item.get("enabled"), item.get("mask"), device[1] if device else "")


def _unit_nodes(item: schema.Config) -> t.Iterator[Node]:
    """The files of a unit, as Ignition writes them."""
    path = f"{UNITS}/{item['name']}"
    if item.get("mask"):
        yield Link(path, "/dev/null", overwrite=True)
    elif item.get("contents"):
        yield File(path, (Piece(item["contents"].encode()),), mode=0o644, overwrite=True)
    for dropin in item.get("dropins") or ():
        if dropin.get("contents"):
            yield File(f"{path}.d/{dropin['name']}", (Piece(dropin["contents"].encode()),), mode=0o644, overwrite=True)


def _principal(owner: schema.Config | None) -> Principal | None:
    owner = owner or {}
    name = owner.get("name")
    return name or owner.get("id")


def _piece(path: str, resource: schema.Config, first_boot: bool) -> Piece | None:
    """A resource that has a source. Raises NodeError."""
    source = resource.get("source")
    if source is None:
        return None
    if not source:
        return Piece(b"")
    packed, wanted = resource.get("compression") == "gzip", (resource.get("verification") or {}).get("hash") or ""
    if source.startswith("data:"):
        body = dataurl.decode(source)
        data = decompressed(body) if packed else body
        if data is None:
            raise NodeError("bad_contents", f"{path}: its contents are no gzip, or larger than 64 MiB")
        if not verified(resource, data):
            what = f"{path}: its contents do not have the verification hash {wanted[:24]}..."
            raise NodeError("hash_mismatch", f"{what}; correct the hash or the contents")
        return Piece(data)
    if not (first_boot or source.lower().startswith(_FETCHED)):
        scheme = source.partition(":")[0]
        what = f"{path}: its source is of the scheme {scheme}, which only a first boot can fetch"
        raise NodeError("unsupported_source", f"{what}; use https, or give the contents in the description")
    headers = tuple((item["name"], item.get("value") or "") for item in resource.get("httpHeaders") or ())
    return Piece(None, source, headers, wanted, packed)


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
