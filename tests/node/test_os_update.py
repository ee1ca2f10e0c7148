# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook os_update on nodes without Kubernetes."""

from __future__ import annotations

import concurrent.futures
import datetime
import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

PLAYBOOK = "flatops.flatcar.os_update"
NEWER, NEWEST, NEXT, LATER, LAST = "4790.2.0", "4801.2.0", "4812.2.0", "4823.2.0", "4834.2.0"
ALONE = {"flatcar_reboot_authority": "playbook", "os_update_soak": 0}
NAMES = ("node1", "node2", "node3")


class Fleet:
    """The nodes, of which node2 is the canary, and the playbook on them."""

    def __init__(self, play: Player, nodes: Nodes, folder: pathlib.Path) -> None:
        self.play = play
        self.nodes = nodes
        self.groups = folder / "groups.json"
        self.groups.write_text(json.dumps({"canaries": {"hosts": {"node2": {}}}}))

    def run(self, *arguments: str, **variables: t.Any) -> Played:
        given = {**ALONE, **variables}
        return self.play.run(PLAYBOOK, variables=given, arguments=["-i", str(self.groups), *arguments])

    def sh(self, name: str, script: str) -> str:
        return self.nodes.run(name, f"sudo sh <<'END'\n{script}\nEND\n").stdout

    @property
    def versions(self) -> list[str]:
        return [self.sh(name, '. /etc/os-release; echo "$VERSION"').strip() for name in NAMES]

    def offer(self, version: str, *names: str) -> None:
        for name in names:
            self.sh(name, f"echo VERSION={version} >/boot/standin/offer")


@pytest.fixture
def fleet(play: Player, nodes: Nodes, tmp_path: pathlib.Path) -> Fleet:
    found = Fleet(play, nodes, tmp_path)
    for name in NAMES:
        found.sh(name, "rm -f /boot/standin/offer; systemctl mask --now locksmithd")
    return found


def rebooted(played: Played) -> list[str]:
    """The nodes that the playbook has rebooted, in their order."""
    return [result.host for result in played.results if result.result.get("rebooted")]


def said(played: Played, host: str) -> str:
    """The last word on a host."""
    return str([result.result["msg"] for result in played.of(host) if "msg" in result.result][-1])


def window(hours: int) -> str:
    """When a window begins that begins in so many hours."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%a %H:%M")


def test_update(fleet: Fleet) -> None:
    fleet.offer(NEWER, "node1", "node2")
    before = fleet.versions
    closed = fleet.run(flatcar_window_start=window(2))
    assert closed.rc == 0, closed.output
    assert rebooted(closed) == [] and fleet.versions == before
    assert f"waits to boot {NEWER}, left because the window is closed" in said(closed, "node2")
    checked = fleet.run("--check")
    assert checked.rc == 0 and rebooted(checked) == [], checked.output
    done = fleet.run(flatcar_window_start=window(-2), os_update_canary="canaries")
    assert done.rc == 0, done.output
    assert rebooted(done) == ["node2", "node1"]
    assert fleet.versions == [NEWER, NEWER, before[2]]
    again = fleet.run(os_update_canary="canaries")
    assert again.rc == 0 and not any(result.changed for result in again.results), again.output


@pytest.mark.one_core
def test_reboot(fleet: Fleet) -> None:
    before = fleet.versions
    fleet.sh("node2", "touch /run/reboot-required")
    fleet.offer(NEWEST, "node3")
    fleet.sh("node3", "update_engine_client -update")
    done = fleet.run(os_update_action="reboot", os_update_serial=2)
    assert done.rc == 0 and sorted(rebooted(done)) == ["node2", "node3"], done.output
    assert fleet.versions == [*before[:2], NEWEST]
    forced = fleet.run("--limit", "node1", os_update_action="reboot", os_update_force=True)
    assert forced.rc == 0 and rebooted(forced) == ["node1"], forced.output


@pytest.mark.one_core
def test_failures(fleet: Fleet) -> None:
    before = fleet.versions
    fleet.offer(NEXT, *NAMES)
    fleet.sh("node2", "touch /boot/standin/broken$((7 - $(cat /boot/standin/booted)))")
    canary = fleet.run(os_update_canary="canaries")
    assert canary.rc == 2 and rebooted(canary) == ["node2"], canary.output
    assert "did not start" in said(canary, "node2") and "left because of the canary node2" in said(canary, "node1")
    assert fleet.versions == before
    enough = fleet.run(os_update_serial="34%", os_update_max_failures=1)
    assert enough.rc == 2 and fleet.versions == [NEXT, before[1], NEXT], enough.output
    assert "did not start" in said(enough, "node2")


@pytest.mark.one_core
def test_a_node_is_lost(fleet: Fleet) -> None:
    """While the canary is watched. The next run does nothing before it is back, with what was staged."""
    before = fleet.versions
    fleet.offer(LATER, *NAMES)
    fleet.sh("node2", "rm -f /boot/standin/broken*")
    boot = fleet.nodes.boot_id("node2")
    with concurrent.futures.ThreadPoolExecutor() as executor:
        running = executor.submit(fleet.run, os_update_canary="canaries", os_update_soak=0.3)
        fleet.nodes.wait_for_boot("node2", boot)
        fleet.nodes.cut_power("node1")
        played = running.result()
    assert played.rc == 2 and rebooted(played) == ["node2"], played.output
    assert any(result.failed for result in played.of("node1"))
    assert "left because of node1" in said(played, "node3")
    refused = fleet.run()
    assert refused.rc == 4 and not any(result.changed for result in refused.results), refused.output
    assert {result.host for result in refused.results if result.failed} == {"node1"}, refused.output
    fleet.nodes.power_on("node1")
    assert fleet.versions == [LATER, LATER, before[2]]
    mended = fleet.run()
    assert mended.rc == 0 and rebooted(mended) == ["node3"] and fleet.versions == [LATER] * 3, mended.output


@pytest.mark.one_core
def test_killed(fleet: Fleet) -> None:
    """While it stages, and when the first node has rebooted: each time the next run goes on from there."""
    for name in NAMES:
        fleet.sh(name, "rm -f /boot/standin/broken*")
    fleet.offer(LAST, *NAMES)
    boot = fleet.nodes.boot_id("node1")

    def staged() -> bool:
        return "UPDATED_NEED_REBOOT" in fleet.sh("node1", "update_engine_client -status")

    def in_the_next_boot() -> bool:
        return fleet.nodes.boot_id("node1") not in ("", boot)

    for condition in (staged, in_the_next_boot):
        fleet.play.killed_when(condition, PLAYBOOK, variables=ALONE)
    mended = fleet.run()
    assert mended.rc == 0 and fleet.versions == [LAST] * 3, mended.output
    again = fleet.run()
    assert again.rc == 0 and not any(result.changed for result in again.results), again.output


@pytest.mark.one_core
def test_refused(fleet: Fleet) -> None:
    for variables in (
        {"flatcar_reboot_authority": "locksmithd"},
        {"flatcar_window_start": "Someday 22:00"},
    ):
        refused = fleet.run(**variables)
        assert refused.rc == 2 and not any(result.changed for result in refused.results), refused.output
        assert "flatcar_reboot_authority is playbook or kured" in said(refused, "node1")
    fleet.sh("node2", "systemctl unmask locksmithd; systemctl start locksmithd")
    refused = fleet.run()
    assert refused.rc == 2 and "locksmithd runs" in said(refused, "node2")
    assert not any(result.changed for result in refused.results)
