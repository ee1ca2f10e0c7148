# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fragment of a role, and nodes that boot with it."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib
import typing as t

from ansible_collections.flatops.flatcar.tests.node.booted import booted_with
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import Task, of, succeeded
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

Variables = collections.abc.Mapping[str, t.Any]


def fragment(role: str) -> str:
    """A role's fragment as a task names it."""
    return f"{{{{ query('flatops.flatcar.fragments', {{'role': '{role}'}}) }}}}"


def rendered(role: str, **options: t.Any) -> Task:
    """A task whose result has a role's Ignition config as `content`."""
    return {
        "name": "rendered",
        "flatops.flatcar.ignition": {"butane": fragment(role), "return_content": True, **options},
    }


@contextlib.contextmanager
def booted_with_role(role: str, variables: Variables, folder: pathlib.Path) -> collections.abc.Iterator[standin.Nodes]:
    """node1, booted with a role's fragment and the record of it. folder is for the rendering."""
    inventory = folder / "inventory"
    inventory.write_text("node1\n")
    played = Player(inventory, folder)([rendered(role, first_boot_record=True)], hosts="node1", variables=variables)
    succeeded(played)
    with booted_with(of(played, "rendered")["content"]) as nodes:
        yield nodes
