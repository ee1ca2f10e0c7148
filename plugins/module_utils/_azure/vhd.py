# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Fixed VHDs, the only disk images that Azure takes: the disk as it is, and a footer of 512 bytes behind it.

The footer is that of Microsoft's "Virtual Hard Disk Image Format Specification" (all numbers are big-endian). Azure
wants a disk whose size is a multiple of 1 MiB, "Prepare a Windows VHD or VHDX to upload to Azure".
"""

from __future__ import annotations

import os
import struct
import typing as t
import uuid

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

FOOTER = 512
MIB = 1 << 20
#: The largest OS disk that Azure makes, in bytes ("Azure managed disks overview").
LARGEST = 4095 << 30

_COOKIE = b"conectix"
_FIXED, _DYNAMIC, _DIFFERENCING = 2, 3, 4
_VERSION = 0x00010000
_NO_OFFSET = (1 << 64) - 1
#: cookie, features, version, offset of the next structure, time, creator and its version and system, size at first and
#: now, cylinders, heads, sectors, type, checksum, UUID, saved state.
_FIELDS = struct.Struct(">8sIIQI4sI4sQQHBBII16sB")
_CHECKSUM = 64
#: The beginnings of other formats, and how messages call them.
_OTHERS = {
    b"vhdxfile": "a VHDX",
    b"QFI\xfb": "a qcow2 image",
    b"KDMV": "a VMDK",
    b"# Disk DescriptorFile": "a VMDK",
}
_CONVERT = (
    "Convert it: qemu-img convert -O raw FROM disk.raw; qemu-img resize -f raw disk.raw SIZE, where SIZE is a multiple "
    "of 1 MiB; qemu-img convert -f raw -O vpc -o subformat=fixed,force_size disk.raw disk.vhd."
)


class Vhd(t.NamedTuple):
    """A fixed VHD. size is that of the disk in bytes, and FOOTER less than that of the file."""

    size: int
    id: uuid.UUID

    @property
    def file_size(self) -> int:
        return self.size + FOOTER


def read(path: str) -> Vhd:
    """The VHD at a path. AzureError when it is none that Azure takes, or cannot be read."""
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            head = stream.read(FOOTER)
            stream.seek(max(size - FOOTER, 0))
            tail = stream.read(FOOTER)
    except OSError as error:
        raise AzureError("source_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    return check(path, head, tail, size)


def check(name: str, head: bytes, tail: bytes, size: int) -> Vhd:
    """The VHD that has these first and last FOOTER bytes and this size in bytes."""
    for magic, format in _OTHERS.items():
        if head.startswith(magic):
            raise _invalid(name, f"it is {format}. {_CONVERT}")
    if not tail.startswith(_COOKIE):
        if head.startswith(_COOKIE):
            raise _invalid(name, "it begins as a VHD and does not end as one: it was cut. Fetch or make it again.")
        raise _invalid(
            name, f"it does not end in the footer of a VHD. If it is a raw disk or another format: {_CONVERT}"
        )
    footer = _FIELDS.unpack_from(tail)
    version, offset, current, kind, checksum = footer[2], footer[3], footer[9], footer[13], footer[14]
    if checksum != sum_of(tail):
        raise _invalid(name, "the checksum of its footer is wrong: it is damaged. Fetch or make it again.")
    if kind != _FIXED:
        kinds = {_DYNAMIC: "a dynamic", _DIFFERENCING: "a differencing"}
        raise _invalid(
            name, f"it is {kinds.get(kind, 'an unknown kind of')} VHD, and Azure takes fixed ones. {_CONVERT}"
        )
    if version >> 16 != _VERSION >> 16 or offset != _NO_OFFSET:
        raise _invalid(name, f"its footer is not that of a fixed VHD (version {version:#010x}, offset {offset:#x}).")
    if current != size - FOOTER:
        raise _invalid(
            name,
            f"its footer tells of a disk of {current} bytes, and {size - FOOTER} lie before it: it was cut, or grown "
            "without its footer. Fetch or make it again.",
        )
    if current == 0 or current % MIB:
        raise _invalid(
            name,
            f"its disk has {current} bytes, which is not a multiple of 1 MiB: Azure would want "
            f"{-(-current // MIB)} MiB ({-(-current // MIB) * MIB} bytes). {_CONVERT}",
        )
    if current > LARGEST:
        raise _invalid(name, f"its disk has {current >> 30} GiB, and an OS disk at most {LARGEST >> 30}.")
    return Vhd(current, uuid.UUID(bytes=footer[15]))


def footer(size: int, id: uuid.UUID) -> bytes:
    """The footer of a fixed VHD whose disk has size bytes."""
    cylinders, heads, sectors = _geometry(size)
    fields = (_COOKIE, 2, _VERSION, _NO_OFFSET, 0, b"flat", _VERSION, b"Wi2k", size, size, cylinders, heads, sectors)
    empty = _FIELDS.pack(*fields, _FIXED, 0, id.bytes, 0).ljust(FOOTER, b"\0")
    return empty[:_CHECKSUM] + struct.pack(">I", sum_of(empty)) + empty[_CHECKSUM + 4 :]


def sum_of(footer: bytes) -> int:
    """The checksum of a footer: the one's complement of the sum of its bytes, without that of the checksum itself."""
    return ~sum(footer[:_CHECKSUM] + footer[_CHECKSUM + 4 : FOOTER]) & 0xFFFFFFFF


def _geometry(size: int) -> tuple[int, int, int]:
    """Cylinders, heads and sectors, as the specification's appendix reckons them."""
    sectors = min(size // 512, 65535 * 16 * 255)
    if sectors >= 65535 * 16 * 63:
        return sectors // 255 // 16, 16, 255
    tracks = sectors // 17
    heads = max((tracks + 1023) // 1024, 4)
    if tracks < heads * 1024 and heads <= 16:
        return tracks // heads, heads, 17
    tracks = sectors // 31
    if tracks < 16 * 1024:
        return tracks // 16, 16, 31
    return sectors // 63 // 16, 16, 63


def _invalid(name: str, what: str) -> AzureError:
    return AzureError("vhd_invalid", f"{name} cannot become an image: {what}")
