# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of disks, partitions, filesystems, RAID arrays and LUKS volumes."""

from __future__ import annotations

import itertools
import re

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import decode, gourl, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import size
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.rules_resource import (
    BAD_SCHEME,
    BAD_URL,
    check_resource,
    url_error,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.rules_storage import path_error

_GUID = re.compile(r"(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})?\Z")
_DEVICE_REQUIRED = "disk device is required"
_INT64 = 1 << 63
#: Longest label of a filesystem in bytes, by format.
_LABEL_SIZES = {"ext4": 16, "btrfs": 256, "xfs": 12, "swap": 15, "vfat": 11}
_STRIPED = ("linear", "raid0", "0", "stripe")
_REDUNDANT = ("raid1", "1", "mirror", "raid4", "4", "raid5", "5", "raid6", "6", "raid10", "10")


def check_disks(storage: schema.Config, no_deletion_beside_zero: bool, found: list[Entry]) -> None:
    """no_deletion_beside_zero is a rule of Ignition up to 2.26; see rules.IGNITION_2_26."""
    for index, disk in enumerate(storage.get("disks") or ()):
        path: Path = ("storage", "disks", index)
        partitions = disk.get("partitions") or []
        device = disk.get("device") or ""
        if not device:
            found.append(Entry("error", (*path, "device"), _DEVICE_REQUIRED))
        else:
            _check_table(device, partitions, path, no_deletion_beside_zero, found)
        for number, partition in enumerate(partitions):
            _check_partition(partition, (*path, "partitions", number), found)


def _check_table(
    device: str, partitions: list[schema.Config], path: Path, no_deletion_beside_zero: bool, found: list[Entry]
) -> None:
    """What concerns a disk and its partitions together: at most one finding of each kind."""
    message = path_error(device)
    if message:
        found.append(Entry("error", (*path, "device"), message))
    path = (*path, "partitions")
    index = _same_number(partitions)
    if index is not None:
        found.append(Entry("error", (*path, index), "partition numbers collide"))
    index = _overlapping(partitions)
    if index is not None:
        found.append(Entry("error", (*path, index), "partitions overlap"))
    if no_deletion_beside_zero and _deletion_beside_zero(partitions):
        message = "shouldExist is false for a partition and other partition(s) has start or size 0"
        found.append(Entry("error", path, message))
    index = _same_label(partitions)
    if index is not None:
        found.append(Entry("error", (*path, index), "cannot use the same partition label twice"))


def _same_number(partitions: list[schema.Config]) -> int | None:
    """The second partition of a number that two have; where several numbers collide, Ignition takes any of them."""
    seen = set()
    for index, partition in enumerate(partitions):
        number = partition.get("number") or 0
        if number and number in seen:
            return index
        seen.add(number)
    return None


def _same_label(partitions: list[schema.Config]) -> int | None:
    seen = set()
    for index, partition in enumerate(partitions):
        label = partition.get("label")
        if label is not None and label in seen:
            return index
        seen.add(label)
    return None


def _deletion_beside_zero(partitions: list[schema.Config]) -> bool:
    """Whether one partition shall not exist and one (perhaps the same) has number 0; the message tells otherwise."""
    return any(partition.get("shouldExist") is False for partition in partitions) and any(
        not partition.get("number") for partition in partitions
    )


def _overlapping(partitions: list[schema.Config]) -> int | None:
    """Seen from each partition with a start and a size, the first other one that it overlaps. Size 0 is one point."""
    spans = []
    for index, partition in enumerate(partitions):
        start, length = partition.get("startMiB"), partition.get("sizeMiB")
        if start and length is not None:
            # The sum wraps around as Go's does.
            end = (start + length - 1 + _INT64) % (2 * _INT64) - _INT64 if length else start
            spans.append((index, start, end))
    if not _crowded(spans):
        return None
    for index, start, end in spans:
        for other, other_start, other_end in spans:
            inside = other_start <= start <= other_end or other_start <= end <= other_end
            if index != other and (inside or (start < other_start and end > other_end)):
                return other
    return None


def _crowded(spans: list[tuple[int, int, int]]) -> bool:
    """Whether spans may overlap: put in order, one starts before another has ended, or one ends before it starts."""
    ordered = sorted((start, end) for dummy, start, end in spans)
    return any(start > end for start, end in ordered) or any(
        before[1] >= after[0] for before, after in itertools.pairwise(ordered)
    )


def _check_partition(partition: schema.Config, path: Path, found: list[Entry]) -> None:
    label = partition.get("label")
    if partition.get("shouldExist") is False and (
        any(partition.get(member) is not None for member in ("label", "startMiB", "sizeMiB"))
        or partition.get("guid")
        or partition.get("typeGuid")
    ):
        message = "shouldExist specified false with other options also specified"
        found.append(Entry("error", path, message))
    if not partition.get("number") and label is None:
        found.append(Entry("error", path, "a partition number >= 1 or a label must be specified"))
    if label and size(label) > 36:
        found.append(Entry("error", (*path, "label"), "partition labels may not exceed 36 characters"))
    elif label and ":" in label:
        message = "partition label will be truncated to text before the colon"
        found.append(Entry("error", (*path, "label"), message))
    for member in ("guid", "typeGuid"):
        if not _GUID.match(partition.get(member) or ""):
            message = 'doesn\'t match the form "01234567-89AB-CDEF-EDCB-A98765432101"'
            found.append(Entry("error", (*path, member), message))


def check_filesystems(storage: schema.Config, minor: int, virtiofs: bool, found: list[Entry]) -> None:
    """virtiofs is allowed by Ignition after 2.26 in 3.7.0-experimental; see rules.IGNITION_2_26."""
    formats = ["ext4", "btrfs", "xfs", "swap", "vfat"]
    if minor >= 3:
        formats.append("none")
    if minor >= 7 and virtiofs:
        formats.append("virtiofs")
    for index, filesystem in enumerate(storage.get("filesystems") or ()):
        path: Path = ("storage", "filesystems", index)
        kind = filesystem.get("format") or ""
        tagged = kind == "virtiofs" and kind in formats
        mount_path, device = filesystem.get("path"), filesystem.get("device") or ""
        errors = {
            "path": path_error(mount_path) if mount_path else None,
            "device": _tag_error(device) if tagged else path_error(device),
            "format": _format_error(filesystem, kind, formats),
            "label": _label_error(filesystem.get("label") or "", kind, tagged),
        }
        if tagged:
            errors.update(_tagged_errors(filesystem))
        found.extend(Entry("error", (*path, member), message) for member, message in errors.items() if message)


def _tag_error(device: str) -> str | None:
    if not device:
        return "device not specified"
    return "virtiofs device tag cannot be longer than 36 bytes" if size(device) > 36 else None


def _format_error(filesystem: schema.Config, kind: str, formats: list[str]) -> str | None:
    if kind:
        return None if kind in formats else "invalid filesystem format"
    members = ("path", "label", "uuid", "wipeFilesystem", "mountOptions", "options")
    if any(filesystem.get(member) for member in members):
        return "format cannot be empty when path, label, uuid, wipeFilesystem, options, or mountOptions is specified"
    return None


def _label_error(label: str, kind: str, tagged: bool) -> str | None:
    if not label:
        return None
    if not kind:
        return "filesystem must specify format if label is specified"
    if tagged:
        return "filesystem labels cannot be set when using virtiofs"
    longest = _LABEL_SIZES.get(kind)
    if longest is None or size(label) <= longest:
        return None
    return f"filesystem labels cannot be longer than {longest} characters when using {kind}"


def _tagged_errors(filesystem: schema.Config) -> dict[str, str | None]:
    """What a filesystem that is no block device cannot have."""
    messages = {
        "uuid": "filesystem uuid cannot be set for non-block-device filesystems",
        "wipeFilesystem": "wipeFilesystem cannot be set for non-block-device filesystems",
        "options": "filesystem options (mkfs) cannot be set for non-block-device filesystems",
    }
    return {member: message for member, message in messages.items() if filesystem.get(member)}


def check_luks(storage: schema.Config, minor: int, found: list[Entry]) -> None:
    for index, volume in enumerate(storage.get("luks") or ()):
        path: Path = ("storage", "luks", index)
        if "/" in (volume.get("name") or ""):
            found.append(Entry("error", (*path, "name"), "device names cannot contain slashes"))
        if size(volume.get("label") or "") > 47:
            message = "luks device labels cannot be longer than 47 characters"
            found.append(Entry("error", (*path, "label"), message))
        device = volume.get("device")
        device_error = path_error(device) if device else _DEVICE_REQUIRED
        if device_error:
            found.append(Entry("error", (*path, "device"), device_error))
        _check_unlocking(volume, path, minor, found)


def _check_unlocking(volume: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    clevis = volume.get("clevis") or {}
    custom = clevis.get("custom")
    key_file = volume.get("keyFile") or {}
    key_source = key_file.get("source")
    others = bool(clevis.get("tang") or clevis.get("tpm2") or clevis.get("threshold"))
    # In 3.2 custom is a pointer: {} counts as present there.
    has_custom = custom is not None if minor == 2 else bool(custom and custom.get("pin"))
    if has_custom and others:
        message = "cannot use custom clevis config with tpm2, tang, or threshold"
        found.append(Entry("error", (*path, "clevis"), message))
    if key_source and url_error(key_source, minor):
        # There is no such member; Ignition calls it so.
        found.append(Entry("error", (*path, "keys"), "invalid key-file source"))
    if (volume.get("cex") or {}).get("enabled"):
        if others or (custom and custom.get("pin")):
            found.append(Entry("error", (*path, "cex"), "cannot use cex with clevis"))
        if key_source:
            found.append(Entry("error", (*path, "cex"), "cannot use key file with cex"))
    if custom:
        _check_custom(custom, (*path, "clevis", "custom"), minor, found)
    for index, tang in enumerate(clevis.get("tang") or ()):
        _check_tang(tang, (*path, "clevis", "tang", index), found)
    check_resource(key_file, (*path, "keyFile"), minor, found)


def _check_custom(custom: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    pin, config = custom.get("pin"), custom.get("config")
    if not (pin or config or (custom.get("needsNetwork") and minor > 2)):
        return
    if not pin and minor > 2:
        found.append(Entry("error", (*path, "pin"), "missing required custom clevis pin"))
    elif pin not in ("tpm2", "tang", "sss") and minor < 6:
        found.append(Entry("error", (*path, "pin"), "unsupported clevis pin"))
    if not config:
        found.append(Entry("error", (*path, "config"), "missing required custom clevis config"))


def _check_tang(tang: schema.Config, path: Path, found: list[Entry]) -> None:
    url = gourl.parse(tang.get("url") or "")
    if url is None or url.scheme not in ("http", "https"):
        found.append(Entry("error", (*path, "url"), BAD_SCHEME if url else BAD_URL))
    if not tang.get("thumbprint"):
        found.append(Entry("error", (*path, "thumbprint"), "thumbprint is required"))
    advertisement = tang.get("advertisement")
    if advertisement and not decode.is_json(advertisement):
        found.append(Entry("error", (*path, "advertisement"), "advertisement is not valid JSON"))


def check_raid(storage: schema.Config, minor: int, found: list[Entry]) -> None:
    for index, array in enumerate(storage.get("raid") or ()):
        path: Path = ("storage", "raid", index)
        level, devices = array.get("level") or "", array.get("devices") or ()
        if not level and minor >= 3:
            found.append(Entry("error", (*path, "level"), "raid level is required"))
        elif level in _STRIPED:
            if array.get("spares"):
                message = "spares unsupported for linear and raid0 arrays"
                found.append(Entry("error", (*path, "level"), message))
        elif level not in _REDUNDANT:
            found.append(Entry("error", (*path, "level"), "unrecognized raid level"))
        if not devices:
            found.append(Entry("error", (*path, "devices"), "raid devices required"))
        for number, device in enumerate(devices):
            device_error = path_error(device)
            if device_error:
                found.append(Entry("error", (*path, "devices", number), device_error))
