# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units: what is planned for each wish, and what a failure says."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import unit as units
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.unit import Outcome, Unit, Wanted

RUNNING = Unit("a.service", "loaded", "active", "running", "enabled", can_reload="yes", stale="no")
STOPPED = RUNNING._replace(active_state="inactive", sub_state="dead", unit_file_state="disabled")
FAILED = STOPPED._replace(active_state="failed", sub_state="failed", result="exit-code", main_status="1")
MASKED = STOPPED._replace(load_state="masked", unit_file_state="masked")
ABSENT = Unit("a.service", "not-found", "inactive", "dead")
STALE = RUNNING._replace(stale="yes")
FLAPPING = STOPPED._replace(active_state="activating", sub_state="auto-restart")


@pytest.mark.parametrize(
    ("unit", "wanted", "steps"),
    [
        (RUNNING, Wanted(), []),
        (RUNNING, Wanted("started", True, False), []),
        (STOPPED, Wanted("started"), ["start"]),
        (FAILED, Wanted("started"), ["start"]),
        (FLAPPING, Wanted("started"), ["start"]),
        (STOPPED, Wanted("started", True), ["enable", "start"]),
        (RUNNING, Wanted("stopped", False), ["disable", "stop"]),
        (STOPPED, Wanted("stopped", False), []),
        (FAILED, Wanted("stopped"), []),
        (FLAPPING, Wanted("stopped"), ["stop"]),
        (RUNNING, Wanted("restarted"), ["restart"]),
        (STOPPED, Wanted("restarted"), ["restart"]),
        (RUNNING, Wanted("reloaded"), ["reload"]),
        (STOPPED, Wanted("reloaded"), ["start"]),
        (RUNNING, Wanted(masked=True), ["stop", "mask"]),
        (RUNNING, Wanted("stopped", False, True), ["disable", "stop", "mask"]),
        (MASKED, Wanted(masked=True), []),
        (MASKED, Wanted("stopped", False, True), []),
        (MASKED, Wanted("stopped"), []),
        (MASKED, Wanted("started", True, False), ["unmask", "enable", "start"]),
        (MASKED, Wanted(enabled=False, masked=False), ["unmask", "disable"]),
        (MASKED._replace(active_state="active"), Wanted(masked=True), ["stop"]),
        (MASKED._replace(unit_file_state="masked-runtime"), Wanted(masked=True), ["mask"]),
        (MASKED._replace(unit_file_state="masked-runtime"), Wanted(masked=False), ["unmask --runtime"]),
        (ABSENT, Wanted(masked=True), ["mask"]),
        (STALE, Wanted(), ["daemon-reload"]),
        (STALE, Wanted("restarted"), ["daemon-reload", "restart"]),
        (STALE, Wanted("restarted", reload=False), ["restart"]),
        (RUNNING._replace(unit_file_state="enabled-runtime"), Wanted(enabled=True), ["enable"]),
        (RUNNING._replace(unit_file_state="enabled-runtime"), Wanted(enabled=False), ["disable --runtime"]),
        (RUNNING._replace(unit_file_state="static"), Wanted(enabled=False), []),
        (RUNNING._replace(unit_file_state="linked"), Wanted(enabled=True), ["enable"]),
        (RUNNING._replace(unit_file_state="indirect"), Wanted(enabled=True), []),
        (Unit("a@.service", "loaded", unit_file_state="disabled"), Wanted(enabled=True), ["enable"]),
    ],
)
def test_plan(unit: Unit, wanted: Wanted, steps: list[str]) -> None:
    assert units.plan(unit, wanted) == steps


@pytest.mark.parametrize(
    ("unit", "wanted", "code"),
    [
        (ABSENT, Wanted("started"), "not_found"),
        (ABSENT, Wanted("stopped"), "not_found"),
        (ABSENT, Wanted(enabled=False), "not_found"),
        (MASKED, Wanted("started"), "masked"),
        (MASKED, Wanted(enabled=True), "masked"),
        (RUNNING._replace(unit_file_state="static"), Wanted(enabled=True), "cannot_enable"),
        (RUNNING._replace(can_reload="no"), Wanted("reloaded"), "cannot_reload"),
        (RUNNING._replace(path="/etc/systemd/system/a.service"), Wanted(masked=True), "cannot_mask"),
        (STOPPED._replace(load_state="bad-setting"), Wanted("started"), "bad_unit"),
    ],
)
def test_what_cannot_be(unit: Unit, wanted: Wanted, code: str) -> None:
    with pytest.raises(NodeError) as caught:
        units.plan(unit, wanted)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "full"), [("nginx", "nginx.service"), ("a.timer", "a.timer"), ("a@1-2.x", "a@1-2.x.service")]
)
def test_names(name: str, full: str) -> None:
    assert units.full_name(name) == full


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "$(x)", "a/b", "a\n", "@x", ".service", "x" * 260])
def test_bad_names(name: str) -> None:
    with pytest.raises(NodeError, match="no name of a systemd unit"):
        units.full_name(name)


@pytest.mark.parametrize(
    ("name", "wanted", "wrong"),
    [
        ("a.service", Wanted("started", True, False), None),
        ("a.service", Wanted("stopped", False, True), None),
        ("a.service", Wanted("started", masked=True), "neither run nor be enabled"),
        ("a.service", Wanted(enabled=True, masked=True), "neither run nor be enabled"),
        ("a@.service", Wanted("started"), "an instance of it, such as a@1.service"),
        ("a@.service", Wanted(enabled=True), None),
    ],
)
def test_contradictions(name: str, wanted: Wanted, wrong: str | None) -> None:
    found = units.contradiction(name, wanted)
    assert wrong in found if wrong and found else found == wrong


SHOWN = """\
Id=a.service
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/usr/lib/systemd/system/a.service
Description=A = B
TriggeredBy=a.socket a.timer
ActiveTrigger=a.socket
"""


def test_parse_unit() -> None:
    unit = units.parse_unit(SHOWN)
    assert unit == Unit(
        "a.service",
        "loaded",
        "active",
        "running",
        path="/usr/lib/systemd/system/a.service",
        triggered_by="a.socket a.timer",
        active_triggers=("a.socket",),
    )


@pytest.mark.parametrize(
    ("outcome", "wanted", "code"),
    [
        (Outcome(RUNNING, None, "", []), Wanted("started"), None),
        (Outcome(STOPPED, None, "", []), Wanted("started"), None),
        (Outcome(FAILED, None, "", []), Wanted("stopped"), None),
        (Outcome(FAILED, None, "", []), Wanted("restarted"), "unit_failed"),
        (Outcome(FLAPPING, None, "", []), Wanted("started"), "unit_failed"),
        (Outcome(STOPPED._replace(active_state="activating"), None, "", []), Wanted("started"), "timeout"),
        (Outcome(STOPPED, ("start", 137), "", []), Wanted("started"), "timeout"),
        (Outcome(STOPPED, ("mask", 1), "", []), Wanted(masked=True), "unit_failed"),
    ],
)
def test_verdict(outcome: Outcome, wanted: Wanted, code: str | None) -> None:
    error = units.verdict("a.service", outcome, wanted, 9)
    assert (error.code if error else None) == code


def test_a_failure_tells_what_systemd_said() -> None:
    outcome = Outcome(FAILED, ("start", 1), "Job for a.service failed.\n\nSee it.\n", ["bang"])
    error = units.verdict("a.service", outcome, Wanted("started"), 9)
    assert error
    message = "a.service: `systemctl start` failed, it is failed (failed): Job for a.service failed.; See it."
    assert str(error) == message
    assert error.details["journal"] == ["bang"]


@pytest.mark.parametrize(
    ("steps", "changes"),
    [
        ([], {}),
        (["enable", "start"], {"active_state": "active", "sub_state": "running", "unit_file_state": "enabled"}),
        (["disable --runtime"], {"unit_file_state": "disabled"}),
        (["stop", "mask"], {"load_state": "masked", "unit_file_state": "masked"}),
        (["unmask"], {"load_state": "loaded", "unit_file_state": "disabled"}),
    ],
)
def test_predicted(steps: list[str], changes: dict[str, str]) -> None:
    assert units.predicted(STOPPED, steps) == {**units.status(STOPPED), **changes}


def test_a_condition_that_does_not_hold() -> None:
    after = STOPPED._replace(condition="no")
    assert units.skipped(STOPPED, after)
    assert not units.skipped(STOPPED, RUNNING)


def _steps(**values: t.Any) -> str:
    return units.act_script("a.service", values.pop("steps"), **{"timeout": 5, "lines": 3, **values})


@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_scripts_are_sh(shell: str) -> None:
    for script in (units.look_script("a@.service"), _steps(steps=["daemon-reload", "unmask --runtime", "start"])):
        subprocess.run([shell, "-n"], input=script.encode(), check=True)


def test_steps_of_a_script() -> None:
    script = _steps(steps=["daemon-reload", "unmask --runtime", "start"])
    assert script.splitlines()[-5:] == [
        "step daemon-reload",
        'step unmask --runtime -- "$unit"',
        'step start -- "$unit"',
        "settle",
        "finish",
    ]


def test_parse_outcome() -> None:
    files = {"after": SHOWN.encode(), "failed": b"start 137\n", "log": b"x", "journal": b"1\n2\n"}
    outcome = units.parse_outcome(files)
    assert (outcome.unit.id, *outcome[1:]) == ("a.service", ("start", 137), "x", ["1", "2"])
    assert units.parse_outcome({"after": SHOWN.encode()}).failed is None
