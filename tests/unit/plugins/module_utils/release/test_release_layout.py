# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and addresses of a release, and the Ignition that it ships."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import ignition, layout
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import check_base
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError


@pytest.mark.parametrize(
    ("base_url", "channel", "url"),
    [
        (layout.BASE_URL, "lts", "https://lts.release.flatcar-linux.net/amd64-usr/current/"),
        ("https://mirror/flatcar/{channel}/", "beta", "https://mirror/flatcar/beta/amd64-usr/current/"),
        ("http://mirror:8080", "alpha", "http://mirror:8080/amd64-usr/current/"),
    ],
)
def test_folder(base_url: str, channel: str, url: str) -> None:
    assert layout.folder(check_base(base_url), channel, "amd64", "current") == url


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "mirror/flatcar",
        "ftp://mirror",
        "file:///srv",
        "https://",
        "https://u:p@mirror",
        "https://m/?a",
        "https://m/#a",
    ],
)
def test_base_url_that_is_none(base_url: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        check_base(base_url)
    assert caught.value.code == "bad_option"
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("version", ["current", "current-2024", "4593.2.5"])
def test_version(version: str) -> None:
    assert layout.check_version(version) == version


@pytest.mark.parametrize(
    "version", ["", "latest", "4593", "4593.2", "4593.2.5+nightly", "../x", "current-24", "4593.2.5\n"]
)
def test_version_that_is_none(version: str) -> None:
    with pytest.raises(ReleaseError, match="version"):
        layout.check_version(version)


@pytest.mark.parametrize("name", ["", "..", ".sig", "a/b", "/etc/passwd", "a b", "a?b", "a%2fb"])
def test_file_that_is_none(name: str) -> None:
    with pytest.raises(ReleaseError, match="file"):
        layout.check_file(name)


@pytest.mark.parametrize(
    ("version", "shipped", "spec"),
    [
        ("2512.5.0", None, None),
        ("2605.32.1", "0.34.0", "2.3.0"),
        ("3033.2.2", "0.34.0", "2.3.0"),
        ("3033.3.18", "0.36.1", "2.4.0"),
        ("3046.0.0", "0.34.0", "2.3.0"),
        ("3185.0.0", "2.13.0", "3.3.0"),
        ("3510.3.8", "2.14.0", "3.3.0"),
        ("3535.0.0", "2.15.0", "3.4.0"),
        ("4081.3.10", "2.19.0", "3.4.0"),
        ("4152.2.1", "2.20.0", "3.5.0"),
        ("4593.2.5", "2.24.0", "3.5.0"),
        ("4790.0.0", "2.24.0", "3.5.0"),
        ("4799.0.0", "2.26.0", "3.6.0"),
        ("9999.0.0", "2.26.0", "3.6.0"),
    ],
)
def test_ignition(version: str, shipped: str | None, spec: str | None) -> None:
    assert (ignition.shipped(version), ignition.newest_spec(version)) == (shipped, spec)


@pytest.mark.parametrize("table", [ignition.SHIPPED, ignition.SPECS])
def test_tables_are_in_order(table: tuple[tuple[tuple[int, int, int], str], ...]) -> None:
    assert [row[0] for row in table] == sorted(row[0] for row in table)
