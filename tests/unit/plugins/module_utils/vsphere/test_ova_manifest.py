# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests: how they are spelled, and how they are held against files."""

from __future__ import annotations

import concurrent.futures
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_manifest
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_manifest import Entry

SHA1, SHA256, SHA512 = "1" * 40, "2" * 64, "a" * 128

names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)
files = st.dictionaries(names, st.binary(max_size=100), min_size=1, max_size=5)
spellings = st.sampled_from(["{}({})= {}", "{} ({}) = {}", "{}({}) = {}", "{}({})={}", "  {}({})= {}  "])


def failure(content: bytes) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        ova_manifest.parse(content, "x.mf")
    return caught.value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"SHA1(a.vmdk)= {SHA1}", {"a.vmdk": Entry("sha1", SHA1)}),
        (f"SHA256 (a.vmdk) = {SHA256.upper()}", {"a.vmdk": Entry("sha256", SHA256)}),
        (f"sha512(a.vmdk)={SHA512}", {"a.vmdk": Entry("sha512", SHA512)}),
        (f"SHA-1(a b (1).vmdk)= {SHA1}\r\n\r\n", {"a b (1).vmdk": Entry("sha1", SHA1)}),
        (f"SHA1(a)= {SHA1}\nSHA256(b)= {SHA256}\n", {"a": Entry("sha1", SHA1), "b": Entry("sha256", SHA256)}),
        ("", {}),
    ],
)
def test_spellings(line: str, expected: ova_manifest.Manifest) -> None:
    assert ova_manifest.parse(line.encode(), "x.mf") == expected


@pytest.mark.parametrize(
    "line",
    [
        f"{SHA1}  a.vmdk",
        f"SHA1(a)= {SHA256}",
        f"SHA256(a)= {SHA1}",
        f"MD5(a)= {'0' * 32}",
        f"SHA1()= {SHA1}",
        "SHA1(a)=",
        "SHA1(a)= " + "g" * 40,
        "<html>",
        "\0",
    ],
)
def test_no_manifest(line: str) -> None:
    error = failure(f"SHA1(first)= {SHA1}\n{line}\n".encode())
    assert error.code == "manifest_mismatch"
    assert str(error).startswith("Line 2 of the manifest x.mf")


def test_a_file_twice() -> None:
    assert "names a twice" in str(failure(f"SHA1(a)= {SHA1}\nSHA1(a)= {SHA1}\n".encode()))


@given(files=files, algorithm=st.sampled_from(list(ova_manifest.ALGORITHMS)), spelling=spellings)
def test_what_is_written_is_read_and_true(files: dict[str, bytes], algorithm: str, spelling: str) -> None:
    digests = {name: hashlib.new(algorithm, content).hexdigest() for name, content in files.items()}
    text = "\n".join(spelling.format(algorithm.upper(), name, digest) for name, digest in digests.items())
    manifest = ova_manifest.parse(text.encode(), "x.mf")
    assert manifest == {name: Entry(algorithm, digest) for name, digest in digests.items()}
    compare(manifest, files, list(files))


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_is_refused_or_read(content: bytes) -> None:
    try:
        manifest = ova_manifest.parse(content, "x.mf")
    except VsphereError as error:
        assert error.code == "manifest_mismatch"
    else:
        assert all(len(entry.digest) == ova_manifest.ALGORITHMS[entry.algorithm] for entry in manifest.values())


def compare(manifest: ova_manifest.Manifest, files: dict[str, bytes], needed: list[str]) -> None:
    with concurrent.futures.ThreadPoolExecutor() as threads:
        digests = ova_manifest.Digests(ova_manifest.algorithms(manifest), threads)
        for name, content in files.items():
            assert b"".join(digests.watch(name, iter([content[:10], content[10:]]))) == content
        digests.compare(manifest, needed, "x.mf")


@pytest.mark.parametrize(
    ("files", "needed", "message"),
    [
        ({"a": b"b"}, ["a"], "a does not have the SHA1 digest"),
        ({}, [], "names a, which is not there"),
        ({"a": b"a", "b": b""}, ["a", "b"], "does not name b"),
    ],
)
def test_what_is_not_true(files: dict[str, bytes], needed: list[str], message: str) -> None:
    manifest = {"a": Entry("sha1", hashlib.sha1(b"a").hexdigest())}
    with pytest.raises(VsphereError, match=message) as caught:
        compare(manifest, files, needed)
    assert caught.value.code == "manifest_mismatch"


def test_more_files_than_needed_may_be_there() -> None:
    compare({"a": Entry("sha1", hashlib.sha1(b"a").hexdigest())}, {"a": b"a", "readme": b""}, ["a"])
