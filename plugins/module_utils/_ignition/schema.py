# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The fields of an Ignition config: one table from which decode, merge, upgrade, duplicates and emit are driven.

A row is (member, type, first minor version, last minor version); the spec versions are 3.0 to 3.7 (experimental),
missing numbers mean all of them. The rows of an object stand in the order of Ignition's Go structs, which is the
order of its JSON output and of its reports. Types:

    string  int            a plain value: absent and "" or 0 are the same
    string? int? bool?     an optional value (a Go pointer): absent and "" differ
    Name                   an object; all of its fields absent is the same as the object absent
    Name?                  an optional object (only in 3.2): {} and absent differ
    [Name]                 a list of objects, or of strings where Name stands in STRINGS; its items have keys
    [Name]+                a list that merges by concatenation and may hold the same item twice

A type that ends in "!" is printed even when it is empty. Source: config/v3_*/types/schema.go of Ignition 2.26.0 and
the Key, MergedKeys and IgnoreDuplicates methods beside it.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import semver

#: Spec versions, oldest first; the index is the minor version.
VERSIONS = ("3.0.0", "3.1.0", "3.2.0", "3.3.0", "3.4.0", "3.5.0", "3.6.0", "3.7.0-experimental")
#: The newest version that Ignition promises to keep.
STABLE = "3.6.0"
_LAST = len(VERSIONS) - 1

#: A config, or an object in one: what JSON has, in camelCase; an absent member is Go's nil or zero.
Config = dict[str, t.Any]

#: Go's string types: the items of lists of strings.
STRINGS = frozenset(
    (
        "Device",
        "FilesystemOption",
        "Group",
        "KernelArgument",
        "LuksOption",
        "MountOption",
        "NoProxyItem",
        "OpenOption",
        "RaidOption",
        "SSHAuthorizedKey",
    )
)

_NODE = (
    ("group", "NodeGroup"),
    ("overwrite", "bool?"),
    ("path", "string!"),
    ("user", "NodeUser"),
)

_TABLE: dict[str, tuple[tuple[t.Any, ...], ...]] = {
    "VersionStub": (("ignition", "VersionStubIgnition"),),
    "VersionStubIgnition": (("version", "string"),),
    "Config": (
        ("ignition", "Ignition!"),
        ("kernelArguments", "KernelArguments", 3),
        ("passwd", "Passwd"),
        ("storage", "Storage"),
        ("systemd", "Systemd"),
    ),
    "Ignition": (
        ("config", "IgnitionConfig"),
        ("proxy", "Proxy", 1),
        ("security", "Security"),
        ("timeouts", "Timeouts"),
        ("version", "string", 0, 3),
        ("version", "string!", 4),
    ),
    "IgnitionConfig": (
        ("merge", "[ConfigReference]", 0, 0),
        ("merge", "[Resource]", 1),
        ("replace", "ConfigReference", 0, 0),
        ("replace", "Resource", 1),
    ),
    "ConfigReference": (
        ("source", "string?!"),
        ("verification", "Verification"),
    ),
    "CaReference": (
        ("source", "string!"),
        ("verification", "Verification"),
    ),
    "FileContents": (
        ("compression", "string?"),
        ("source", "string?"),
        ("verification", "Verification"),
    ),
    "Resource": (
        ("compression", "string?"),
        ("httpHeaders", "[HTTPHeader]"),
        ("source", "string?"),
        ("verification", "Verification"),
    ),
    "HTTPHeader": (
        ("name", "string!"),
        ("value", "string?"),
    ),
    "Verification": (("hash", "string?"),),
    "Proxy": (
        ("httpProxy", "string?"),
        ("httpsProxy", "string?"),
        ("noProxy", "[NoProxyItem]"),
    ),
    "Security": (("tls", "TLS"),),
    "TLS": (
        ("certificateAuthorities", "[CaReference]", 0, 0),
        ("certificateAuthorities", "[Resource]", 1),
    ),
    "Timeouts": (
        ("httpResponseHeaders", "int?"),
        ("httpTotal", "int?"),
    ),
    "KernelArguments": (
        ("shouldExist", "[KernelArgument]"),
        ("shouldNotExist", "[KernelArgument]"),
    ),
    "Passwd": (
        ("groups", "[PasswdGroup]"),
        ("users", "[PasswdUser]"),
    ),
    "PasswdGroup": (
        ("gid", "int?"),
        ("name", "string!"),
        ("passwordHash", "string?"),
        ("shouldExist", "bool?", 2),
        ("system", "bool?"),
    ),
    "PasswdUser": (
        ("gecos", "string?"),
        ("groups", "[Group]"),
        ("homeDir", "string?"),
        ("name", "string!"),
        ("noCreateHome", "bool?"),
        ("noLogInit", "bool?"),
        ("noUserGroup", "bool?"),
        ("passwordHash", "string?"),
        ("primaryGroup", "string?"),
        ("sshAuthorizedKeys", "[SSHAuthorizedKey]"),
        ("shell", "string?"),
        ("shouldExist", "bool?", 2),
        ("system", "bool?"),
        ("uid", "int?"),
    ),
    "Storage": (
        ("directories", "[Directory]"),
        ("disks", "[Disk]"),
        ("files", "[File]"),
        ("filesystems", "[Filesystem]"),
        ("links", "[Link]"),
        ("luks", "[Luks]", 2),
        ("raid", "[Raid]"),
    ),
    "Directory": (
        *_NODE,
        ("mode", "int?"),
    ),
    "File": (
        *_NODE,
        ("append", "[FileContents]+", 0, 0),
        ("append", "[Resource]+", 1),
        ("contents", "FileContents", 0, 0),
        ("contents", "Resource", 1),
        ("mode", "int?"),
    ),
    "Link": (
        *_NODE,
        ("hard", "bool?"),
        ("target", "string!", 0, 2),
        ("target", "string?", 3),
    ),
    "NodeGroup": (
        ("id", "int?"),
        ("name", "string?"),
    ),
    "NodeUser": (
        ("id", "int?"),
        ("name", "string?"),
    ),
    "Disk": (
        ("device", "string!"),
        ("partitions", "[Partition]"),
        ("wipeTable", "bool?"),
    ),
    "Partition": (
        ("guid", "string?"),
        ("label", "string?"),
        ("number", "int"),
        ("resize", "bool?", 2),
        ("shouldExist", "bool?"),
        ("sizeMiB", "int?"),
        ("startMiB", "int?"),
        ("typeGuid", "string?"),
        ("wipePartitionEntry", "bool?"),
    ),
    "Filesystem": (
        ("device", "string!"),
        ("format", "string?"),
        ("label", "string?"),
        ("mountOptions", "[MountOption]+", 1),
        ("options", "[FilesystemOption]+"),
        ("path", "string?"),
        ("uuid", "string?"),
        ("wipeFilesystem", "bool?"),
    ),
    "Luks": (
        ("cex", "Cex", 5),
        ("clevis", "Clevis?", 2, 2),
        ("clevis", "Clevis", 3),
        ("device", "string?"),
        ("discard", "bool?", 4),
        ("keyFile", "Resource"),
        ("label", "string?"),
        ("name", "string!"),
        ("openOptions", "[OpenOption]", 4),
        ("options", "[LuksOption]+"),
        ("uuid", "string?"),
        ("wipeVolume", "bool?"),
    ),
    "Cex": (("enabled", "bool?"),),
    "Clevis": (
        ("custom", "Custom?", 2, 2),
        ("custom", "ClevisCustom", 3),
        ("tang", "[Tang]"),
        ("threshold", "int?"),
        ("tpm2", "bool?"),
    ),
    "Custom": (
        ("config", "string!"),
        ("needsNetwork", "bool?"),
        ("pin", "string!"),
    ),
    "ClevisCustom": (
        ("config", "string?"),
        ("needsNetwork", "bool?"),
        ("pin", "string?"),
    ),
    "Tang": (
        ("advertisement", "string?", 4),
        ("thumbprint", "string?"),
        ("url", "string"),
    ),
    "Raid": (
        ("devices", "[Device]!", 0, 2),
        ("devices", "[Device]", 3),
        ("level", "string!", 0, 2),
        ("level", "string?", 3),
        ("name", "string!"),
        ("options", "[RaidOption]+"),
        ("spares", "int?"),
    ),
    "Systemd": (("units", "[Unit]"),),
    "Unit": (
        ("contents", "string?"),
        ("dropins", "[Dropin]"),
        ("enabled", "bool?"),
        ("mask", "bool?"),
        ("name", "string!"),
    ),
    "Dropin": (
        ("contents", "string?"),
        ("name", "string!"),
    ),
}

# How Go prints types that have another name, or none.
_GO_ITEMS = {"VersionStubIgnition": "struct { Version string }"}
_GO_LISTS = {"HTTPHeader": "types.HTTPHeaders"}

#: Objects that embed a Go struct Node, whose fields come first, and one of their own.
_NODES = ("Directory", "File", "Link")

#: The member by which the items of a keyed list are told apart.
_KEY_MEMBERS = {
    "CaReference": "source",
    "ConfigReference": "source",
    "Directory": "path",
    "Disk": "device",
    "Dropin": "name",
    "File": "path",
    "Filesystem": "device",
    "HTTPHeader": "name",
    "Link": "path",
    "Luks": "name",
    "PasswdGroup": "name",
    "PasswdUser": "name",
    "Raid": "name",
    "Resource": "source",
    "Tang": "url",
    "Unit": "name",
}

#: Lists of one object that share a key space: an item of one list displaces the item of another.
_SHARED = {
    "Storage": {"directories": "Node", "files": "Node", "links": "Node"},
    "KernelArguments": {"shouldExist": "KernelArgument", "shouldNotExist": "KernelArgument"},
}


@dataclasses.dataclass(frozen=True, eq=False)
class Field:
    """One member of an object in one version.

    kind is "string", "int", "bool" or "object" (of a list: of its items). struct is the object's own description,
    None for other kinds. pointer: absent differs from empty. always: printed even when empty. concat: the list merges
    by concatenation. space: the key space of a keyed list. go_type and go_item are the names in Go's type errors.
    """

    name: str
    kind: str
    struct: Struct | None
    is_list: bool
    pointer: bool
    always: bool
    concat: bool
    space: str
    go_type: str
    go_item: str


@dataclasses.dataclass(frozen=True, eq=False)
class Struct:
    """An object in one version: its fields in order and by name, and what keys it in a list.

    parts are the fields of the Go structs that it consists of, nearly always one.
    keyed are its lists of keyed items, nested the objects and lists of objects below which such lists stand.
    """

    name: str
    fields: tuple[Field, ...] = dataclasses.field(repr=False)
    by_name: dict[str, Field] = dataclasses.field(repr=False)
    parts: tuple[tuple[Field, ...], ...] = dataclasses.field(repr=False)
    key: t.Callable[[t.Any], str] = dataclasses.field(repr=False)
    keyed: tuple[Field, ...] = dataclasses.field(repr=False)
    nested: tuple[Field, ...] = dataclasses.field(repr=False)


def minor(version: str) -> int:
    """The minor number of one of VERSIONS; ValueError for any other text."""
    if version not in VERSIONS:
        raise ValueError(f"the Ignition spec version {version!r} is not one of {', '.join(VERSIONS)}")
    return VERSIONS.index(version)


def version_of(config: Config) -> str:
    """The spec version of a config in its normal form; ValueError when it is none of VERSIONS."""
    written = config.get("ignition", {}).get("version", "")
    version = semver.normal(written) or written
    return VERSIONS[minor(version)]


@functools.cache
def root(version: str) -> Struct:
    """The description of a whole config of one of VERSIONS."""
    return _struct("Config", minor(version))


def string_key(item: str) -> str:
    """A string in a keyed list is its own key."""
    return item


def partition_key(partition: Config) -> str:
    """A partition is known by its number, without one by its label."""
    number = partition.get("number")
    if number:
        return f"number:{number}"
    label = partition.get("label")
    return "" if label is None else f"label:{label}"


def is_zero(fields: tuple[Field, ...], value: Config) -> bool:
    """Whether an object has nothing in these fields: no optional value, only empty lists, and only empty objects."""
    for field in fields:
        member = value.get(field.name)
        if member is None or (not field.pointer and not member):
            continue
        if field.struct is None or field.is_list or field.pointer or not is_zero(field.struct.fields, member):
            return False
    return True


@functools.cache
def _struct(name: str, minor_version: int) -> Struct:
    rows = [row for row in _TABLE[name] if _lives(minor_version, *row[2:])]
    fields = tuple(_field(name, member, text, minor_version) for member, text, *dummy in rows)
    return Struct(
        name=name,
        fields=fields,
        by_name={field.name: field for field in fields},
        parts=(fields[: len(_NODE)], fields[len(_NODE) :]) if name in _NODES else (fields,),
        key=_key(name),
        keyed=tuple(field for field in fields if field.is_list and not field.concat),
        nested=tuple(field for field in fields if field.struct and (field.struct.keyed or field.struct.nested)),
    )


def _lives(minor_version: int, first: int = 0, last: int = _LAST) -> bool:
    return first <= minor_version <= last


def _field(owner: str, member: str, text: str, minor_version: int) -> Field:
    bare = text.rstrip("!+?").strip("[]").rstrip("!+?")
    is_list = text.startswith("[")
    kind = bare if bare in ("string", "int", "bool") else "string" if bare in STRINGS else "object"
    go_item = bare if bare == kind else _GO_ITEMS.get(bare, f"types.{bare}")
    return Field(
        name=member,
        kind=kind,
        struct=_struct(bare, minor_version) if kind == "object" else None,
        is_list=is_list,
        pointer="?" in text,
        always="!" in text,
        concat="+" in text,
        space=_SHARED.get(owner, {}).get(member, member),
        go_type=_GO_LISTS.get(bare, f"[]{go_item}") if is_list else go_item,
        go_item=go_item,
    )


def _key(name: str) -> t.Callable[[t.Any], str]:
    if name == "Partition":
        return partition_key
    member = _KEY_MEMBERS.get(name, "")
    return lambda item: item.get(member) or ""


#: What Ignition reads of a config first, to learn its version.
STUB = _struct("VersionStub", 0)
