# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs playbooks on the nodes of a cluster, which each file of tests starts for itself."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin


@pytest.fixture
def play(nodes: standin.Nodes, tmp_path: pathlib.Path) -> Player:
    return Player(nodes.inventory, tmp_path)
