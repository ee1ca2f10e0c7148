# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel arguments in grub.cfg."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import Desired, argument_key
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.kernel_arguments import compare_arguments, edit, has
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Change, Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import Records

OURS = frozenset({"base"})
NOTHING = Desired({}, {}, {}, {}, {}, {}, [])
LINE = 'set linux_append="$linux_append {}"\n'


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", []),
        ('set oem_id="qemu"\n', []),
        ('set linux_append="quiet  a=b"\n', ["quiet", "a=b"]),
        (
            'set linux_append="$linux_append quiet"\nset linux_append="$linux_append $linux_append x"',
            ["quiet", "$linux_append", "x"],
        ),
        (' set linux_append="quiet"\nset linux_append=quiet\n', []),
        ('set linux_append="a"; set b="c"\n', ["a"]),
    ],
)
def test_has(text: str, arguments: list[str]) -> None:
    assert has(text) == arguments


@pytest.mark.parametrize(
    ("text", "wanted", "edited"),
    [
        ("", {"quiet": True}, LINE.format("quiet")),
        ("", {"quiet": False}, ""),
        ('set oem_id="x"\n', {"a": True, "b=c": True}, 'set oem_id="x"\n' + LINE.format("a b=c")),
        ('set oem_id="x"', {"a": True}, 'set oem_id="x"\n' + LINE.format("a")),
        (LINE.format("a b"), {"b": True}, LINE.format("a b")),
        (LINE.format("a b a"), {"a": False}, "\n" + LINE.format("b")),
        (LINE.format("a"), {"a": False}, "\n" + LINE.format("")),
        (
            'set linux_append="a"\nif x; then\n  set linux_append="b"\nfi\nset linux_append="c" # d\n',
            {"e": True, "a": False},
            '\nif x; then\n  set linux_append="b"\nfi\n # d\n' + LINE.format("c e"),
        ),
        (LINE.format("aa"), {"a": False}, LINE.format("aa")),
        (LINE.format("x.y xzy"), {"x.y": False}, "\n" + LINE.format("xzy")),
        (LINE.format("a b c"), {"b c": True}, LINE.format("a b c")),
        (LINE.format("a b c a b"), {"a b": False}, "\n" + LINE.format("c")),
    ],
)
def test_edit(text: str, wanted: dict[str, bool], edited: str) -> None:
    assert edit(text, wanted) == edited


ARGUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c=d", "e f"]), st.booleans())


@given(st.lists(st.sampled_from(["a", "b", "g", "c=d"])).map(" ".join), ARGUMENTS)
def test_editing_twice_is_editing_once(words: str, wanted: dict[str, bool]) -> None:
    once = edit(f'set x="y"\n{LINE.format(words)}', wanted)
    assert edit(once, wanted) == once
    assert once.startswith('set x="y"\n')
    assert [word for word in has(once) if word == "g"] == [word for word in words.split() if word == "g"]


def test_a_new_argument() -> None:
    plan = Plan()
    assert compare_arguments(
        plan, _want(quiet=True, debug=False), LINE.format("a debug"), {}, OURS
    ) == "\n" + LINE.format("a quiet")
    assert plan.changes == [Change("kernel arguments", "a\ndebug\n", "a\nquiet\n")]
    assert plan.reboot
    assert plan.records == {
        "argument quiet": {"owner": "base", "kind": "argument", "value": True, "before": False},
        "argument debug": {"owner": "base", "kind": "argument", "value": False, "before": True},
    }


def test_nothing_to_do() -> None:
    plan = Plan()
    records = _records("base", quiet=(True, False))
    assert compare_arguments(plan, _want(quiet=True), LINE.format("quiet"), records, OURS) is None
    assert (plan.changes, plan.reboot, plan.records) == ([], False, records)


@pytest.mark.parametrize(
    ("owner", "value", "before", "found", "edited"),
    [
        ("base", True, False, "a x", "a"),
        ("base", True, True, "a x", None),
        ("base", False, True, "a", "a x"),
        ("base", False, False, "a", None),
        ("base", True, False, "a", None),
        ("other", True, False, "a x", None),
    ],
)
def test_what_is_wanted_no_longer(owner: str, value: bool, before: bool, found: str, edited: str | None) -> None:
    plan = Plan()
    text = compare_arguments(plan, _want(), LINE.format(found), _records(owner, x=(value, before)), OURS)
    assert text == (None if edited is None else "\n" + LINE.format(edited))
    assert plan.records == {}


def test_a_node_without_a_file() -> None:
    assert compare_arguments(Plan(), _want(quiet=False), None, _records("base", x=(True, False)), OURS) is None
    assert _code(_want(quiet=True), None, {}) == "no_oem"


@pytest.mark.parametrize("argument", ['a="b c"', "$x", "a\nb", "a'b", "a\\b", "", " "])
def test_a_bad_argument(argument: str) -> None:
    assert _code(_want(**{argument: True}), "", {}) == "bad_argument"


def test_an_argument_of_another_description() -> None:
    assert _code(_want(quiet=True), "", _records("other", quiet=(True, False))) == "claimed_twice"


def _code(want: Desired, text: str | None, records: Records) -> str:
    with pytest.raises(NodeError) as caught:
        compare_arguments(Plan(), want, text, records, OURS)
    return caught.value.code


def _want(**arguments: bool) -> Desired:
    return NOTHING._replace(arguments=arguments, owners={argument_key(name): "base" for name in arguments})


def _records(owner: str, **arguments: tuple[bool, bool]) -> dict[str, dict[str, t.Any]]:
    return {
        argument_key(name): {"owner": owner, "kind": "argument", "value": value, "before": before}
        for name, (value, before) in arguments.items()
    }
