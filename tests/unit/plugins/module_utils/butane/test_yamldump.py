# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML of a MachineConfig, as go-yaml writes it: every text here is what the butane program printed."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamldump import dump


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-1, "-1"),
        (420, "420"),
        (999999, "999999"),
        (1000000, "1e+06"),
        (1048576, "1.048576e+06"),
        (True, "true"),
        ("text", "text"),
        ("", '""'),
        ("true", '"true"'),
        ("~", '"~"'),
        ("1e+06", '"1e+06"'),
        ("0o17", '"0o17"'),
        ("1:30", '"1:30"'),
        ("2001-01-01", '"2001-01-01"'),
        ("y", '"y"'),
        ("Off", '"Off"'),
        ("<<", "<<"),
        ("=", "="),
        ("a: b", "'a: b'"),
        ("*a", "'*a'"),
        ("é", "é"),
        ("\U0001f600", r'"\U0001F600"'),
        ("\x85", r'"\N"'),
        ("a\tb", r'"a\tb"'),
        ("a\nb", "|-\n  a\n  b"),
        ("a\n\n", "|+\n  a\n"),
        (" a\nb", "|2-\n   a\n  b"),
        ("a \nb", r'"a \nb"'),
        (["x"], "\n  - x"),
    ],
)
def test_a_member(value: object, text: str) -> None:
    separator = "" if text.startswith("\n") else " "
    assert dump({"a": value, "b": 0}) == f"a:{separator}{text}\nb: 0\n"


def test_lines_as_a_key() -> None:
    assert dump({"a\nb": "c"}) == "? |-\n  a\n  b\n: c\n"


@pytest.mark.parametrize(
    ("text", "read"), [("\n", ""), ("\n\n", "\n"), ("\n a", " a"), ("\n\na\n", "\na\n"), (" \na", " \na")]
)
def test_a_first_line_break_is_lost(text: str, read: str) -> None:
    assert yaml.safe_load(dump({"a": text, "b": 0}))["a"] == read
