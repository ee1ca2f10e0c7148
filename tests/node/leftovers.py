# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a session of test nodes has outside of its processes."""

from __future__ import annotations

import pathlib

from ansible_collections.flatops.flatcar.tests.standins.node import cgroups
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin


def left(number: int) -> list[pathlib.Path]:
    """What there is of a session. Its cgroups stay as long as any of their processes."""
    name, net = standin.bridge(number), pathlib.Path("/sys/class/net")
    found = [standin.SESSIONS / str(number), net / name, *net.glob(f"{name}n*")]
    return [path for path in found if path.exists()] + [
        group for root in cgroups.hierarchies() for group in root.glob(f"{name}.*")
    ]
