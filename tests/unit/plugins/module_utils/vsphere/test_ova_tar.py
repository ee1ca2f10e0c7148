# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reader of tar archives, against those of Python's tarfile and against hostile ones."""

from __future__ import annotations

import io
import tarfile
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_tar
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.conftest import Memory, of_memory

FORMATS: tuple[t.Any, ...] = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
GIB = 1 << 30

names = st.text(st.characters(min_codepoint=33, exclude_characters="/\\", exclude_categories=("C", "Z")), min_size=1)


def entry(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def archive(*members: tuple[tarfile.TarInfo, bytes], format: t.Any = tarfile.GNU_FORMAT, **options: t.Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, **options) as made:
        for info, content in members:
            made.addfile(info, io.BytesIO(content))
    return out.getvalue()


def read(content: bytes, known: bool = True) -> list[tuple[str, bytes]]:
    tar = ova_tar.Tar(Memory(content, known), of_memory(content))
    found = []
    while member := tar.advance():
        found.append((member.name, b"".join(tar.chunks())))
        assert len(found[-1][1]) == member.size
    return found


def failure(content: bytes) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        read(content)
    return caught.value


@given(
    members=st.lists(st.tuples(names, st.binary(max_size=2000)), max_size=5, unique_by=lambda member: member[0]),
    format=st.sampled_from(FORMATS),
    known=st.booleans(),
)
def test_reads_what_tarfile_writes(members: list[tuple[str, bytes]], format: int, known: bool) -> None:
    members = [(name, content) for name, content in members if name not in (".", "..")]
    if format == tarfile.USTAR_FORMAT:
        members = [member for member in members if len(member[0].encode()) <= 100]
    made = archive(*((entry(name, len(content)), content) for name, content in members), format=format)
    assert read(made, known) == members


@given(
    content=st.binary(max_size=3000),
    place=st.integers(0, 4095),
    patch=st.binary(min_size=1, max_size=600),
    format=st.sampled_from(FORMATS),
)
def test_damaged_archives_are_refused_or_read(content: bytes, place: int, patch: bytes, format: int) -> None:
    made = bytearray(archive((entry("a" * 120 + ".ovf" if format != FORMATS[0] else "a", len(content)), content)))
    made[place : place + len(patch)] = patch
    try:
        found = read(bytes(made))
    except VsphereError as error:
        assert error.code in ("ovf_invalid", "source_unreadable")
    else:
        assert sum(len(member) for dummy, member in found) <= len(made)


@given(content=st.binary(max_size=3000))
def test_no_archive(content: bytes) -> None:
    if content.strip(b"\0"):
        assert failure(content).code in ("ovf_invalid", "source_unreadable")


def test_messages_say_what_it_is_not() -> None:
    assert str(failure(b"PK\3\4".ljust(1024, b"x"))) == "memory cannot be used: it is no OVA: no tar archive."


def test_what_is_not_read_is_skipped() -> None:
    content = archive((entry("a", 5000), bytes(5000)), (entry("b", 3), b"end"))
    tar = ova_tar.Tar(Memory(content), of_memory(content))
    assert tar.advance() == ("a", 5000)
    assert next(tar.chunks()) == bytes(5000)
    assert tar.advance() == ("b", 3)
    assert tar.advance() is None


def test_pieces_are_small() -> None:
    content = archive((entry("a", 3 << 20), bytes(3 << 20)))
    tar = ova_tar.Tar(Memory(content), of_memory(content))
    tar.advance()
    assert [len(chunk) for chunk in tar.chunks()] == [1 << 20] * 3


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_more_than_octal_holds(format: t.Any) -> None:
    """A header of a disk of 9 GiB: in base 256 by GNU, in a record by pax."""
    header = entry("disk.vmdk", 9 * GIB).tobuf(format)
    tar = ova_tar.Tar(Memory(header, known=False), of_memory(header))
    assert tar.advance() == ("disk.vmdk", 9 * GIB)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "name",
    ["../a.ovf", "/etc/a.ovf", "x/../a.ovf", "./../a.ovf", "folder/a.ovf", "a\\b.ovf", "a\nb", "a\x1b[2J.ovf", ".."],
)
def test_tricks_in_names(name: str, format: int) -> None:
    assert failure(archive((entry(name, 1), b"x"), format=format)).code == "ovf_invalid"


def test_names_that_begin_with_here() -> None:
    folder = entry(".", type=tarfile.DIRTYPE)
    assert read(archive((folder, b""), (entry("./a.ovf", 1), b"x"))) == [("a.ovf", b"x")]


@pytest.mark.parametrize("name", ["a.ovf", "./a.ovf"])
def test_a_name_twice(name: str) -> None:
    assert "a.ovf twice" in str(failure(archive((entry("a.ovf", 1), b"x"), (entry(name, 1), b"y"))))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a FIFO"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (b"V", "no plain file"),
    ],
)
def test_other_kinds(kind: bytes, what: str) -> None:
    link = entry("disk.vmdk", type=kind, linkname="/etc/shadow")
    assert f"is {what}" in str(failure(archive((link, b""))))


def test_sparse_file_of_pax() -> None:
    made = archive((entry("a", 1, pax_headers={"GNU.sparse.major": "1"}), b"x"), format=tarfile.PAX_FORMAT)
    assert "sparse" in str(failure(made))


@pytest.mark.parametrize("key", ["path", "size"])
def test_global_header_for_every_file(key: str) -> None:
    made = archive((entry("a", 1), b"x"), format=tarfile.PAX_FORMAT, pax_headers={key: "7"})
    assert "every file" in str(failure(made))


def test_global_header_with_a_comment() -> None:
    made = archive((entry("a", 1), b"x"), format=tarfile.PAX_FORMAT, pax_headers={"comment": "a commit"})
    assert read(made) == [("a", b"x")]


@pytest.mark.parametrize("size", ["-1", "1e3", "", "9" * 30, "\N{FULLWIDTH DIGIT ONE}"])
def test_size_of_pax_that_is_none(size: str) -> None:
    made = archive((entry("a", 1, pax_headers={"size": size}), b"x"), format=tarfile.PAX_FORMAT)
    assert failure(made).code == "ovf_invalid"


def test_size_of_pax_that_lies() -> None:
    made = archive((entry("a", 1, pax_headers={"size": "99999999"}), b"x"), format=tarfile.PAX_FORMAT)
    assert failure(made).code == "source_unreadable"


@pytest.mark.parametrize("field", [b"\xff" * 12, b"-0000000001\0", b"0_000000001\0", b"0x000000001\0"])
def test_size_that_is_none(field: bytes) -> None:
    header = bytearray(entry("a", 1).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = field
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    assert failure(bytes(header)).code == "ovf_invalid"


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_gigantic_header(kind: bytes) -> None:
    made = archive((entry("x", 1 << 20, type=kind), bytes(1 << 20)))
    assert "a header of 1048576 bytes" in str(failure(made))


def test_endless_headers() -> None:
    made = entry("x", 0, type=tarfile.XHDTYPE).tobuf() * 5000
    assert "more than 4096 headers" in str(failure(made))


@pytest.mark.parametrize("cut", [100, 512, 700, 1536, 1600])
@pytest.mark.parametrize("known", [True, False])
def test_truncated(cut: int, known: bool) -> None:
    made = archive((entry("a", 700), bytes(range(250)) * 2 + bytes(200)), (entry("b", 700), bytes(700)))[:cut]
    with pytest.raises(VsphereError, match="it is not whole") as caught:
        tar = ova_tar.Tar(Memory(made, known), of_memory(made))
        while tar.advance():
            for dummy in tar.chunks():
                pass
    assert caught.value.code == "source_unreadable"
