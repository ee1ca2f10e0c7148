# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test nodes themselves: what they are, and that they come and go."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

NAMES = ["node1", "node2", "node3"]


def test_ansible_reaches_three_nodes(play: Player) -> None:
    played = play([{"raw": "id -u; . /etc/os-release; echo $ID"}])
    assert played.rc == 0, played.output
    assert sorted(result.host for result in played.results) == NAMES
    assert {tuple(result.result["stdout_lines"]) for result in played.results} == {("0", "flatcar")}


def test_reboot(nodes: Nodes) -> None:
    before = nodes.boot_id("node2")
    nodes.run("node2", "sudo systemctl reboot")
    nodes.wait_for_boot("node2", before)
    assert nodes.run("node2", "systemctl is-system-running --wait").stdout == "running\n"
