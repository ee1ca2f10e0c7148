# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unit files as Ignition reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.unitfile import parse

LONG = "line too long (max 2048 bytes)"


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("", set()),
        ("anything = before\n# [comment]\n", set()),
        ("[Install]\n", set()),
        ("[Install]\nA=b", {"Install"}),
        (" [Install]\nA=b", {"Install"}),
        ("[Install ]\nA=b", {"Install "}),
        ("[A\nB]\n\n\t C = d\n", {"A\nB"}),
        ("[A]\nB=c \\\n[D]\nE=f", {"A"}),
        ("[A]\n# c \\\n[B]\n[C]\nD=e", {"C"}),
        ("[A]\n# c \\ \n[B]\n[C]\nD=e", {"C"}),
        ("[A]\n# c \\  \n[B]\nD=e", {"B"}),
        ("[A]\r\nB=c\r\n", {"A"}),
        ("[A]\x85\u3000\nB=c", {"A"}),
        ("[A]\n=", {"A"}),
    ],
)
def test_sections_with_options(text: str, sections: set[str]) -> None:
    assert parse(text) == (sections, None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[A", "unable to find end of section"),
        ("[A] b\n", 'found garbage after section name : "b"'),
        ("[A]\x1c\n", 'found garbage after section name : "\\x1c"'),
        ("[A]\nB", "EOF"),
        ("[A]\nB\nC=d", "unexpected newline encountered while parsing option name"),
        ("[A]\nB\rC=d", "unexpected newline encountered while parsing option name"),
        ("x" * 2049 + "\n", LONG),
        ("[A]\nB=" + "x" * 2048, LONG),
        ("# c\n" + "x" * 2100, LONG),
        ("[A]\nB=c\\\n" + "é" * 1024, LONG),
    ],
)
def test_errors(text: str, error: str) -> None:
    assert parse(text) == (set(), error)


@pytest.mark.parametrize(
    "text",
    [
        # The first character has been read when the lexer looks for the first time.
        "x" * 2048 + "\n[A]\nB=c",
        # The long line begins shortly before the end of the 4096 bytes that are buffered.
        "[A]\n" + "B=c\n" * 1000 + "D=" + "e" * 3000 + "\n",
        # It ends before the next step of the lexer.
        "[A]\nB=" + "c" * 2040 + "\n" + "D=e\n" * 1000,
    ],
)
def test_long_lines_that_go_unnoticed(text: str) -> None:
    assert parse(text) == ({"A"}, None)


@given(st.text(st.sampled_from("[]#;=\\\n\r \taé\udc80") | st.characters(codec="utf-8"), max_size=60))
def test_never_raises(text: str) -> None:
    parsed = parse(text)
    assert parsed.error is None or not parsed.sections


@given(st.lists(st.tuples(st.text("ab", min_size=1), st.text("cd ", max_size=9)), min_size=1))
def test_ordinary_units_are_good(options: list[tuple[str, str]]) -> None:
    text = "[Unit]\n" + "".join(f"{name}={value}\n" for name, value in options)
    assert parse(text) == ({"Unit"}, None)
