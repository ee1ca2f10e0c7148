# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python that the benchmark gives to a node."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import python
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes


def test_modules_run_by_it(play: Player, nodes: Nodes) -> None:
    task = {"ansible.builtin.copy": {"content": "by Python\n", "dest": "/etc/by-python"}}
    variables = {"ansible_python_interpreter": python.PROGRAM}
    try:
        python.give(nodes, "node1")
        played = play([task, task], hosts="node1", variables=variables)
        assert played.rc == 0, played.output
        assert [result.changed for result in played.results] == [True, False]
        assert nodes.run("node1", "cat /etc/by-python").stdout == "by Python\n"
    finally:
        nodes.run("node1", "sudo rm -rf /opt/python /etc/by-python")
