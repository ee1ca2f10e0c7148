# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs as Go's net/url reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gourl import URL, first_query_value, parse


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", URL("", "", "")),
        ("*", URL("", "", "")),
        ("HTTP://host/a b?c#d", URL("http", "", "c")),
        ("a/b:c", URL("", "", "")),
        ("//host", URL("", "", "")),
        ("///a b", URL("", "", "")),
        ("a:b?c", URL("a", "b", "c")),
        ("a+b.c-1:x", URL("a+b.c-1", "x", "")),
        ("http:?x", URL("http", "", "x")),
        ("http://a/?%zz", URL("http", "", "%zz")),
        ("http://a/#\t", URL("http", "", "")),
        ("http://é%c3%a9<>/", URL("http", "", "")),
        ("http://a:1:2/", URL("http", "", "")),
        ("http://a@b%40@c:/", URL("http", "", "")),
        ("http://[::1]:80/", URL("http", "", "")),
        ("http://[fe80::1%25en%200]/", URL("http", "", "")),
        ("http://[::ffff:1.2.3.4]", URL("http", "", "")),
    ],
)
def test_good(text: str, url: URL) -> None:
    assert parse(text) == url


@pytest.mark.parametrize(
    "text",
    [
        ":x",
        "1http://x",
        "::bad::",
        "a b:c",
        "http://a/\n",
        "http://a/\x7f",
        "http://a/%zz",
        "http://a/%4",
        "http://a/#%",
        "http://a b/",
        "http://a%41/",
        "http://a|b/",
        "http://a:b/",
        "http://a:80x/",
        "http://ü@b/",
        "http://%zz@b/",
        "http://a[b/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[1.2.3.4]/",
        "http://[::1.2.3.04]/",
        "http://[::1%en0]/",
        "http://[::1%25]/",
        "http://[::1%25%c3]/",
        "http://[::1%25|]/",
        "http://[]/",
        "//a b",
    ],
)
def test_bad(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("", None),
        ("versionId=1", "1"),
        ("versionId", ""),
        ("a&versionId=&versionId=1", ""),
        ("version%49d=x", "x"),
        ("a;versionId=", None),
        ("versionId=%zz", None),
        ("versionid=1", None),
    ],
)
def test_first_query_value(query: str, value: str | None) -> None:
    assert first_query_value(query, "versionId") == value


@given(st.text("htp:/?#[]@%25:.a1é \n", max_size=24).map(lambda rest: "http://" + rest) | st.text())
def test_any_text_is_a_url_or_none(text: str) -> None:
    url = parse(text)
    assert url is None or url.scheme == url.scheme.lower()
