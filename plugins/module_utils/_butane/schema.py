# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The fields of Butane documents: one table for every variant and version.

The fields of a structure stand in the order in which butane declares them, because its checks report in that order.
A type is `string`, `int` or `bool`, the name of another structure, `[]` before the type of a list's items, or `*`
before a value that butane tells apart from its absence. The levels of a structure are the versions of the package
that declares it: for BASE the base package (v0_1 to v0_8_exp), for FCOS the minor version of the fcos specification,
for OPENSHIFT that of the openshift one. Source: butane 0.29.0, the schema of each of these packages.
"""

from __future__ import annotations

import typing as t


class Field(t.NamedTuple):
    """One key of a structure: its name and type in Butane and the levels (first and last) in which it exists."""

    name: str
    type: str
    since: int = 0
    until: int = 99


NODE = (Field("group", "NodeGroup"), Field("overwrite", "*bool"), Field("path", "string"), Field("user", "NodeUser"))

BASE: dict[str, tuple[Field, ...]] = {
    "Config": (
        Field("version", "string"),
        Field("variant", "string"),
        Field("ignition", "Ignition"),
        Field("kernel_arguments", "KernelArguments", since=4),
        Field("passwd", "Passwd"),
        Field("storage", "Storage"),
        Field("systemd", "Systemd"),
    ),
    "Ignition": (
        Field("config", "IgnitionConfig"),
        Field("proxy", "Proxy", since=2),
        Field("security", "Security"),
        Field("timeouts", "Timeouts"),
    ),
    "IgnitionConfig": (
        Field("merge", "[]ConfigReference", until=1),
        Field("merge", "[]Resource", since=2),
        Field("replace", "ConfigReference", until=1),
        Field("replace", "Resource", since=2),
    ),
    "ConfigReference": (Field("source", "*string"), Field("verification", "Verification")),
    "CaReference": (Field("source", "string"), Field("verification", "Verification")),
    "Proxy": (Field("http_proxy", "*string"), Field("https_proxy", "*string"), Field("no_proxy", "[]string")),
    "Security": (Field("tls", "TLS"),),
    "TLS": (
        Field("certificate_authorities", "[]CaReference", until=1),
        Field("certificate_authorities", "[]Resource", since=2),
    ),
    "Timeouts": (Field("http_response_headers", "*int"), Field("http_total", "*int")),
    "Resource": (
        Field("compression", "*string"),
        Field("http_headers", "HTTPHeaders"),
        Field("source", "*string"),
        Field("inline", "*string"),
        Field("local", "*string"),
        Field("verification", "Verification"),
    ),
    "FileContents": (
        Field("compression", "*string"),
        Field("source", "*string"),
        Field("inline", "*string"),
        Field("verification", "Verification"),
    ),
    "HTTPHeader": (Field("name", "string"), Field("value", "*string")),
    "Verification": (Field("hash", "*string"),),
    "KernelArguments": (
        Field("should_exist", "[]KernelArgument"),
        Field("should_not_exist", "[]KernelArgument"),
    ),
    "Passwd": (Field("groups", "[]PasswdGroup"), Field("users", "[]PasswdUser")),
    "PasswdGroup": (
        Field("gid", "*int"),
        Field("name", "string"),
        Field("password_hash", "*string"),
        Field("should_exist", "*bool", since=3),
        Field("system", "*bool"),
    ),
    "PasswdUser": (
        Field("gecos", "*string"),
        Field("groups", "[]Group"),
        Field("home_dir", "*string"),
        Field("name", "string"),
        Field("no_create_home", "*bool"),
        Field("no_log_init", "*bool"),
        Field("no_user_group", "*bool"),
        Field("password_hash", "*string"),
        Field("primary_group", "*string"),
        Field("should_exist", "*bool", since=3),
        Field("ssh_authorized_keys", "[]SSHAuthorizedKey"),
        Field("ssh_authorized_keys_local", "[]string", since=5),
        Field("shell", "*string"),
        Field("system", "*bool"),
        Field("uid", "*int"),
    ),
    "Storage": (
        Field("directories", "[]Directory"),
        Field("disks", "[]Disk"),
        Field("files", "[]File"),
        Field("filesystems", "[]Filesystem"),
        Field("links", "[]Link"),
        Field("luks", "[]Luks", since=3),
        Field("raid", "[]Raid"),
        Field("trees", "[]Tree", since=2),
    ),
    "NodeGroup": (Field("id", "*int"), Field("name", "*string")),
    "NodeUser": (Field("id", "*int"), Field("name", "*string")),
    "Directory": (*NODE, Field("mode", "*int")),
    "File": (
        *NODE,
        Field("append", "[]FileContents", until=1),
        Field("append", "[]Resource", since=2),
        Field("contents", "FileContents", until=1),
        Field("contents", "Resource", since=2),
        Field("mode", "*int"),
    ),
    "Link": (
        *NODE,
        Field("hard", "*bool"),
        Field("target", "string", until=3),
        Field("target", "*string", since=4),
    ),
    "Disk": (Field("device", "string"), Field("partitions", "[]Partition"), Field("wipe_table", "*bool")),
    "Partition": (
        Field("guid", "*string"),
        Field("label", "*string"),
        Field("number", "int"),
        Field("resize", "*bool", since=3),
        Field("should_exist", "*bool"),
        Field("size_mib", "*int"),
        Field("start_mib", "*int"),
        Field("type_guid", "*string"),
        Field("wipe_partition_entry", "*bool"),
    ),
    "Filesystem": (
        Field("device", "string"),
        Field("format", "*string"),
        Field("label", "*string"),
        Field("mount_options", "[]string", since=2),
        Field("options", "[]FilesystemOption", until=1),
        Field("options", "[]string", since=2),
        Field("path", "*string"),
        Field("uuid", "*string"),
        Field("wipe_filesystem", "*bool"),
        Field("with_mount_unit", "*bool", since=2),
    ),
    "Luks": (
        Field("cex", "Cex", since=6),
        Field("clevis", "*Clevis", until=3),
        Field("clevis", "Clevis", since=4),
        Field("device", "*string"),
        Field("discard", "*bool", since=5),
        Field("key_file", "Resource"),
        Field("label", "*string"),
        Field("name", "string"),
        Field("open_options", "[]string", since=5),
        Field("options", "[]LuksOption", until=4),
        Field("options", "[]string", since=5),
        Field("uuid", "*string"),
        Field("wipe_volume", "*bool"),
    ),
    "Cex": (Field("enabled", "*bool"),),
    "Clevis": (
        Field("custom", "*Custom", until=3),
        Field("custom", "ClevisCustom", since=4),
        Field("tang", "[]Tang"),
        Field("threshold", "*int"),
        Field("tpm2", "*bool"),
    ),
    "Custom": (Field("config", "string"), Field("needs_network", "*bool"), Field("pin", "string")),
    "ClevisCustom": (Field("config", "*string"), Field("needs_network", "*bool"), Field("pin", "*string")),
    "Tang": (Field("thumbprint", "*string"), Field("url", "string"), Field("advertisement", "*string", since=5)),
    "Raid": (
        Field("devices", "[]Device"),
        Field("level", "string", until=3),
        Field("level", "*string", since=4),
        Field("name", "string"),
        Field("options", "[]RaidOption", until=4),
        Field("options", "[]string", since=5),
        Field("spares", "*int"),
    ),
    "Tree": (
        Field("group", "NodeGroup", since=7),
        Field("local", "string"),
        Field("path", "*string"),
        Field("user", "NodeUser", since=7),
        Field("file_mode", "*int", since=7),
        Field("dir_mode", "*int", since=7),
    ),
    "Systemd": (Field("units", "[]Unit"), Field("quadlets", "[]Quadlet", since=8)),
    "Unit": (
        Field("contents", "*string"),
        Field("contents_local", "*string", since=5),
        Field("dropins", "[]Dropin"),
        Field("enabled", "*bool"),
        Field("mask", "*bool"),
        Field("name", "string"),
    ),
    "Dropin": (Field("contents", "*string"), Field("contents_local", "*string", since=5), Field("name", "string")),
    "Quadlet": (
        Field("contents", "*string"),
        Field("contents_local", "*string"),
        Field("name", "string"),
        Field("rootful", "bool"),
        Field("dropins", "[]Dropin"),
    ),
}

FCOS: dict[str, tuple[Field, ...]] = {
    "Config": (Field("boot_device", "BootDevice", since=3), Field("grub", "Grub", since=5)),
    "BootDevice": (Field("layout", "*string"), Field("luks", "BootDeviceLuks"), Field("mirror", "BootDeviceMirror")),
    "BootDeviceLuks": (
        Field("cex", "Cex", since=6),
        Field("discard", "*bool", since=5),
        Field("device", "*string", since=6),
        Field("tang", "[]Tang"),
        Field("threshold", "*int"),
        Field("tpm2", "*bool"),
    ),
    "BootDeviceMirror": (Field("devices", "[]string"),),
    "Grub": (Field("users", "[]GrubUser"),),
    "GrubUser": (Field("name", "string"), Field("password_hash", "*string")),
}

OPENSHIFT: dict[str, tuple[Field, ...]] = {
    "Config": (Field("metadata", "Metadata"), Field("openshift", "OpenShift")),
    "Metadata": (Field("name", "string"), Field("labels", "map[string]string")),
    "OpenShift": (
        Field("kernel_arguments", "[]string"),
        Field("extensions", "[]string"),
        Field("fips", "*bool"),
        Field("kernel_type", "*string"),
    ),
}

#: Types that butane names although they are only strings: the names appear in its type errors.
STRING_TYPES = frozenset(
    ("Device", "FilesystemOption", "Group", "KernelArgument", "LuksOption", "RaidOption", "SSHAuthorizedKey")
)

#: Lists that butane names.
LIST_TYPES = {"HTTPHeaders": "[]HTTPHeader"}

#: Keys that are sugar: the engine replaces them, so they keep their Butane names in the result.
SUGAR = frozenset(
    (
        "boot_device",
        "contents_local",
        "grub",
        "inline",
        "local",
        "metadata",
        "openshift",
        "quadlets",
        "ssh_authorized_keys_local",
        "trees",
        "with_mount_unit",
    )
)


def ignition_name(name: str) -> str:
    """The Ignition member that a Butane key becomes: `size_mib` is `sizeMiB`, `type_guid` is `typeGuid`."""
    if name in SUGAR:
        return name
    first, *rest = name.split("_")
    return first + "".join("MiB" if word == "mib" else word.capitalize() for word in rest)


def butane_name(name: str) -> str:
    """The Butane key that butane supposes behind an Ignition member when it knows no better."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name.replace("MiB", "_mib"))
