# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVAs: members in any order, the pass, the verdict, and OVAs that are not to be had."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import pathlib
import tarfile

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_descriptor, ova_manifest
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import Ova, open_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import Source, source
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixtures
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.conftest import Memory, of_memory

NAME = fixtures.Shape().name
DISK = fixtures.disk_names(fixtures.Shape())[0]


def members(*order: str, manifest: str = "sha256") -> list[tuple[str, bytes]]:
    """Those of a tiny OVA: ovf, mf, vmdk."""
    disk = b"disk" * 1000
    found = {"vmdk": (DISK, disk), "ovf": (f"{NAME}.ovf", fixtures.descriptor(fixtures.Shape(), [len(disk)]).encode())}
    found["mf"] = (f"{NAME}.mf", fixtures.manifest(found.values(), manifest))
    return [found[kind] for kind in order]


def packed(path: pathlib.Path, *content: tuple[str, bytes]) -> Source:
    fixtures.pack(path / "image.ova", content)
    return source(path=str(path / "image.ova"))


def through(ova: Ova) -> dict[str, bytes]:
    return {member.name: b"".join(member.chunks) for member in ova.disks()}


def failure(given: Source) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        through(open_ova(given))
    return caught.value


@pytest.mark.parametrize("order", list(itertools.permutations(fixtures.ORDER)))
@pytest.mark.parametrize("manifest", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_any_order(order: tuple[str, ...], manifest: str, format: int, write) -> None:
    given = write(order=order, manifest=manifest, format=format, disks=2, random=2 << 20)
    ova = open_ova(given)
    assert ova.name == f"{NAME}.ovf"
    assert ova.whole
    content = through(ova)
    with tarfile.open(given.label) as archive:
        for name in fixtures.disk_names(fixtures.Shape(disks=2)):
            stream = archive.extractfile(name)
            assert stream is not None
            assert content[name] == stream.read()
    assert ova.verdict() == ("verified", None, None, pathlib.Path(given.label).stat().st_size)


@pytest.mark.parametrize("order", list(itertools.permutations(("ovf", "mf", "vmdk"))))
def test_any_order_of_what_cannot_be_walked(order: tuple[str, ...], tmp_path: pathlib.Path) -> None:
    packed(tmp_path, *members(*order))
    ova = open_ova(of_memory((tmp_path / "image.ova").read_bytes(), seekable=False))
    assert ova.whole is (order.index("vmdk") < order.index("ovf"))
    assert list(through(ova)) == [DISK]
    assert ova.verdict().manifest == "verified"
    assert ova.manifest is not None


def test_only_the_beginning_is_read() -> None:
    opened: list[Memory] = []
    content = archive_of(*members("ovf", "mf", "vmdk"))

    def begin() -> Memory:
        opened.append(Memory(content))
        return opened[-1]

    ova = open_ova(Source("memory", begin, False, "verify"))
    assert [member.name for member in ova.members] == [f"{NAME}.ovf", f"{NAME}.mf", DISK]
    assert [stream.position for stream in opened] == [content.index(b"diskdisk")]
    through(ova)
    assert [stream.position for stream in opened][1:] == [len(content)]


def archive_of(*content: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_what_is_not_taken_is_checked_all_the_same(write) -> None:
    ova = open_ova(write(disks=2))
    assert [member.name for member in ova.disks()] == fixtures.disk_names(fixtures.Shape(disks=2))
    assert ova.verdict().manifest == "verified"


def test_a_disk_that_is_half_taken(write) -> None:
    ova = open_ova(write(random=3 << 20))
    for member in ova.disks():
        assert len(next(member.chunks)) == 1 << 20
    assert ova.verdict().manifest == "verified"


def test_no_verdict_before_the_end(write) -> None:
    ova = open_ova(write())
    for when in ("before", "within"):
        if when == "within":
            next(ova.disks())
        with pytest.raises(VsphereError, match="not read to its end"):
            ova.verdict()
    through(ova)
    assert ova.verdict()


def test_a_bad_pass_leaves_no_verdict(write) -> None:
    ova = open_ova(write(manifest="bad"))
    with pytest.raises(VsphereError):
        through(ova)
    with pytest.raises(VsphereError, match="not read to its end"):
        ova.verdict()


def test_progress(write) -> None:
    said: list[tuple[str, int, int | None]] = []
    given = write(random=2 << 20)
    for dummy in open_ova(given).disks(lambda *state: said.append(state)):
        pass
    size = pathlib.Path(given.label).stat().st_size
    assert {(phase, total) for phase, dummy, total in said} == {("read", size)}
    assert [done for dummy, done, dummy_total in said] == sorted(done for dummy, done, dummy_total in said)


@pytest.mark.parametrize(
    ("policy", "manifest", "result"),
    [
        ("verify", "sha256", "verified"),
        ("verify", "none", "absent"),
        ("verify", "bad", "manifest_mismatch"),
        ("require", "sha256", "verified"),
        ("require", "none", "manifest_mismatch"),
        ("require", "bad", "manifest_mismatch"),
        ("ignore", "sha256", "ignored"),
        ("ignore", "none", "ignored"),
        ("ignore", "bad", "ignored"),
    ],
)
@pytest.mark.parametrize("order", [("ovf", "mf", "disks"), ("disks", "ovf", "mf")])
def test_policies(policy: str, manifest: str, result: str, order: tuple[str, ...], write) -> None:
    given = write(policy, manifest=manifest, order=order)
    if result.endswith("mismatch"):
        assert failure(given).code == result
    else:
        ova = open_ova(given)
        through(ova)
        assert ova.verdict().manifest == result


def test_manifest_that_is_required_is_missed_at_once(write) -> None:
    with pytest.raises(VsphereError, match="holds no manifest"):
        open_ova(write("require", manifest="none"))


@pytest.mark.parametrize("left_out", [0, 1])
def test_manifest_that_leaves_something_out(left_out: int, tmp_path: pathlib.Path) -> None:
    found = members("ovf", "mf", "vmdk")
    lines = found[1][1].splitlines(keepends=True)
    del lines[left_out]
    found[1] = (found[1][0], b"".join(lines))
    error = failure(packed(tmp_path, *found))
    assert error.code == "manifest_mismatch"
    assert "does not name" in str(error)


def test_manifest_that_names_more(tmp_path: pathlib.Path) -> None:
    found = members("ovf", "mf", "vmdk")
    found[1] = (found[1][0], found[1][1] + b"SHA1(other)= " + b"0" * 40)
    assert "names other, which is not there" in str(failure(packed(tmp_path, *found)))


def test_manifest_of_several_algorithms(tmp_path: pathlib.Path) -> None:
    found = members("ovf", "mf", "vmdk", manifest="sha1")
    line = f"SHA512({DISK})= {hashlib.sha512(found[2][1]).hexdigest()}\n".encode()
    found[1] = (found[1][0], line + found[1][1].splitlines(keepends=True)[1])
    ova = open_ova(packed(tmp_path, *found))
    through(ova)
    assert ova.manifest is not None
    assert ova_manifest.algorithms(ova.manifest) == ["sha1", "sha512"]
    assert ova.verdict().manifest == "verified"


def test_certificate_and_other_files_are_let_be(tmp_path: pathlib.Path) -> None:
    more = [(f"{NAME}.cert", b"not looked at"), ("readme.txt", b"neither")]
    ova = open_ova(packed(tmp_path, *members("ovf", "mf"), *more, *members("vmdk")))
    assert list(through(ova)) == [DISK]
    assert ova.verdict().manifest == "verified"


@pytest.mark.parametrize("part", ["ovf", "mf", "vmdk"])
def test_every_part_is_protected(part: str, tmp_path: pathlib.Path) -> None:
    found = dict(zip(("ovf", "mf", "vmdk"), members("ovf", "mf", "vmdk")))
    name, content = found[part]
    found[part] = (name, content.replace(b"e", b"f", 1) if part != "vmdk" else content[:-1] + b"!")
    assert failure(packed(tmp_path, *found.values())).code in ("manifest_mismatch", "ovf_invalid")


@pytest.mark.parametrize("order", [("ovf", "mf", "disks"), ("disks", "ovf", "mf")])
@pytest.mark.parametrize("cut", [12_000, 200_000, 1 << 20])
def test_truncated(order: tuple[str, ...], cut: int, write) -> None:
    assert failure(write(order=order, cut=cut, random=2 << 20)).code == "source_unreadable"


def test_size_that_lies(write) -> None:
    error = failure(write(manifest="none", edit=lambda text: text.replace('ovf:size="', 'ovf:size="1')))
    assert error.code == "ovf_invalid"
    assert "its descriptor says" in str(error)


def test_disk_that_is_missing(tmp_path: pathlib.Path) -> None:
    error = failure(packed(tmp_path, *members("ovf")))
    assert error.code == "ovf_invalid"
    assert f"its descriptor names {DISK}" in str(error)


def test_disk_that_is_missing_where_nothing_can_be_walked() -> None:
    with pytest.raises(VsphereError, match="its descriptor names"):
        through(open_ova(of_memory(archive_of(*members("ovf")), seekable=False)))


def test_two_descriptors(tmp_path: pathlib.Path) -> None:
    second = ("second.ovf", members("ovf")[0][1])
    assert "two descriptors" in str(failure(packed(tmp_path, *members("ovf", "vmdk"), second)))
    content = (tmp_path / "image.ova").read_bytes()
    assert "two descriptors" in str(failure(of_memory(content, seekable=False))), "met in the pass"


def test_two_manifests(tmp_path: pathlib.Path) -> None:
    assert "two manifests" in str(failure(packed(tmp_path, *members("ovf", "mf", "vmdk"), ("second.mf", b""))))


def test_no_descriptor(tmp_path: pathlib.Path) -> None:
    assert "no descriptor" in str(failure(packed(tmp_path, *members("mf", "vmdk"))))


@pytest.mark.parametrize(("kind", "limit"), [("ovf", ova_descriptor.LARGEST), ("mf", ova_manifest.LARGEST)])
def test_gigantic_text(kind: str, limit: int, tmp_path: pathlib.Path) -> None:
    error = failure(packed(tmp_path, (f"a.{kind}", bytes(limit + 1))))
    assert f"a.{kind} has {limit + 1} bytes" in str(error)


def test_member_of_9_gib() -> None:
    """Only its header is there: the size is believed until the archive ends too early."""
    info = tarfile.TarInfo(DISK)
    info.size = 9 << 30
    text = fixtures.descriptor(fixtures.Shape(), [9 << 30]).encode()
    content = archive_of(("a.ovf", text))[: 512 + -(-len(text) // 512) * 512] + info.tobuf(tarfile.GNU_FORMAT)
    ova = open_ova(of_memory(content, seekable=False))
    assert ova.members[-1].size == 9 << 30
    with pytest.raises(VsphereError, match="it is not whole"):
        through(ova)


@pytest.mark.parametrize("changed", ["ovf", "mf"])
def test_changed_between_reading_and_passing(changed: str, tmp_path: pathlib.Path) -> None:
    given = packed(tmp_path, *members("ovf", "mf", "vmdk"))
    ova = open_ova(given)
    if changed == "ovf":
        text = fixtures.descriptor(fixtures.Shape(cpus=9), [4000]).encode()
        found = {"vmdk": members("vmdk")[0], "ovf": (f"{NAME}.ovf", text)}
        packed(tmp_path, *found.values(), (f"{NAME}.mf", fixtures.manifest(found.values(), "sha256")))
    else:
        packed(tmp_path, *members("ovf", "mf", "vmdk", manifest="sha512"))
    with pytest.raises(VsphereError, match="has changed while it was read"):
        through(ova)


def test_path(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be read: No such file" in str(failure(source(path=str(tmp_path / "none.ova"))))
    assert failure(source(path=str(tmp_path))).code == "source_unreadable"
    monkeypatch.setenv("HOME", str(tmp_path))
    packed(tmp_path, *members("ovf", "vmdk"))
    assert open_ova(source(path="~/image.ova")).name


def test_fifo_is_not_waited_for(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "image.ova")
    assert "no regular file" in str(failure(source(path=str(tmp_path / "image.ova"))))
