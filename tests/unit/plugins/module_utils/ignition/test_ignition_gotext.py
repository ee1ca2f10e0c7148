# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text and paths as Go prints and reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import gopath, gotext


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain é 日 😀", '"plain é 日 😀"'),
        ('"\\', '"\\"\\\\"'),
        ("'", '"\'"'),
        ("\a\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'),
        ("\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'),
        ("\x85\xa0\u200b\ufeff\u2028", '"\\u0085\\u00a0\\u200b\\ufeff\\u2028"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("\udcff", '"\\xff"'),
    ],
)
def test_quoted(text: str, wanted: str) -> None:
    assert gotext.quoted(text) == wanted


def test_quoted_rune() -> None:
    assert gotext.quoted("'", "'") == "'\\''"
    assert gotext.quoted('"', "'") == "'\"'"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("no percent", "no percent"),
        ("100%%", "100%"),
        ("%d%s", "%!d(MISSING)%!s(MISSING)"),
        ("% d", "%!d(MISSING)"),
        ("%-08.3f", "%!f(MISSING)"),
        ("%é", "%!é(MISSING)"),
        ("%\n", "%!\n(MISSING)"),
        ("50%", "50%!(NOVERB)"),
        ("%9", "%!(NOVERB)"),
        ("%[1]d", "%!d(BADINDEX)"),
        ("%[x]d", "%!d(BADINDEX)"),
        ("%[d", "%!d(BADINDEX)"),
        ("%[1]2d", "%!d(BADINDEX)"),
        ("%*d", "%!(BADWIDTH)%!d(MISSING)"),
        ("%.*d", "%!(BADPREC)%!d(MISSING)"),
        ("%99999999d", "%!(NOVERB)"),
    ],
)
def test_formatted(text: str, wanted: str) -> None:
    assert gotext.formatted(text) == wanted


@given(st.text("%s[]1*.- x"))
def test_formatting_loses_no_other_text(text: str) -> None:
    assert gotext.formatted(text.replace("%", "%%")) == text


@pytest.mark.parametrize(("text", "size"), [("", 0), ("abc", 3), ("é", 2), ("\udcff", 1), ("😀", 4)])
def test_size(text: str, size: int) -> None:
    assert gotext.size(text) == size


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("", "."),
        ("/", "/"),
        ("//", "/"),
        ("//a", "/a"),
        ("/a/../b/./c/", "/b/c"),
        ("/..", "/"),
        ("a/..", "."),
        ("../a", "../a"),
        ("/...", "/..."),
        ("/a\n", "/a\n"),
    ],
)
def test_clean(path: str, cleaned: str) -> None:
    assert gopath.clean(path) == cleaned


@given(st.text("/.a\n", max_size=12).map(lambda rest: "/" + rest))
def test_what_is_clean_stays_so(path: str) -> None:
    assert gopath.is_clean(path) == (gopath.clean(path) == path)


@pytest.mark.parametrize(
    ("parts", "joined"), [(("/a", "../b"), "/b"), (("", "b"), "b"), (("", ""), ""), (("/a", ""), "/a")]
)
def test_join(parts: tuple[str, str], joined: str) -> None:
    assert gopath.join(*parts) == joined


@pytest.mark.parametrize(
    ("name", "extension"), [("a.service", ".service"), (".conf", ".conf"), ("a.b/c", ""), ("a.", "."), ("", "")]
)
def test_extension(name: str, extension: str) -> None:
    assert gopath.extension(name) == extension
