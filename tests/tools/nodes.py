# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test nodes to work with by hand: `python3 tests/tools/nodes.py up`, down, inventory, exec NAME COMMAND."""

from __future__ import annotations

import os
import sys

from places import live

STANDIN = "ansible_collections.flatops.flatcar.tests.standins.node.nodes"

if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(live())
    os.execv(sys.executable, [sys.executable, "-m", STANDIN, *sys.argv[1:]])
