# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import pathlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import sparse, unpack
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.sparse import CELL, LONGEST, Piece, Range

MIB = 1 << 20


def piece(start: int, end: int) -> Piece:
    return Piece(start, end, b"")


def written(path: pathlib.Path, size: int, parts: dict[int, bytes]) -> pathlib.Path:
    """A sparse file with data at some places."""
    with open(path, "wb") as stream:
        for start, data in parts.items():
            stream.seek(start)
            stream.write(data)
        stream.truncate(size)
    return path


def planned(path: pathlib.Path) -> sparse.Plan:
    with open(path, "rb") as stream:
        return sparse.plan(stream)


def test_only_data_is_sent(tmp_path: pathlib.Path) -> None:
    parts = {5 * MIB: b"a" * 100, 1000 * MIB: b"b" * (9 * MIB), 3000 * MIB - 512: b"c" * 512}
    path = written(tmp_path / "disk", 3000 * MIB, parts)
    plan = planned(path)
    assert [(each.start, each.size) for each in plan.pieces] == [
        (5 * MIB, CELL),
        (1000 * MIB, LONGEST),
        (1004 * MIB, LONGEST),
        (1008 * MIB, MIB),
        (3000 * MIB - CELL, CELL),
    ]
    assert plan.pieces[1].sha256 == hashlib.sha256(b"b" * LONGEST).digest()
    assert plan.size == 3000 * MIB
    assert plan.bytes == 9 * MIB + 2 * CELL


def test_the_digest_is_of_the_contents_and_not_of_the_holes(tmp_path: pathlib.Path) -> None:
    parts = {9 * MIB: b"a" * 5000}
    sparse_one = planned(written(tmp_path / "a", 20 * MIB, parts))
    full = planned(written(tmp_path / "b", 20 * MIB, {0: bytes(20 * MIB), **parts}))
    assert full == sparse_one
    assert planned(written(tmp_path / "c", 21 * MIB, parts)).digest != full.digest
    assert planned(written(tmp_path / "d", 20 * MIB, {9 * MIB: b"b" * 5000})).digest != full.digest
    assert planned(written(tmp_path / "e", 20 * MIB, {0: b""})).pieces == ()


def test_the_last_piece_ends_with_the_file(tmp_path: pathlib.Path) -> None:
    plan = planned(written(tmp_path / "disk", 8 * MIB + 512, {8 * MIB: b"conectix"}))
    assert [(each.start, each.end) for each in plan.pieces] == [(8 * MIB, 8 * MIB + 512)]


def test_a_file_system_without_holes(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "disk", 20 * MIB, {9 * MIB: b"a"})
    wanted = planned(path)

    def refuse(*dummy: object) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "lseek", refuse)
    assert planned(path) == wanted


@given(st.lists(st.tuples(st.integers(0, 63), st.integers(1, 3 * CELL)), max_size=6), st.integers(1, LONGEST))
def test_nothing_but_zeros_is_left_out_of_a_block(parts: list[tuple[int, int]], size: int) -> None:
    block = bytearray(LONGEST)
    for cell, length in parts:
        block[cell * CELL + 7 : cell * CELL + 7 + length] = b"x" * length
    whole = bytes(block[:size])
    found = sparse.filled(whole)
    rebuilt = bytearray(len(whole))
    for each in found:
        assert each.start % CELL == 0 and (each.end % CELL == 0 or each.end == len(whole))
        rebuilt[each.start : each.end] = whole[each.start : each.end]
    assert bytes(rebuilt) == whole
    for before, after in zip(found, found[1:]):
        assert after.start - before.end > sparse.BRIDGE


def test_what_is_still_missing() -> None:
    pieces = [piece(0, 4), piece(4, 8), piece(12, 16), piece(20, 24)]
    assert sparse.missing(pieces, []) == pieces
    assert sparse.missing(pieces, [Range(0, 4), Range(4, 6), Range(12, 16)]) == [pieces[1], pieces[3]]
    assert sparse.missing(pieces, [Range(0, 8), Range(12, 24)]) == []
    assert sparse.missing(pieces, [Range(2, 9), Range(13, 16)]) == [pieces[0], pieces[2], pieces[3]]


numbers = st.lists(st.integers(0, 30), unique=True, max_size=12).map(sorted)


def pairs(cuts: list[int]) -> list[Range]:
    return [Range(start, end) for start, end in zip(cuts[::2], cuts[1::2])]


@given(numbers, numbers)
def test_ranges_by_their_members(one: list[int], other: list[int]) -> None:
    pieces, there = [piece(*each) for each in pairs(one)], pairs(other)
    has = {at for each in there for at in range(each.start, each.end)}
    wants = {at for each in pieces for at in range(each.start, each.end)}
    lacking = [each for each in pieces if not set(range(each.start, each.end)) <= has]
    assert sparse.missing(pieces, there) == lacking
    assert {at for each in sparse.beyond(pieces, there) for at in range(each.start, each.end)} == has - wants


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress, lzma.compress, None])
def test_a_packed_image_becomes_a_sparse_file(tmp_path: pathlib.Path, pack) -> None:
    content = bytes(9 * MIB) + b"data" + bytes(5 * MIB)
    packed, target = tmp_path / "packed", tmp_path / "target"
    packed.write_bytes(pack(content) if pack else content)
    said = []
    assert (unpack.opener(str(packed)) is None) == (pack is None)
    unpack.unpack(str(packed), str(target), lambda phase, done, total: said.append(phase))
    assert target.read_bytes() == content
    assert target.stat().st_blocks * 512 <= 2 * MIB
    assert set(said) == {"unpack"}
    assert sorted(tmp_path.iterdir()) == [packed, target]


def test_what_is_unpacked_already_is_left_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "target").write_text("whole")
    unpack.unpack("/none", str(tmp_path / "target"))
    assert (tmp_path / "target").read_text() == "whole"


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress, lzma.compress])
@pytest.mark.parametrize("damage", [lambda packed: packed[:-20], lambda packed: packed[:40] + b"?" * 40 + packed[80:]])
def test_a_damaged_file_leaves_nothing(tmp_path: pathlib.Path, pack, damage) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(damage(pack(os.urandom(200_000))))
    with pytest.raises(AzureError) as caught:
        unpack.unpack(str(packed), str(tmp_path / "target"))
    assert caught.value.code == "source_unreadable"
    assert list(tmp_path.iterdir()) == [packed]


def test_a_folder_that_is_not_there(tmp_path: pathlib.Path) -> None:
    (tmp_path / "packed").write_bytes(bz2.compress(b"a"))
    with pytest.raises(AzureError, match="work_dir"):
        unpack.unpack(str(tmp_path / "packed"), str(tmp_path / "none" / "target"))


def test_two_runs_for_one_target(tmp_path: pathlib.Path) -> None:
    packed, target = tmp_path / "packed", tmp_path / "target"
    packed.write_bytes(gzip.compress(os.urandom(1000) * 20_000))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            unpack.unpack(str(packed), str(target))
        except AzureError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for dummy in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert (
        hashlib.sha256(target.read_bytes()).digest()
        == hashlib.sha256(gzip.GzipFile(fileobj=io.BytesIO(packed.read_bytes())).read()).digest()
    )
