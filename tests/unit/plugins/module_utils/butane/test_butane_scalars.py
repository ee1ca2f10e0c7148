# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What go-yaml makes of scalars: each row was read off the real program or its source."""

from __future__ import annotations

import math

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.scalars import ScalarError, resolve


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("", "!!null", None),
        ("~", "!!null", None),
        ("Null", "!!null", None),
        ("nUll", "!!str", "nUll"),
        ("TRUE", "!!bool", True),
        ("tRue", "!!str", "tRue"),
        ("yes", "!!str", "yes"),
        ("<<", "!!merge", "<<"),
        ("0644", "!!int", 0o644),
        ("0o644", "!!int", 0o644),
        ("0O644", "!!int", 0o644),
        ("+0644", "!!int", 0o644),
        ("-0o17", "!!int", -15),
        ("0x1F", "!!int", 31),
        ("0b101", "!!int", 5),
        ("1_000", "!!int", 1000),
        ("7_", "!!int", 7),
        ("_7", "!!str", "_7"),
        ("0888", "!!float", 888.0),
        ("08", "!!float", 8.0),
        ("644.9", "!!float", 644.9),
        ("1e3", "!!float", 1000.0),
        ("1e400", "!!str", "1e400"),
        (".5", "!!float", 0.5),
        (".", "!!str", "."),
        ("-.inf", "!!float", -math.inf),
        ("12:30", "!!str", "12:30"),
        ("9223372036854775807", "!!int", 2**63 - 1),
        ("18446744073709551615", "!!int", 2**64 - 1),
        ("18446744073709551616", "!!float", 2.0**64),
        ("-9223372036854775809", "!!float", -(2.0**63)),
        ("2024-01-01", "!!timestamp", "2024-01-01"),
        ("2024-1-1 1:2:3.5", "!!timestamp", "2024-1-1 1:2:3.5"),
        ("2024-02-29T01:02:03Z", "!!timestamp", "2024-02-29T01:02:03Z"),
        ("2023-02-29", "!!str", "2023-02-29"),
        ("2024-13-01", "!!str", "2024-13-01"),
        ("2024-01-01T25:00:00Z", "!!str", "2024-01-01T25:00:00Z"),
    ],
)
def test_plain(text: str, tag: str, value: object) -> None:
    assert resolve(None, text, True) == (tag, value)


def test_nan_is_a_float() -> None:
    tag, value = resolve(None, ".nan", True)
    assert tag == "!!float" and math.isnan(value)


@pytest.mark.parametrize("text", ["", "0644", "true", "~", "2024-01-01"])
def test_quoted_is_text(text: str) -> None:
    assert resolve(None, text, False) == ("!!str", text)


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("!!int", "0644", ("!!int", 420)),
        ("!!float", "420", ("!!float", 420.0)),
        ("!!str", "0644", ("!!str", "0644")),
        ("!foo", "0644", ("!foo", "0644")),
        ("!!binary", "aGk=", ("!!binary", "aGk=")),
    ],
)
def test_explicit_tag(tag: str, text: str, expected: tuple[str, object]) -> None:
    assert resolve(tag, text, True) == expected


@pytest.mark.parametrize(
    ("tag", "text", "message"),
    [
        ("!!bool", "yes", "cannot decode !!str `yes` as a !!bool"),
        ("!!int", "1.5", "cannot decode !!float `1.5` as a !!int"),
        ("!!null", "foo", "cannot decode !!str `foo` as a !!null"),
    ],
)
def test_wrong_tag(tag: str, text: str, message: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve(tag, text, True)
    assert str(caught.value) == message
