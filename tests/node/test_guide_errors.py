# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes with running machines, each made once: the guide to errors shows what is said then."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.guide import messages, told
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import Task, described, file

SHOWN = messages("Machines that run")
CONFIG: Task = {"flatops.flatcar.node_config": {"butane": described(files=[file("/etc/motd", "Hello\n")])}}
NAMED: Task = {"flatops.flatcar.node_config": {**CONFIG["flatops.flatcar.node_config"], "name": "errors"}}
#: A task that fails, with variables, in the order of the guide.
MISTAKES: dict[str, tuple[Task, dict[str, t.Any]]] = {
    "gather_facts": ({"ansible.builtin.setup": {}}, {}),
    "become": (NAMED, {"ansible_become": False}),
    "name": (CONFIG, {}),
}


def test_no_mistake_is_left_out() -> None:
    assert len(SHOWN) == len(MISTAKES)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake(mistake: str, play: Player) -> None:
    task, variables = MISTAKES[mistake]
    played = play([task], hosts="node1", variables=variables)
    assert played.rc and told(SHOWN[[*MISTAKES].index(mistake)], played.output), played.output
