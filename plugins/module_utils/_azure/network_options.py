# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of a VM's network.

Names are those of azure.azcollection's azure_rm_virtualmachine where it has the same option.
"""

from __future__ import annotations

import typing as t

NAT_GATEWAY, PUBLIC_IP, NONE = "nat_gateway", "public_ip", "none"
#: Of public_ip: an address of the VM's own is made.
CREATE = "create"

NETWORK: dict[str, dict[str, t.Any]] = {
    "network_interface_names": {"type": "list", "elements": "str", "aliases": ["network_interfaces"]},
    "virtual_network_name": {"type": "str", "aliases": ["virtual_network"]},
    "virtual_network_resource_group": {"type": "str"},
    "subnet_name": {"type": "str", "aliases": ["subnet"]},
    "create_resource_group": {"type": "bool", "default": False},
    "create_network": {"type": "bool", "default": False},
    "address_prefixes": {"type": "list", "elements": "str"},
    "subnet_prefix": {"type": "str"},
    "outbound": {"type": "str", "choices": [NAT_GATEWAY, PUBLIC_IP, NONE]},
    "public_ip": {"type": "str", "default": NONE},
    "security_group_name": {"type": "str", "aliases": ["security_group"]},
    "ssh_sources": {"type": "list", "elements": "str"},
    "open_ports": {"type": "list", "elements": "str"},
    "accelerated_networking": {"type": "bool"},
    "private_ip": {"type": "str"},
}
