# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks as a task describes them, in the subscription of the stand-in."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.tests.standins.arm.world import SUBSCRIPTION
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_network import NAT, PUBLIC, options

__all__ = ["NAT", "PUBLIC", "wanted"]


def wanted(**given: t.Any) -> Wanted:
    """The network of node1 in rg1."""
    return network_wanted.wanted(options(**given), SUBSCRIPTION)
