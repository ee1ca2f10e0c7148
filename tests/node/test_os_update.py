# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook os_update on nodes without Kubernetes."""

from __future__ import annotations

import collections.abc
import datetime
import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import VERSION, Nodes

PLAYBOOK = "flatops.flatcar.os_update"
NEWER = "4790.2.0"
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

    def all(self, script: str) -> None:
        for name in NAMES:
            self.sh(name, script)

    @property
    def versions(self) -> list[str]:
        return [self.sh(name, '. /etc/os-release; echo "$VERSION"').strip() for name in NAMES]

    @property
    def boots(self) -> list[str]:
        return [self.nodes.boot_id(name) for name in NAMES]

    def clean(self) -> None:
        """VERSION on each node, and nothing staged or offered; nothing else reboots them."""
        stale = f"echo 2 0 1 >/boot/standin/part3; echo 1 0 0 >/boot/standin/part4; echo {VERSION} >/boot/standin/version3"
        self.all("rm -f /boot/standin/offer /boot/standin/broken*; rm -rf /var/lib/update_engine; " + stale)
        before = dict(zip(NAMES, self.boots))
        self.all("systemctl mask --now locksmithd; systemctl reboot")
        for name in NAMES:
            self.nodes.wait_for_boot(name, before[name])


@pytest.fixture
def fleet(play: Player, nodes: Nodes, tmp_path: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    found = Fleet(play, nodes, tmp_path)
    found.clean()
    yield found


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
    for name in ("node1", "node2"):
        fleet.sh(name, f"echo VERSION={NEWER} >/boot/standin/offer")
    closed = fleet.run(flatcar_window_start=window(2))
    assert closed.rc == 0, closed.output
    assert rebooted(closed) == [] and fleet.versions == [VERSION] * 3
    assert f"waits to boot {NEWER}" in said(closed, "node2")
    checked = fleet.run("--check", os_update_version="latest")
    assert checked.rc == 0 and rebooted(checked) == [], checked.output
    done = fleet.run(flatcar_window_start=window(-2), os_update_canary="canaries")
    assert done.rc == 0, done.output
    assert rebooted(done) == ["node2", "node1"]
    assert fleet.versions == [NEWER, NEWER, VERSION]
    again = fleet.run(os_update_canary="canaries")
    assert again.rc == 0 and not any(result.changed for result in again.results), again.output


@pytest.mark.one_core
def test_failures(fleet: Fleet) -> None:
    fleet.all(f"echo VERSION={NEWER} >/boot/standin/offer")
    fleet.sh("node2", "touch /boot/standin/broken4")
    canary = fleet.run(os_update_canary="canaries")
    assert canary.rc == 2 and rebooted(canary) == ["node2"], canary.output
    assert "did not start" in said(canary, "node2") and "of the canary node2" in said(canary, "node1")
    assert fleet.versions == [VERSION] * 3
    enough = fleet.run(os_update_serial="34%", os_update_max_failures=1)
    assert enough.rc == 2 and fleet.versions == [NEWER, VERSION, NEWER], enough.output
    assert "did not start" in said(enough, "node2")


@pytest.mark.one_core
def test_reboot(fleet: Fleet) -> None:
    fleet.sh("node2", "touch /run/reboot-required")
    fleet.sh("node3", f"echo VERSION={NEWER} >/boot/standin/offer; update_engine_client -update")
    done = fleet.run(os_update_action="reboot", os_update_serial=2)
    assert done.rc == 0 and sorted(rebooted(done)) == ["node2", "node3"], done.output
    assert fleet.versions == [VERSION, VERSION, NEWER]
    before = fleet.boots
    forced = fleet.run("--limit", "node1", os_update_action="reboot", os_update_force=True)
    assert forced.rc == 0, forced.output
    assert [old == new for old, new in zip(before, fleet.boots)] == [False, True, True]


@pytest.mark.one_core
def test_refused(fleet: Fleet) -> None:
    for variables in (
        {"flatcar_reboot_authority": "locksmithd"},
        {"os_update_action": "install"},
        {"os_update_canary": "nobody"},
        {"flatcar_window_start": "Someday 22:00"},
    ):
        refused = fleet.run(**variables)
        assert refused.rc == 2 and not any(result.changed for result in refused.results), refused.output
        assert "flatcar_reboot_authority is playbook or kured" in said(refused, "node1")
    fleet.sh("node2", "systemctl unmask locksmithd; systemctl start locksmithd")
    refused = fleet.run()
    assert refused.rc == 2 and "locksmithd runs" in said(refused, "node2")
    assert not any(result.changed for result in refused.results)


@pytest.mark.one_core
def test_lost_nodes(fleet: Fleet) -> None:
    """One that does not answer at first stops all; one that is lost later is one that fails."""
    fleet.all(f"echo VERSION={NEWER} >/boot/standin/offer")
    fleet.nodes.cut_power("node1")
    refused = fleet.run()
    assert refused.rc == 4 and not any(result.changed for result in refused.results), refused.output
    fleet.nodes.power_on("node1")
