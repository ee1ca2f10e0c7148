# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixture OVAs: their disks are read back by the rules of the format."""

from __future__ import annotations

import hashlib
import pathlib
import struct
import subprocess
import sys
import tarfile
import zlib

import pytest

from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixtures

SECTOR = 512
GRAIN = 65536


def members(path: pathlib.Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        streams = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: stream.read() for name, stream in streams.items() if stream}


def grains(disk: bytes) -> dict[int, bytes]:
    """Number -> content, found by the footer, the directory and the tables."""
    assert disk[-SECTOR:] == bytes(SECTOR), "the end-of-stream marker"
    magic, version, flags, dummy_capacity, size, *places = struct.unpack_from("<4sIIQQQQIQQQ", disk, len(disk) - 1024)
    assert (magic, version, flags, size) == (b"KDMV", 3, 0x30001, GRAIN // SECTOR)
    directory = struct.unpack_from("<4sIIQQQQIQQQ", disk, 0)[9]
    assert directory == 0xFFFFFFFFFFFFFFFF, "the header says that the footer knows"
    found = {}
    per_table, at = places[2], places[4] * SECTOR
    tables = -(-dummy_capacity // (GRAIN // SECTOR * per_table))
    for number, table in enumerate(struct.unpack_from(f"<{tables}I", disk, at)):
        entries = struct.unpack_from(f"<{per_table}I", disk, table * SECTOR) if table else ()
        for index, grain in enumerate(entries):
            if grain:
                place, length = struct.unpack_from("<QI", disk, grain * SECTOR)
                assert place == (number * per_table + index) * GRAIN // SECTOR
                found[number * per_table + index] = zlib.decompress(disk[grain * SECTOR + 12 :][:length])
    return found


@pytest.mark.parametrize(("capacity", "random"), [(GRAIN * 512, 0), (12600 << 20, 1 << 20), (300 << 20, 4 << 20)])
def test_disks(capacity: int, random: int, tmp_path: pathlib.Path) -> None:
    fixtures.write(tmp_path / "a.ova", fixtures.Shape(capacity=capacity, random=random))
    disk = members(tmp_path / "a.ova")[fixtures.disk_names(fixtures.Shape())[0]]
    assert len(disk) % SECTOR == 0
    found = grains(disk)
    assert found.pop(0).startswith(b"no Flatcar")
    assert len(found) == random // GRAIN
    assert all(len(content) == GRAIN for content in found.values())
    assert len(set(found.values())) == len(found)


def test_same_seed_same_bytes(tmp_path: pathlib.Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        fixtures.write(tmp_path / name, fixtures.Shape(random=1 << 20, seed=seed))
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b
    assert a != c


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha512"])
def test_manifest(kind: str, tmp_path: pathlib.Path) -> None:
    fixtures.write(tmp_path / "a.ova", fixtures.Shape(manifest=kind, disks=2))
    found = members(tmp_path / "a.ova")
    lines = found.pop(f"{fixtures.Shape().name}.mf").decode().splitlines()
    expected = {f"{kind.upper()}({name})= {hashlib.new(kind, content).hexdigest()}" for name, content in found.items()}
    assert set(lines) == expected


def test_what_can_be_chosen(tmp_path: pathlib.Path) -> None:
    shape = fixtures.Shape(order=("disks", "ovf"), manifest="none", disks=2, edit=lambda text: text.upper())
    size = fixtures.write(tmp_path / "a.ova", shape._replace(cut=100))
    assert size == (tmp_path / "a.ova").stat().st_size == fixtures.write(tmp_path / "b.ova", shape) - 100
    found = members(tmp_path / "b.ova")
    assert list(found) == [*fixtures.disk_names(shape), f"{shape.name}.ovf"]
    assert b"<ENVELOPE" in found[f"{shape.name}.ovf"]


def test_program(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "a.ova")
    command = [sys.executable, fixtures.__file__, path, "--order=ovf,disks,mf", "--capacity=100", "--disks=2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) == (tmp_path / "a.ova").stat().st_size
    suffixes = [name.rpartition(".")[2] for name in members(tmp_path / "a.ova")]
    assert suffixes == ["ovf", "vmdk", "vmdk", "mf"]
