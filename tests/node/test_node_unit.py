# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_unit on a node: each state twice, and in check mode."""

from __future__ import annotations

import collections.abc
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

#: What the units of the tests run.
UNITS = {
    "good.service": "exec sleep 600",
    "bad.service": "echo what it says; exit 3",
    "later.service": "sleep 0.3; echo what it says; exit 3",
    "slow.service": "sleep 600",
    "masked.service": "exec sleep 600",
}
MORE = {
    "bad.service": "Type=oneshot",
    "slow.service": "Type=oneshot",
    "good.service": "ExecReload=/bin/true",
    "later.service": "Restart=on-failure\nRestartSec=60",
}


@pytest.fixture
def unit(play: Player, nodes: Nodes) -> collections.abc.Iterator[t.Callable[..., Played]]:
    """Runs node_unit with options, on a node that has UNITS."""
    script = "sudo mkdir -p /run/systemd/system\n"
    for name, command in UNITS.items():
        service = f"[Service]\nExecStart=/bin/sh -c '{command}'\n{MORE.get(name, '')}\n"
        text = f"{service}[Install]\nWantedBy=multi-user.target\n"
        folder = "/run/systemd/system" if name == "masked.service" else "/etc/systemd/system"
        script += f"sudo tee {folder}/{name} >/dev/null <<'END'\n{text}END\n"
    nodes.run("node1", f"{script}sudo systemctl daemon-reload")

    def run(check: bool = False, **options: t.Any) -> Played:
        task = {"flatops.flatcar.node_unit": options}
        return play([task], hosts="node1", check=check, diff=True)

    yield run
    names = " ".join(UNITS)
    nodes.run(
        "node1",
        f"sudo systemctl disable --now {names}; sudo systemctl unmask {names}; sudo systemctl reset-failed; "
        "sudo rm -f /etc/systemd/system/*.service; sudo systemctl daemon-reload",
    )


def shown(nodes: Nodes, name: str) -> tuple[str, str]:
    """Whether a unit is active and enabled."""
    active, enabled = nodes.run("node1", f"systemctl is-active {name}; systemctl is-enabled {name}").stdout.split()
    return active, enabled


STATES: list[tuple[dict[str, t.Any], list[str], tuple[str, str]]] = [
    ({"state": "started"}, ["start"], ("active", "disabled")),
    ({"enabled": True}, ["enable"], ("active", "enabled")),
    ({"state": "stopped", "enabled": False}, ["disable", "stop"], ("inactive", "disabled")),
    ({"state": "started", "enabled": True}, ["enable", "start"], ("active", "enabled")),
]


def test_states(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    for options, actions, expected in STATES:
        before = shown(nodes, "good")
        checked, first = unit(True, name="good", **options), unit(name="good", **options)
        assert [result.result["actions"] for result in checked.results] == [actions], checked.output
        assert checked.results[0].changed and first.results[0].changed
        assert checked.results[0].result["status"] == first.results[0].result["status"]
        assert checked.results[0].result["diff"] == first.results[0].result["diff"]
        assert before != expected == shown(nodes, "good")
        second = unit(name="good", **options)
        assert not second.results[0].changed and second.results[0].result["actions"] == []
        assert second.results[0].result["status"] == first.results[0].result["status"]


def test_check_mode_does_nothing(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    for options in ({"state": "started"}, {"enabled": True}, {"state": "restarted"}, {"state": "reloaded"}):
        assert unit(True, name="good", **options).results[0].changed
        assert shown(nodes, "good") == ("inactive", "disabled")
    assert unit(True, name="masked", masked=True).results[0].changed
    assert shown(nodes, "masked") == ("inactive", "disabled")


def test_restart_and_reload(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    pids = []
    for state in ("started", "restarted", "reloaded"):
        assert unit(name="good", state=state).results[0].changed
        pids.append(nodes.run("node1", "systemctl show --value -p MainPID good").stdout)
    assert pids[0] != pids[1] == pids[2]


def test_mask_stops(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    assert unit(name="masked", state="started").results[0].changed
    masked = unit(name="masked", masked=True)
    assert masked.results[0].result["actions"] == ["stop", "mask"], masked.output
    assert shown(nodes, "masked") == ("inactive", "masked")
    assert not unit(name="masked", masked=True).results[0].changed
    refused = unit(name="masked", state="started").results[0]
    assert refused.failed and refused.result["error_code"] == "masked"
    again = unit(name="masked", masked=False, state="started")
    assert again.results[0].result["actions"] == ["unmask", "start"], again.output
    assert shown(nodes, "masked")[0] == "active"


def test_a_unit_of_etc_cannot_be_masked(unit: t.Callable[..., Played]) -> None:
    for check in (True, False):
        assert unit(check, name="good", masked=True).results[0].result["error_code"] == "cannot_mask"


def test_a_unit_that_does_not_exist(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    assert unit(name="none", state="started").results[0].result["error_code"] == "not_found"
    masked = unit(name="none.timer", masked=True)
    assert masked.results[0].changed, masked.output
    assert not unit(name="none.timer", masked=True).results[0].changed
    assert unit(name="none.timer", masked=False).results[0].changed
    assert nodes.run("node1", "ls /etc/systemd/system/none.timer").stdout == ""


@pytest.mark.parametrize("name", ["bad", "later"])
def test_a_unit_that_fails(unit: t.Callable[..., Played], name: str) -> None:
    failed = unit(name=name, state="started").results[0]
    assert failed.failed and failed.result["error_code"] == "unit_failed"
    assert "what it says" in failed.result["journal"]


def test_a_unit_that_takes_long(unit: t.Callable[..., Played]) -> None:
    failed = unit(name="slow", state="started", timeout=2).results[0]
    assert failed.failed and failed.result["error_code"] == "timeout"
    assert "longer than 2 s" in failed.result["msg"]


def test_a_changed_unit_file_is_read(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    unit(name="good", state="started")
    nodes.run("node1", "sudo touch -d '+5 seconds' /etc/systemd/system/good.service")
    again = unit(name="good", state="started")
    assert again.results[0].result["actions"] == ["daemon-reload"], again.output
    assert not unit(name="good", state="started").results[0].changed


def test_a_condition_that_does_not_hold(unit: t.Callable[..., Played], nodes: Nodes) -> None:
    nodes.run(
        "node1",
        "sudo mkdir -p /run/systemd/system/good.service.d; printf '[Unit]\\nConditionPathExists=/nowhere\\n' | "
        "sudo tee /run/systemd/system/good.service.d/c.conf; sudo systemctl daemon-reload",
    )
    skipped = unit(name="good", state="started")
    nodes.run("node1", "sudo rm -r /run/systemd/system/good.service.d; sudo systemctl daemon-reload")
    assert not skipped.results[0].changed and "a condition" in skipped.results[0].result["warnings"][0]


@pytest.mark.parametrize(
    "options",
    [
        {"name": "a b", "state": "started"},
        {"name": "$(touch /x)", "state": "started"},
        {"name": "good", "state": "started", "masked": True},
        {"name": "good", "state": "gone"},
        {"state": "started"},
    ],
)
def test_bad_options(unit: t.Callable[..., Played], options: dict[str, t.Any]) -> None:
    assert unit(**options).results[0].result["error_code"] == "bad_option"


def test_defaults_of_the_group(play: Player) -> None:
    tasks = [
        {
            "block": [{"flatops.flatcar.node_unit": {"state": "stopped"}}],
            "module_defaults": {"group/flatops.flatcar.node": {"name": "sshd-keygen.service"}},
        }
    ]
    played = play(tasks, hosts="node1")
    assert played.rc == 0, played.output
