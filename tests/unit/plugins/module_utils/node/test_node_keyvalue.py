# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""KEY=value files of which only some keys are ours."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.keyvalue import merge, values

FOREIGN = ["# a comment", "; another", "", "  ", "no assignment", "Z=1", " Z='2", 'Y="a \\" b"', "X=it's", "export W=1"]
LINES = ["A=1", "A=2", ' A="3"', "B=", "B='x y'", "C=$A"]
TEXTS = st.lists(st.sampled_from(FOREIGN + LINES)).map("\n".join) | st.text(alphabet="AB=\n\"'\\# x")
WANTED = st.lists(st.sampled_from(LINES)).map("\n".join)


@pytest.mark.parametrize(
    ("text", "wanted", "merged", "before"),
    [
        (None, "A=1\n", "A=1\n", {"A": ""}),
        ("", "A=1", "A=1\n", {"A": ""}),
        (None, "", "", {}),
        ("Z=1\n", "A=1\n", "Z=1\nA=1\n", {"A": ""}),
        ("Z=1", "A=1\n", "Z=1\nA=1", {"A": ""}),
        ("A=0\nZ=1\n", "A=1\n", "A=1\nZ=1\n", {"A": "A=0"}),
        ("A=0\nZ=1\nA=5\n", "A=1\n", "A=0\nZ=1\nA=1\n", {"A": "A=5"}),
        ("# A=0\n\nA=1\n", "A=1\n", "# A=0\n\nA=1\n", {"A": "A=1"}),
        ("A='0'\n", 'A="1 # 2"\n', 'A="1 # 2"\n', {"A": "A='0'"}),
        ("Z='\nA=0\n'\nA=5\n", "A=1\n", "Z='\nA=0\n'\nA=1\n", {"A": "A=5"}),
        ("Z=x\\\nA=0\n", "A=1\n", "Z=x\\\nA=0\nA=1\n", {"A": ""}),
        ("Z=it's\nA=0\nY='\n", "A=1\n", "Z=it's\nA=1\nY='\n", {"A": "A=0"}),
        ("A=0\r\nZ=1\r\n", "A=1\n", "A=1\nZ=1\r\n", {"A": "A=0\r"}),
        ("Z=1\n", "# why\n\nB=2\nA=1\nB=3\n", "Z=1\nB=3\nA=1\n", {"B": "", "A": ""}),
        ("GROUP=stable\n\n\n", "A=1\n", "GROUP=stable\n\n\nA=1\n", {"A": ""}),
    ],
)
def test_merge(text: str | None, wanted: str, merged: str, before: dict[str, str]) -> None:
    assert merge(text, wanted, {}) == (merged, before)


@pytest.mark.parametrize(
    ("text", "wanted", "before", "merged", "after"),
    [
        ("A=1\nB=2\n", "B=2\n", {"A": "A=0", "B": ""}, "A=0\nB=2\n", {"B": ""}),
        ("Z=1\nA=1\n", "", {"A": ""}, "Z=1\n", {}),
        ("A=1\n", "", {"A": ""}, "", {}),
        ("Z=1\n", "", {"A": "A=0"}, "Z=1\n", {}),
        ("A=1\n", "A=2\n", {"A": "A=0"}, "A=2\n", {"A": "A=0"}),
        ("Z=1\n", "A=2\n", {"A": "A=0"}, "Z=1\nA=2\n", {"A": "A=0"}),
    ],
)
def test_merge_after_an_earlier_run(
    text: str, wanted: str, before: dict[str, str], merged: str, after: dict[str, str]
) -> None:
    assert merge(text, wanted, before) == (merged, after)


def test_a_value_of_somebody_else_stays() -> None:
    assert merge("A=9\nB=2\n", "", {"A": "A=0", "B": "B=0"}, {"A": "1", "B": "2"}) == ("A=9\nB=0\n", {})


@pytest.mark.parametrize(
    ("text", "wanted"), [("", "A=1\nno assignment\n"), ("", "A='1\n"), ("", "A=1\\\n"), ('Z="\n', 'A="1"\n')]
)
def test_what_cannot_be_merged(text: str, wanted: str) -> None:
    with pytest.raises(NodeError) as caught:
        merge(text, wanted, {})
    assert caught.value.code == "bad_contents"


def test_values_are_as_written() -> None:
    assert values("# no\nA='1 2' \nB=x\nB=\"y\nz\"\n C=\n") == {"A": "'1 2' ", "B": '"y\nz"', "C": ""}


@given(TEXTS, WANTED)
def test_merging_twice_is_merging_once(text: str, wanted: str) -> None:
    once, before = _merged(text, wanted, {})
    assert merge(once, wanted, before) == (once, before)
    assert {name: values(once)[name] for name in values(wanted)} == values(wanted)


@given(TEXTS, WANTED, WANTED)
def test_undoing_gives_the_first_text(text: str, wanted: str, then: str) -> None:
    first, before = _merged(text, wanted, {})
    assert merge(first, "", before)[0] == text
    second, before = _merged(first, then, before)
    assert merge(second, then, before) == (second, before)


@given(TEXTS, WANTED)
def test_other_lines_stay_in_order(text: str, wanted: str) -> None:
    keys = tuple(f"{name}=" for name in values(wanted))
    merged, dummy = _merged(text, wanted, {})
    assert _others(merged, keys) == _others(text, keys)


def _merged(text: str, wanted: str, before: dict[str, str]) -> tuple[str, dict[str, str]]:
    try:
        return merge(text, wanted, before)
    except NodeError:
        assume(False)
        raise


def _others(text: str, keys: tuple[str, ...]) -> list[str]:
    lines = text.removesuffix("\n").split("\n") if text else []
    return [line for line in lines if not line.lstrip().startswith(keys)]
