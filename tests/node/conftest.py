# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three nodes for each file of tests, and what runs playbooks on them."""

from __future__ import annotations

import collections.abc
import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import started
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[standin.Nodes]:
    with started(3) as found:
        yield found


@pytest.fixture
def play(nodes: standin.Nodes, tmp_path: pathlib.Path) -> Player:
    return Player(nodes.inventory, tmp_path)
