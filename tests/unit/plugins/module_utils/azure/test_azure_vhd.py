# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import struct
import uuid

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vhd
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


def changed(at: int, field: bytes, size: int = vhd.MIB) -> bytes:
    """A footer with another field, and the checksum that fits."""
    other = bytearray(vhd.footer(size, ID))
    other[at : at + len(field)] = field
    other[64:68] = struct.pack(">I", vhd.sum_of(bytes(other)))
    return bytes(other)


def test_a_footer_that_is_made_is_known(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "disk.vhd"
    path.write_bytes(bytes(3 * vhd.MIB) + vhd.footer(3 * vhd.MIB, ID))
    found = vhd.read(str(path))
    assert found == vhd.Vhd(3 * vhd.MIB, ID)
    assert found.file_size == path.stat().st_size


@pytest.mark.parametrize(
    ("size", "geometry"),
    [
        (1 << 20, (30, 4, 17)),
        (30 << 30, (62415, 16, 63)),
        (200 << 30, (65535, 16, 255)),
    ],
)
def test_the_geometry_of_the_footer(size: int, geometry: tuple[int, int, int]) -> None:
    if size < 127 << 30:
        assert struct.unpack_from(">HBB", vhd.footer(size, ID), 56) == geometry
    assert vhd.check("x", b"", vhd.footer(size, ID), size + vhd.FOOTER).size == size


@pytest.mark.parametrize(
    ("head", "tail", "size", "says"),
    [
        (b"vhdxfile", b"", 8 << 20, "VHDX"),
        (b"QFI\xfb", b"", 8 << 20, "qcow2"),
        (b"KDMV", b"", 8 << 20, "VMDK"),
        (b"", bytes(512), 8 << 20, "does not end in the footer"),
        (b"conectix", bytes(512), 8 << 20, "it was cut"),
        (b"", b"", 0, "does not end in the footer"),
        (b"", vhd.footer(vhd.MIB, ID)[:-1] + b"x", vhd.MIB + 512, "checksum"),
        (b"", changed(60, struct.pack(">I", 3)), vhd.MIB + 512, "a dynamic VHD"),
        (b"", changed(60, struct.pack(">I", 4)), vhd.MIB + 512, "a differencing VHD"),
        (b"", changed(60, struct.pack(">I", 9)), vhd.MIB + 512, "an unknown kind"),
        (b"", changed(16, struct.pack(">Q", 512)), vhd.MIB + 512, "not that of a fixed VHD"),
        (b"", vhd.footer(2 * vhd.MIB, ID), vhd.MIB + 512, "tells of a disk of 2097152 bytes, and 1048576"),
        (b"", vhd.footer(vhd.MIB + 512, ID), vhd.MIB + 1024, "Azure would want 2 MiB (2097152 bytes)"),
        (b"", vhd.footer(0, ID), 512, "multiple of 1 MiB"),
        (b"", vhd.footer(5 << 40, ID), (5 << 40) + 512, "an OS disk at most 4095"),
    ],
)
def test_what_azure_does_not_take_is_told_apart(head: bytes, tail: bytes, size: int, says: str) -> None:
    with pytest.raises(AzureError) as caught:
        vhd.check("disk.vhd", head, tail, size)
    assert caught.value.code == "vhd_invalid"
    assert says in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AzureError) as caught:
        vhd.read(str(tmp_path / "none"))
    assert caught.value.code == "source_unreadable"
