# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions as coreos/go-semver takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.semver import normal


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3.4.0", "3.4.0"),
        ("03.004.0", "3.4.0"),
        ("3.4.0-", "3.4.0"),
        ("3.4.0+", "3.4.0"),
        ("3.4.0-+", "3.4.0"),
        ("3.7.0-experimental", "3.7.0-experimental"),
        ("1.1.0+meta", "1.1.0+meta"),
        ("1.1.0-a.b-c+d.e", "1.1.0-a.b-c+d.e"),
        ("1.1.0+a+b", None),
        ("1.1.0-a..b", None),
        ("1.1.0-a.", None),
        ("1.1.0-a_b", None),
        ("9223372036854775807.0.0", "9223372036854775807.0.0"),
        ("9223372036854775808.0.0", None),
        ("0" * 5000 + "1.0.0", "1.0.0"),
        ("1" * 5000 + ".0.0", None),
        ("1.1", None),
        ("1.1.0.0", None),
        ("v1.1.0", None),
        ("-1.1.0", None),
        ("1.-1.0", None),
        ("+1.1.0", None),
        (" 1.1.0", None),
        ("1.1.0\n", None),
        ("\u0661.1.0", None),
        ("", None),
    ],
)
def test_normal(text: str, wanted: str | None) -> None:
    assert normal(text) == wanted


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9+-]{1,3}){1,3}[a-z.+-]{0,6}") | st.text())
def test_what_is_normal_stays_so(text: str) -> None:
    wanted = normal(text)
    assert wanted is None or normal(wanted) == wanted
