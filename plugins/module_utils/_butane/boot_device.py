# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Fedora CoreOS's sugar for the boot disk and for GRUB users, and its warnings about the root partition."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.desugar import Desugar, to_bytes
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.origins import Made
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

Config = dict[str, t.Any]

_RESERVED = ("reserved", 1, "8DA63339-0007-60C0-C436-083AC8230908")
_BIOS = ("bios", 1, "21686148-6449-6E6F-744E-656564454649")
_PREP = ("prep", 4, "9E1A2D38-C612-4316-AA26-8B49521E5A8B")
_ESP = ("esp", 127, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")

#: The two partitions that each layout has before boot and root. Layouts of s390x cannot be mirrored.
_LEADING = {"x86_64": (_BIOS, _ESP), "aarch64": (_RESERVED, _ESP), "ppc64le": (_PREP, _RESERVED)}

#: What is appended to the device of these layouts: the number of their root partition.
_ROOT_PARTITION = {"s390x-eckd": "2", "s390x-zfcp": "4"}

#: Labels of the partitions of the operating system, and the numbers that they have there.
_NUMBERS = {"BIOS-BOOT": 1, "PowerPC-PReP-boot": 1, "EFI-SYSTEM": 2, "boot": 3, "root": 4}


def _filesystem(device: str, kind: str, label: str) -> Config:
    return {"device": device, "format": kind, "label": label, "wipeFilesystem": True}


def boot_device(boot: Config) -> tuple[Config, Made]:
    """The disks, RAID arrays, LUKS volume and filesystems that boot_device stands for; empty where it asks for none."""
    luks, devices = boot.get("luks") or {}, (boot.get("mirror") or {}).get("devices") or []
    wants_luks = bool(luks.get("tpm2") or luks.get("tang") or (luks.get("cex") or {}).get("enabled"))
    made = Made()
    if not wants_luks and not devices:
        return {}, made
    storage: Config = {"filesystems": []}
    if devices:
        _mirror(storage, made, devices, boot.get("layout") or "x86_64")
    if wants_luks:
        storage["luks"] = [_luks(luks, boot.get("layout"), bool(devices))]
        source: Path = ("boot_device", "luks")
        member: Path = ("storage", "luks", 0)
        made.one(("storage", "luks"), source)
        made.part((*member, "clevis"), source, parallel=True)
        made.part((*member, "cex"), source, parallel=True)
        made.one((*member, "discard"), (*source, "discard"))
        for path in (member, *((*member, name) for name in ("device", "label", "name", "wipeVolume"))):
            made.one(path, source)
    root = "/dev/mapper/root" if wants_luks else "/dev/md/md-root"
    made.part(("storage", "filesystems", len(storage["filesystems"])), ("boot_device",))
    storage["filesystems"].append(_filesystem(root, "xfs", "root"))
    made.one(("storage", "filesystems"), ("boot_device",))
    made.one(("storage",), ("boot_device",))
    return {"storage": storage}, made


def _mirror(storage: Config, made: Made, devices: list[str], layout: str) -> None:
    filesystems, disks = storage["filesystems"], storage.setdefault("disks", [])
    mirror: Path = ("boot_device", "mirror")
    for index, device in enumerate(devices):
        source: Path = (*mirror, "devices", index)
        partitions: list[Config] = [
            {"label": f"{label}-{index + 1}", "sizeMiB": size, "typeGuid": guid}
            for label, size, guid in _LEADING[layout]
        ]
        partitions += [{"label": f"boot-{index + 1}", "sizeMiB": 384}, {"label": f"root-{index + 1}"}]
        made.part(("storage", "disks", index), source)
        disks.append({"device": device, "partitions": partitions, "wipeTable": True})
        if _ESP in _LEADING[layout]:
            label = f"esp-{index + 1}"
            made.part(("storage", "filesystems", len(filesystems)), source)
            filesystems.append(_filesystem(f"/dev/disk/by-partlabel/{label}", "vfat", label))
    made.one(("storage", "disks"), (*mirror, "devices"))

    def raid(label: str) -> Config:
        members = [f"/dev/disk/by-partlabel/{label}-{index + 1}" for index in range(len(devices))]
        return {"devices": members, "level": "raid1", "name": f"md-{label}"}

    # The superblock of the boot array stands at its end, where GRUB of a BIOS does not see it.
    storage["raid"] = [{**raid("boot"), "options": ["--metadata=1.0"]}, raid("root")]
    made.part(("storage", "raid"), mirror)
    made.part(("storage", "filesystems", len(filesystems)), mirror)
    filesystems.append(_filesystem("/dev/md/md-boot", "ext4", "boot"))


def _luks(luks: Config, layout: str | None, mirrored: bool) -> Config:
    if layout in _ROOT_PARTITION:
        device = luks["device"] + _ROOT_PARTITION[layout]
    else:
        device = "/dev/md/md-root" if mirrored else "/dev/disk/by-partlabel/root"
    volume = {"device": device, "label": "luks-root", "name": "root", "wipeVolume": True}
    if "discard" in luks:
        volume["discard"] = luks["discard"]
    if (luks.get("cex") or {}).get("enabled"):
        return {**volume, "cex": luks["cex"]}
    return {**volume, "clevis": {key: luks[key] for key in ("tang", "threshold", "tpm2") if key in luks}}


def grub(users: list[Config], desugar: Desugar) -> tuple[Config, Made]:
    """The file with GRUB's users and passwords, and the filesystem that it lies on."""
    made = Made()
    if not users:
        return {}, made
    names = " ".join(user["name"] for user in users)
    lines = ["# Generated by Butane", "", f'set superusers="{names}"']
    lines += [f"password_pbkdf2 {user['name']} {user['passwordHash']}" for user in users]
    resource: Config = {}
    desugar.fill(resource, to_bytes("\n".join(lines) + "\n"))
    made.part(("storage",), ("grub", "users"))
    storage = {
        "filesystems": [{"device": "/dev/disk/by-label/boot", "format": "ext4", "path": "/boot"}],
        "files": [{"path": "/boot/grub2/user.cfg", "append": [resource]}],
    }
    return {"storage": storage}, made


def partition_warnings(config: Config, sizes: bool) -> list[Entry]:
    """Warnings about partitions of the operating system; sizes: also about the size of root. Paths of the result."""
    entries = []
    for index, disk in enumerate((config.get("storage") or {}).get("disks") or ()):
        partitions = disk.get("partitions") or []
        for number, partition in enumerate(partitions):
            label = partition.get("label")
            path: Path = ("storage", "disks", index, "partitions", number)
            if sizes and label == "root":
                size = partition.get("sizeMiB")
                others = [other for place, other in enumerate(partitions) if place != number]
                if not size and not all(other.get("startMiB") for other in others):
                    message = (
                        "root partition cannot expand; it is set to fill available space but is followed by an"
                        " auto-positioned partition"
                    )
                    entries.append(Entry("warning", (*path, "label"), message))
                elif size and size < 8192:
                    message = "root should have 8GiB of space assigned"
                    entries.append(Entry("warning", (*path, "size_mib"), message))
            if not disk.get("wipeTable") and _NUMBERS.get(label, 0) not in (0, partition.get("number", 0)):
                message = "incorrect partition number; a new partition will be created using reserved label"
                entries.append(Entry("warning", (*path, "label"), message))
    return entries
