# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan tells the next run, should this one be killed."""

from __future__ import annotations

import shlex
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node.plan import PHASES, Plan, call
from ansible_collections.flatops.flatcar.plugins.module_utils._node.records import UNFINISHED, Record, Records

FILE: Record = {"owner": "base", "kind": "file", "sha256": "aa", "before": None}
USER: Record = {"owner": "base", "kind": "user", "made": True, "exists": True, "before": {}}
LEFT = Plan().waiting
NOTHING: Record = {"kind": "unfinished", "reload": False, **LEFT}


def _plan(records: Records | None = None, earlier: Records | None = None, **attributes: t.Any) -> Plan:
    plan = Plan()
    plan.records, plan.earlier = dict(records or {}), dict(earlier or {})
    for name, value in attributes.items():
        setattr(plan, name, value)
    return plan


@pytest.mark.parametrize(
    ("plan", "records"),
    [
        (_plan(), {}),
        (_plan({"path /a": FILE}), {"path /a": FILE}),
        # What this run takes away is known until it has ended.
        (_plan({"path /a": FILE}, {"path /b": FILE}), {"path /a": FILE, "path /b": FILE}),
        (_plan({"path /a": FILE}, {"path /a": {**FILE, "sha256": "bb"}}), {"path /a": FILE}),
        (_plan({"path /a": FILE}, begun={"path /a": {"was": "bb"}}), {"path /a": {**FILE, "was": "bb"}}),
        (_plan({"path /a": FILE}, begun={"path /a": {"unmade": True}}), {"path /a": {**FILE, "unmade": True}}),
    ],
)
def test_the_records_until_the_run_ends(plan: Plan, records: Records) -> None:
    assert plan.unfinished() == {**records, UNFINISHED: NOTHING}


@pytest.mark.parametrize(
    ("attributes", "marker"),
    [
        ({"verbs": [("enable", "a"), ("start", "b"), ("start", "a")]}, {"start": ["a", "b"]}),
        ({"verbs": [("disable", "a"), ("stop", "a"), ("mask", "a")]}, {"stop": ["a"]}),
        ({"waiting": {**LEFT, "restart": {"a": "1"}, "reboot": "boot"}}, {"restart": {"a": "1"}, "reboot": "boot"}),
        # Of another description's run that was killed.
        ({"waiting": {**LEFT, "start": ["x"]}, "verbs": [("start", "a")]}, {"start": ["a", "x"]}),
        ({"earlier": {UNFINISHED: {**NOTHING, "start": ["x"], "reload": True}}}, {}),
    ],
)
def test_what_systemd_and_the_user_are_still_to_be_told(attributes: dict[str, t.Any], marker: Record) -> None:
    assert _plan(**attributes).unfinished() == {UNFINISHED: {**NOTHING, **marker}}


def test_a_reload_is_still_to_be_done() -> None:
    plan = _plan()
    plan.call("reload", "reload")
    assert plan.unfinished()[UNFINISHED]["reload"] is True


def test_accounts_are_recorded_before_anything_else_is() -> None:
    key = {"owner": "base", "kind": "key"}
    earlier = {"path /a": FILE, "user b": USER, UNFINISHED: {**NOTHING, "reload": True}}
    plan = _plan({"path /a": {**FILE, "sha256": "bb"}, "path /c": FILE, "user a": USER, "key a 1": key}, earlier)
    assert plan.accounts() == {**earlier, "user a": USER, "key a 1": key}
    assert PHASES.index("save") < PHASES.index("accounts") < PHASES.index("stage") < PHASES.index("commit")


def test_temporary_names() -> None:
    plan = Plan()
    names = [plan.temporary(path) for path in ("/etc/motd", "/root", "/etc/a\nb/c")]
    assert names == [f"{folder}/.flatops.{plan.run}.{index}" for index, folder in enumerate(("/etc", "", "/etc/a\nb"))]
    assert plan.temporaries == names
    assert Plan().run != plan.run


@pytest.mark.parametrize("word", ["a b", "it's", "$(reboot)", "`x`", "\n", "-n", "ü", "", "\\", '"'])
def test_words_arrive_as_they_are(word: str) -> None:
    assert shlex.split(call("did", word, 7)) == ["did", word, "7"]


def test_members_have_names_of_their_own() -> None:
    plan = Plan()
    assert [plan.member(b"a"), plan.member(b"a")] == ["blobs/0", "blobs/1"]
