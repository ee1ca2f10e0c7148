# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a VM's network, as a task gives them."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NETWORK
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.tests.standins.arm.world import SUBSCRIPTION

#: A network made for VMs with addresses of their own.
PUBLIC: dict[str, t.Any] = {
    "create_network": True,
    "outbound": "public_ip",
    "public_ip": "create",
    "ssh_sources": ["203.0.113.0/24"],
}


def options(**given: t.Any) -> dict[str, t.Any]:
    """All options of the network of node1 in rg1, and what else of a VM they lean on."""
    base = {"name": "node1", "resource_group": "rg1", "location": "westeurope", "state": "present", "tags": None}
    return {**base, **{name: spec.get("default") for name, spec in NETWORK.items()}, **given}


def wanted(**given: t.Any) -> Wanted:
    return network_wanted.wanted(options(**given), SUBSCRIPTION)
