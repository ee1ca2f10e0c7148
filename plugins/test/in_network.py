# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: in_network
author: The flatops.flatcar developers (@flatops)
version_added: 1.3.0
short_description: Whether an address is in a network
description:
  - True for an IPv4 or IPv6 address that the network holds. An address of the other version is in no network.
positional: network
options:
  _input:
    description: The address.
    type: str
    required: true
  network:
    description: The network, such as V(192.0.2.0/24) or V(2001:db8::/32).
    type: str
    required: true
seealso:
  - module: flatops.flatcar.azure_vm_info
"""

EXAMPLES = r"""
---
- name: Take the first address in the network of the servers
  ansible.builtin.set_fact:
    ansible_host: "{{ vm.ips | select('flatops.flatcar.in_network', '192.0.2.0/24') | first }}"
"""

RETURN = r"""
_value:
  description: Whether the address is there.
  type: bool
"""

import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain


def in_network(value: t.Any, network: t.Any) -> bool:
    value, network = plain(value), plain(network)
    with raised_as(AnsibleFilterError, "in_network"):
        for given in (value, network):
            if not isinstance(given, str):
                raise PlainError(f"{kind(given)} where text is wanted")
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise PlainError(str(error)) from None


class TestModule:
    """The test of this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        return {"in_network": in_network}
