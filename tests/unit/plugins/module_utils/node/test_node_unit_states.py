# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units: what systemd has to do for them, and the presets that tell the next boot."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.schema import Config
from ansible_collections.flatops.flatcar.plugins.module_utils._node.desired import NOTHING, Desired, desired
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.observe import Observed, Seen, UnitState
from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Record, Records
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit_states import (
    PRESET,
    compare_units,
    presets,
    units_of,
)

OURS = frozenset({"base"})
NAME = "a.service"
SYSTEM = "/etc/systemd/system"
FILE = f"{SYSTEM}/{NAME}"
VENDORS = "/usr/lib/systemd/system"
ABSENT = UnitState("not-found", "inactive", "")
RUNNING = UnitState("loaded", "active", "enabled", "first")
NOTHING_LEFT = Plan().waiting
STOPPED = UnitState("loaded", "inactive", "disabled")


def _want(item: Config | None, name: str = NAME) -> Desired:
    if item is None:
        return NOTHING
    config: Config = {"ignition": {"version": "3.4.0"}, "systemd": {"units": [{"name": name, **item}]}}
    return desired(config, [("base", config)])


def _seen(state: UnitState, name: str = NAME, **changes: t.Any) -> Observed:
    nothing: t.Any = {}
    return Observed("", {}, {}, {}, {}, frozenset(), {name: state}, frozenset(), {}, {}, "", "", "boot")._replace(
        **(changes or nothing)
    )


def _compared(want: Desired, seen: Observed, records: Records | None = None, paths: t.Iterable[str] = ()) -> Plan:
    """The plan, after paths have changed."""
    plan = Plan()
    plan.paths += paths
    compare_units(plan, want, seen, records or {}, OURS)
    return plan


def _record(**changes: t.Any) -> Record:
    before = {"file": "disabled", "active": False}
    return {"owner": "base", "kind": "unit", "enabled": True, "masked": None, "before": before, **changes}


@pytest.mark.parametrize(
    ("item", "state", "paths", "calls", "restart"),
    [
        ({"enabled": True}, STOPPED, [], ["enable", "start"], False),
        ({"enabled": True}, RUNNING, [], [], False),
        ({"enabled": True, "contents": "x"}, RUNNING, [FILE], [], True),
        ({"enabled": True}, RUNNING, [f"{FILE}.d/x.conf"], [], True),
        ({"enabled": True}, RUNNING, [f"{SYSTEM}/a.conf", f"{FILE}.wants/x"], [], False),
        ({"enabled": True}, RUNNING._replace(file="disabled"), [], ["enable"], False),
        ({"enabled": True}, RUNNING._replace(active="inactive"), [], [], False),
        ({"enabled": True}, RUNNING._replace(active="failed"), [], ["start"], False),
        ({"enabled": True, "contents": "x"}, RUNNING._replace(active="activating"), [FILE], [], True),
        ({"enabled": True}, UnitState("loaded", "inactive", "static"), [], [], False),
        ({"enabled": True}, UnitState("loaded", "active", "linked"), [], ["enable"], False),
        ({"enabled": True}, UnitState("masked", "inactive", "masked"), [], ["enable", "start"], False),
        ({"enabled": True, "contents": "x"}, ABSENT, [FILE], ["enable", "start"], False),
        ({"enabled": True, "contents": "x"}, ABSENT, [], ["enable", "start"], False),
        ({"enabled": True, "contents": "x"}, ABSENT._replace(file="enabled"), [], ["enable", "start"], False),
        ({"enabled": False}, RUNNING, [], ["disable", "stop"], False),
        ({"enabled": False}, RUNNING._replace(file="enabled-runtime"), [], ["disable", "stop"], False),
        ({"enabled": False}, RUNNING._replace(active="inactive"), [], ["disable"], False),
        ({"enabled": False}, RUNNING._replace(file="static"), [], [], False),
        ({"enabled": False}, STOPPED, [], [], False),
        ({"enabled": False}, ABSENT, [], [], False),
        ({"mask": True}, RUNNING, [FILE], ["stop"], False),
        ({"mask": True, "enabled": True}, UnitState("masked", "inactive", "masked"), [], [], False),
        ({"mask": False}, UnitState("masked", "inactive", "masked"), [], ["unmask"], False),
        ({"mask": False}, UnitState("masked", "inactive", "masked-runtime"), [], ["unmask"], False),
        ({"mask": False}, UnitState("masked", "inactive", "masked"), [f"{FILE}.d/x.conf"], ["unmask"], False),
        ({"mask": False, "contents": "x"}, UnitState("masked", "inactive", "masked"), [FILE], [], False),
        ({"mask": False}, RUNNING, [], [], False),
        (
            {"mask": False, "enabled": True},
            UnitState("masked", "inactive", "masked"),
            [],
            ["unmask", "enable", "start"],
            False,
        ),
        (
            {"mask": False, "enabled": False},
            UnitState("masked", "inactive", "masked"),
            [],
            ["unmask", "disable"],
            False,
        ),
        ({"enabled": False}, UnitState("masked", "inactive", "masked"), [], [], False),
        ({"enabled": False, "contents": "x"}, UnitState("masked", "inactive", "masked"), [FILE], ["disable"], False),
        ({"contents": "x"}, RUNNING, [FILE], [], True),
        ({"contents": "x"}, STOPPED, [FILE], [], False),
    ],
)
def test_what_is_done_to_a_unit(
    item: Config, state: UnitState, paths: list[str], calls: list[str], restart: bool
) -> None:
    plan = _compared(_want(item), _seen(state), paths=paths)
    assert plan.calls["units"] == [f"unit {verb} {NAME}" for verb in calls]
    assert plan.verbs == [(verb, NAME) for verb in calls]
    assert [change.thing for change in plan.changes] == [f"unit {NAME}" for dummy in calls]
    assert plan.restart == ({NAME: state.invocation} if restart else {})
    assert plan.units == ([NAME] if calls or restart or FILE in paths or f"{FILE}.d/x.conf" in paths else [])
    assert plan.warnings == []


@pytest.mark.parametrize("item", [{}, {"dropins": [{"name": "x.conf", "contents": "x"}]}])
def test_a_unit_that_is_nowhere_is_not_enabled(item: Config) -> None:
    plan = _compared(_want({"enabled": True, **item}), _seen(ABSENT), paths=[f"{FILE}.d/x.conf"])
    assert plan.calls["units"] == []
    assert plan.warnings == [f"{NAME} shall be enabled, but there is no such unit on the node"]


@pytest.mark.parametrize(
    ("name", "units", "state", "calls"),
    [
        ("a@.service", {"a@.service"}, UnitState("loaded", "", "disabled"), ["enable"]),
        ("a@.service", {"a@.service"}, UnitState("loaded", "", "enabled"), []),
        ("a@1.service", {"a@1.service"}, STOPPED, ["enable", "start"]),
        ("a@1.service", {"a@1.service"}, ABSENT, []),
        # With the file of its template.
        ("a@1.service", {"a@.service", "a@1.service"}, ABSENT, ["enable", "start"]),
        ("a@1.2@b.service", {"a@.service", "a@1.2@b.service"}, ABSENT, ["enable", "start"]),
        ("a@1.service", {"a@.socket", "a@1.service"}, ABSENT, []),
    ],
)
def test_templates_and_instances(name: str, units: set[str], state: UnitState, calls: list[str]) -> None:
    items = [{"name": unit, **({"enabled": True} if unit == name else {"contents": "x"})} for unit in sorted(units)]
    config: Config = {"ignition": {"version": "3.4.0"}, "systemd": {"units": items}}
    plan = _compared(desired(config, [("base", config)]), _seen(state, name))
    assert plan.verbs == [(verb, name) for verb in calls]


@pytest.mark.parametrize("path", [f"{SYSTEM}/a@.service", f"{SYSTEM}/a@.service.d/x.conf"])
def test_instances_change_with_their_template(path: str) -> None:
    items = [{"name": "a@.service", "contents": "x"}, {"name": "a@1.service", "enabled": True}]
    config: Config = {"ignition": {"version": "3.4.0"}, "systemd": {"units": items}}
    plan = _compared(desired(config, [("base", config)]), _seen(RUNNING, "a@1.service"), paths=[path])
    assert (plan.restart, plan.units) == ({"a@1.service": "first"}, ["a@.service", "a@1.service"])


@pytest.mark.parametrize("vendors", [False, True])
def test_instances_go_with_their_template(vendors: bool) -> None:
    template = f"{SYSTEM}/a@.service"
    records: Records = {
        "unit a@1.service": _record(before={"file": "", "active": False}),
        f"path {template}": {"kind": "file", "owner": "base", "before": None},
    }
    nodes = {f"{VENDORS}/a@.service": Seen("f", 0o644, 0, 0, "1:1", "")} if vendors else {}
    plan = _compared(NOTHING, _seen(RUNNING, "a@1.service", nodes=nodes), records, [template])
    assert plan.verbs == ([("disable", "a@1.service"), ("stop", "a@1.service")] if vendors else [])
    assert plan.restart == {}


@pytest.mark.parametrize(("enabled", "warns"), [(True, True), (False, False)])
def test_a_unit_whose_file_goes_is_not_asked_for_more(enabled: bool, warns: bool) -> None:
    records: Records = {f"path {FILE}": {"kind": "file", "owner": "base", "before": None}}
    for state in (RUNNING, STOPPED):
        plan = _compared(_want({"enabled": enabled}), _seen(state), records, [FILE])
        assert (plan.verbs, plan.restart, bool(plan.warnings)) == ([], {}, warns)


def test_a_dropin_of_a_unit_that_nobody_describes_wants_it_restarted() -> None:
    plan = _compared(NOTHING, _seen(RUNNING), paths=[f"{FILE}.d/x.conf"])
    assert (plan.restart, plan.units, plan.records) == ({NAME: "first"}, [NAME], {})


@pytest.mark.parametrize(
    ("record", "state", "paths", "calls", "restart"),
    [
        (_record(), RUNNING, [], ["disable", "stop"], False),
        (_record(), STOPPED, [], [], False),
        (_record(), STOPPED._replace(active="active"), [], ["stop"], False),
        (_record(before={"file": "disabled", "active": True}), RUNNING, [], ["disable"], False),
        (_record(before={"file": "disabled", "active": True}), RUNNING, [f"{FILE}.d/x.conf"], ["disable"], True),
        (_record(before={"file": "enabled", "active": True}), RUNNING, [], [], False),
        (_record(before={"file": "static", "active": False}), RUNNING._replace(file="static"), [], [], False),
        # A first boot does not know what was before.
        (_record(before={"file": "", "active": False}), RUNNING, [], ["disable", "stop"], False),
        (_record(), ABSENT, [], [], False),
        # Its file goes, which stops and disables it; or a killed run has removed it, and systemd does not know yet.
        (_record(before={"file": "", "active": False}), RUNNING, [FILE], [], False),
        (_record(before={"file": "", "active": False}), RUNNING._replace(active="inactive"), None, [], False),
        (_record(enabled=False), STOPPED, [], [], False),
        (_record(enabled=False, before={"file": "enabled", "active": True}), STOPPED, [], ["enable", "start"], False),
        (_record(enabled=False, before={"file": "enabled", "active": False}), STOPPED, [], ["enable"], False),
        (_record(enabled=False, before={"file": "enabled", "active": True}), RUNNING, [], [], False),
        (
            _record(enabled=None, masked=False, before={"file": "masked", "active": False}),
            STOPPED,
            [],
            ["mask"],
            False,
        ),
        (_record(enabled=None, masked=False), STOPPED, [], [], False),
        (
            _record(enabled=None, masked=True, before={"file": "enabled", "active": True}),
            UnitState("masked", "inactive", "masked"),
            [FILE],
            ["enable", "start"],
            False,
        ),
    ],
)
def test_a_unit_goes_back_to_what_it_was(
    record: Record, state: UnitState, paths: list[str] | None, calls: list[str], restart: bool
) -> None:
    records: Records = {f"unit {NAME}": record}
    files = [f"{VENDORS}/{NAME}"] if record["before"]["file"] or paths == [] else []
    if paths is None or FILE in paths:
        records[f"path {FILE}"] = {"kind": "file", "owner": "base", "before": None}
    nodes = {path: Seen("f", 0o644, 0, 0, "1:1", "") for path in (*files, *(paths or ()))}
    plan = _compared(NOTHING, _seen(state, nodes=nodes), records, paths or ())
    assert plan.verbs == [(verb, NAME) for verb in calls]
    assert plan.restart == ({NAME: state.invocation} if restart else {})
    assert plan.records == {}


def test_what_is_said_no_longer_is_taken_back_although_the_unit_stays() -> None:
    plan = _compared(_want({"contents": "x"}), _seen(RUNNING), {f"unit {NAME}": _record()})
    assert plan.verbs == [("disable", NAME), ("stop", NAME)]
    assert plan.records == {}


@pytest.mark.parametrize(
    ("record", "state", "before"),
    [
        (None, RUNNING, {"file": "enabled", "active": True}),
        (None, UnitState("loaded", "failed", "disabled"), {"file": "disabled", "active": False}),
        (None, ABSENT, {"file": "", "active": False}),
        (_record(enabled=False), RUNNING, {"file": "disabled", "active": False}),
    ],
)
def test_the_record_has_what_was_before_the_first_run(record: Record | None, state: UnitState, before: Record) -> None:
    records: Records = {f"unit {NAME}": record} if record else {}
    plan = _compared(_want({"enabled": True, "mask": False}), _seen(state), records)
    assert plan.records == {f"unit {NAME}": _record(masked=False, before=before)}


def test_a_unit_of_another_description_is_refused() -> None:
    with pytest.raises(NodeError, match=r"a\.service is claimed by base, but belongs to other") as caught:
        _compared(_want({"enabled": True}), _seen(RUNNING), {f"unit {NAME}": _record(owner="other")})
    assert caught.value.code == "claimed_twice"


@pytest.mark.parametrize(
    ("verb", "item", "state", "verbs"),
    [
        ("start", {"enabled": True}, RUNNING._replace(active="inactive"), ["start"]),
        ("start", {"enabled": True}, RUNNING, []),
        ("start", {"enabled": False}, STOPPED, []),
        ("stop", {"enabled": False}, STOPPED._replace(active="active"), ["stop"]),
        ("stop", {"enabled": True}, RUNNING, []),
    ],
)
def test_what_a_killed_run_left_to_do(verb: str, item: Config, state: UnitState, verbs: list[str]) -> None:
    unfinished = {**NOTHING_LEFT, "kind": "unfinished", "reload": False, verb: [NAME]}
    plan = _compared(_want(item), _seen(state), {UNFINISHED: unfinished})
    assert (plan.verbs, plan.restart) == ([(verb, NAME) for verb in verbs], {})
    assert plan.waiting == NOTHING_LEFT


@pytest.mark.parametrize(
    ("want", "state", "still"),
    [
        (_want({"enabled": True}), RUNNING, True),
        (_want({"dropins": [{"name": "x.conf", "contents": "x"}]}), RUNNING, True),
        (NOTHING, RUNNING, True),
        (_want({"enabled": True}), RUNNING._replace(invocation="second"), False),
        (_want({}), RUNNING._replace(active="inactive", invocation=""), False),
        (_want({"mask": True}), RUNNING, False),
    ],
)
def test_a_unit_is_to_be_restarted_until_it_has_been(want: Desired, state: UnitState, still: bool) -> None:
    unfinished = {**NOTHING_LEFT, "kind": "unfinished", "reload": False, "restart": {NAME: "first"}}
    records = {UNFINISHED: unfinished, f"unit {NAME}": _record(before={"file": "enabled", "active": True})}
    plan = _compared(want, _seen(state), records)
    assert plan.restart == ({NAME: "first"} if still else {})
    assert plan.waiting == {**NOTHING_LEFT, "restart": plan.restart}


def test_what_a_killed_run_left_to_do_for_others_is_kept() -> None:
    unfinished = {
        "kind": "unfinished",
        "reload": True,
        "start": [NAME, "b.service"],
        "stop": [],
        "restart": {"c.timer": "third"},
    }
    plan = _compared(_want({"enabled": True}), _seen(RUNNING), {UNFINISHED: unfinished})
    assert plan.waiting == {**NOTHING_LEFT, "start": ["b.service"], "restart": {"c.timer": "third"}}
    assert plan.restart == {}


@pytest.mark.parametrize(
    ("paths", "units"),
    [
        ([FILE, f"{SYSTEM}/b@1.socket.d/x.conf", f"{SYSTEM}/c-\\x2d:_.mount"], {NAME, "b@1.socket", "c-\\x2d:_.mount"}),
        ([f"{SYSTEM}/{NAME}.wants/b.service", f"{SYSTEM}/x/{NAME}", f"{VENDORS}/{NAME}", f"{SYSTEM}/a.conf"], set()),
        ([f"{SYSTEM}/a b.service", f"{FILE}.d/x/y", f"{FILE}\n", f"{SYSTEM}/*.service"], set()),
    ],
)
def test_the_units_of_paths(paths: list[str], units: set[str]) -> None:
    assert units_of(paths) == units


def test_the_text_of_presets_is_that_of_the_node() -> None:
    def text(want: Desired, found: str | None, records: Records | None = None) -> str | None:
        seen = _seen(RUNNING, texts={} if found is None else {PRESET: found})
        return compare_units(Plan(), want, seen, records or {}, OURS)

    assert text(_want({"enabled": True}), None) == f"enable {NAME}\n"
    assert text(_want({"enabled": True}), f"enable {NAME}\n") is None
    assert text(_want({"mask": True}), None) is None
    assert text(NOTHING, f"enable {NAME}\n# x\n", {f"unit {NAME}": _record()}) == "# x\n"
    assert text(NOTHING, f"enable {NAME}\n", {f"unit {NAME}": _record()}) == ""
    assert text(NOTHING, f"enable {NAME}\n", {f"unit {NAME}": _record(owner="other")}) is None


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted", "merged"),
    [
        ("", {"a.service": True, "b.timer": False}, [], "enable a.service\ndisable b.timer\n"),
        ("enable a.service\n", {"a.service": False}, [], "disable a.service\n"),
        ("enable a.service", {"a.service": True}, [], "enable a.service"),
        ("enable a.service", {"b.service": True}, [], "enable a.service\nenable b.service\n"),
        (" enable  a.service \r\n", {"a.service": True}, [], " enable  a.service \r\n"),
        ("enable a.service\nenable b.service\n", {}, ["a.service"], "enable b.service\n"),
        ("disable a.service\n", {}, ["a.service", "b.service"], ""),
        ("", {"a@1.service": True, "a@2.service": True}, [], "enable a@.service 1 2\n"),
        ("", {"a@1.service": True, "a@1.socket": True}, [], "enable a@.service 1\nenable a@.socket 1\n"),
        ("", {"a@1.2@b.service": True}, [], "enable a@.service 1.2@b\n"),
        ("enable a@.service 1\n\n", {"a@2.service": True}, [], "enable a@.service 1 2\n\n"),
        ("enable a@.service 1 2 3\n", {"a@2.service": False}, [], "enable a@.service 1 3\ndisable a@.service 2\n"),
        ("enable a@.service 1 2 3\n", {}, ["a@2.service", "a@3.service"], "enable a@.service 1\n"),
        ("enable a@.service 1\n", {}, ["a@1.service"], ""),
        ("enable a.service 1\n", {}, ["a.service"], ""),
        ("enable a@.service\n", {"a@.service": True}, ["a@1.service"], "enable a@.service\n"),
        ("enable a@.service\n", {"a@1.service": True}, [], "enable a@.service\nenable a@.service 1\n"),
        ("enable a@.service 1\n", {"a@.service": True}, [], "enable a@.service 1\nenable a@.service\n"),
        (
            "# enable a.service\n;\n\nignore a.service\n",
            {},
            ["a.service"],
            "# enable a.service\n;\n\nignore a.service\n",
        ),
        ("enable a.service\ndisable *\n", {"b.service": True}, [], "enable a.service\ndisable *\nenable b.service\n"),
    ],
)
def test_presets(text: str, wanted: dict[str, bool], unwanted: list[str], merged: str) -> None:
    assert presets(text, wanted, unwanted) == merged


FOREIGN = ["# a comment", "; enable a.service", "", "  ", "enable", "ignore a.service", "\u2028\x0c", " disable *\r"]
UNITS = ["a.service", "b.timer", "c@.service", "c@1.service", "c@x-2.service", "d@1.2@3.socket"]
LINES = [
    "enable a.service",
    "disable b.timer",
    "enable c@.service 1 x-2",
    "disable c@.service",
    "enable d@.socket 1.2@3",
]
TEXTS = st.lists(st.sampled_from(FOREIGN + LINES)).map(lambda lines: "".join(f"{line}\n" for line in lines))
WANTED = st.dictionaries(st.sampled_from(UNITS), st.booleans())
UNWANTED = st.lists(st.sampled_from([*UNITS, "e.service"]))


@given(TEXTS, WANTED, UNWANTED)
def test_other_lines_of_presets_stay(text: str, wanted: dict[str, bool], unwanted: list[str]) -> None:
    merged = presets(text, wanted, [name for name in unwanted if name not in wanted])
    assert _others(merged) == _others(text)
    assert presets(merged, wanted, []) == merged
    everything = presets(merged, {}, UNITS)
    assert everything.split("\n") == [*_others(text), ""]


def _others(text: str) -> list[str]:
    return [line for line in text.split("\n")[:-1] if line in FOREIGN]
