# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small parts of the engine: modes, data URLs, local files, unit names."""

from __future__ import annotations

import base64
import gzip
import os
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import dataurl
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.localfiles import LocalFileError, LocalFiles, join
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.modes import looks_decimal
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.mount_units import escape_path
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.source_rules import template_of

FILE_MODES = [
    "400",
    "440",
    "444",
    "500",
    "550",
    "555",
    "600",
    "640",
    "644",
    "660",
    "664",
    "666",
    "700",
    "750",
    "755",
    "770",
    "775",
    "777",
    "2500",
    "2550",
    "2555",
    "2700",
    "2750",
    "2755",
    "2770",
    "2775",
    "4500",
    "4550",
    "4555",
    "4700",
    "4750",
    "4755",
    "4770",
    "4775",
    "6500",
    "6550",
    "6555",
    "6700",
    "6750",
    "6755",
    "6770",
    "6775",
]
FOLDER_MODES = [
    "500",
    "550",
    "555",
    "700",
    "750",
    "755",
    "770",
    "775",
    "777",
    "1700",
    "1750",
    "1755",
    "1770",
    "1775",
    "1777",
]
FOLDER_MODES += [prefix + mode[1:] for prefix in "23" for mode in FOLDER_MODES if len(mode) == 4]


def test_all_modes_that_look_decimal() -> None:
    assert [str(mode) for mode in range(-10, 10000) if looks_decimal(mode, False)] == sorted(FILE_MODES, key=int)
    assert [str(mode) for mode in range(-10, 10000) if looks_decimal(mode, True)] == sorted(FOLDER_MODES, key=int)


def decoded(url: str, compression: str | None) -> bytes:
    head, dummy, body = url.partition(",")
    data = base64.b64decode(body) if head == "data:;base64" else urllib.parse.unquote_to_bytes(body)
    return gzip.decompress(data) if compression == "gzip" else data


@given(st.binary(max_size=2000))
def test_data_url_holds_the_body(body: bytes) -> None:
    url, compression = dataurl.encode(body, None)
    assert decoded(url, compression) == body
    assert len(url) <= len(dataurl.escape(body))
    kept, unset = dataurl.encode(body, "gzip")
    assert unset is None and decoded(kept, None) == body
    assert decoded(*dataurl.encode(body, None, compress=False)) == body


@pytest.mark.parametrize(
    ("body", "url", "compression"),
    [
        (b"", "data:,", ""),
        (b"a b\n", "data:,a%20b%0A", ""),
        (b"-_.!~*'()", "data:,-_.!~*'()", ""),
        (b"\xff\xfe\x00\x01", "data:,%FF%FE%00%01", ""),
        (b"\xff\xfe\x00\x01\xf0\xf1", "data:;base64,//4AAfDx", ""),
        (b"a" * 40, "data:," + "a" * 40, ""),
    ],
)
def test_data_url(body: bytes, url: str, compression: str) -> None:
    assert dataurl.encode(body, None) == (url, compression)


def test_long_text_is_compressed_without_a_time() -> None:
    url, compression = dataurl.encode(b"hello\n" * 100, None)
    assert compression == "gzip"
    assert base64.b64decode(url.partition(",")[2])[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "-"),
        ("", "-"),
        ("/var/lib//data/", "var-lib-data"),
        ("/dev/disk/by-label/my-data", r"dev-disk-by\x2dlabel-my\x2ddata"),
        ("/.hidden/.x", r"\x2ehidden-.x"),
        ("/ä", r"\xc3\xa4"),
        ("/a:b_c", "a:b_c"),
    ],
)
def test_unit_names(path: str, name: str) -> None:
    assert escape_path(path) == name


@pytest.mark.parametrize(
    ("parts", "joined"),
    [(("a", "b"), "a/b"), (("a", ""), "a"), (("a", "/x/../y"), "a/y"), (("/", "//b"), "/b"), (("a", "../.."), "..")],
)
def test_join(parts: tuple[str, ...], joined: str) -> None:
    assert join(*parts) == joined


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("foo@100.container", "foo@.container"),
        ("foo@.container", None),
        ("foo.container", None),
        ("foo@bar", None),
        ("a.b@c.d.volume", "a.b@.volume"),
    ],
)
def test_quadlet_templates(name: str, template: str | None) -> None:
    assert template_of(name) == template


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_bytes(b"contents")
    (folder / "large").write_bytes(b"x" * 200)
    (tmp_path / "secret").write_bytes(b"outside")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "around").symlink_to("sub")
    (folder / "sub" / "b").write_bytes(b"below")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    return folder


@pytest.mark.parametrize(
    ("name", "contents"),
    [("a", b"contents"), ("/a", b"contents"), ("sub/../a", b"contents"), ("out", b"outside"), ("around/b", b"below")],
)
def test_local_file(files: Path, name: str, contents: bytes) -> None:
    assert LocalFiles(str(files), True, 100).read(name) == contents


@pytest.mark.parametrize(
    ("name", "follow", "message"),
    [
        ("missing", True, "open {}/missing: no such file or directory"),
        ("", True, "read {}: is a directory"),
        ("a/b", True, "open {}/a/b: not a directory"),
        ("../secret", True, "local file path traverses outside the files directory"),
        ("loop", True, "open {}/loop: too many levels of symbolic links"),
        ("fifo", True, "read {}/fifo: not a regular file"),
        ("large", True, "read {}/large: larger than max_bytes (100)"),
        ("nul\0", True, "open {}/nul\0: invalid argument"),
        ("out", False, "open {}/out: symbolic links in the files directory are refused"),
        ("around/b", False, "open {}/around/b: symbolic links in the files directory are refused"),
    ],
)
def test_local_file_refused(files: Path, name: str, follow: bool, message: str) -> None:
    with pytest.raises(LocalFileError) as caught:
        LocalFiles(str(files), follow, 100).read(name)
    assert str(caught.value) == message.format(files)


def test_no_files_dir() -> None:
    with pytest.raises(LocalFileError, match="must be specified with -d"):
        LocalFiles("", True, 100).read("a")
