# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: network_kargs
author: The flatops.flatcar developers (@flatops)
version_added: 1.2.0
short_description: Kernel arguments for the network of the first boot
description:
  - Gives the text of C(ip=) and related arguments, as dracut.cmdline(7) describes them, for
    C(guestinfo.afterburn.initrd.network-kargs) of a VM of VMware, or for the kernel command line of a machine that
    boots from the network.
  - They hold in the initial RAM disk of the first boot only, so that Ignition can fetch what its config refers to. The
    running machine needs files in C(/etc/systemd/network) besides.
  - Every value is checked, so that none can bring arguments of its own.
positional: _input
options:
  _input:
    description:
      - An address with the length of its prefix, as text; or a mapping of the options below with C(address); or a
        list of such mappings, where each one has C(interface).
      - A mapping with C(ip), which is such a list, can have O(nameserver), O(vlan) and O(bond) as well.
      - Without an address, the interface asks for one.
    type: raw
    required: true
  netmask:
    description: The mask, or the length of the prefix, of an address without one.
    type: str
  gateway:
    description: The address of the default gateway.
    type: str
  peer:
    description: The other end of a point-to-point link.
    type: str
  hostname:
    description: The host name in the initial RAM disk.
    type: str
  interface:
    description: The name of the interface. The first one of a VM with hardware of the OVA is C(ens192).
    type: str
  method:
    description:
      - How the interface gets its address. The default is V(none) with an address and V(dhcp) without.
      - The initial RAM disk of Flatcar refuses an address together with another way than V(none) and V(off).
    type: str
    choices: ['none', 'off', dhcp, 'on', any, dhcp6, auto6, link6]
  dns:
    description: At most two addresses of name servers of this interface.
    type: list
    elements: str
  nameserver:
    description: Addresses of name servers of all interfaces. Releases without systemd-network-generator use the first.
    type: list
    elements: str
  vlan:
    description: VLANs by C(name), which ends in the id, and C(device). Only with systemd-network-generator.
    type: list
    elements: dict
  bond:
    description:
      - Bonds by C(name), C(devices), which is a list, C(options) like C(mode=active-backup) as text or as a mapping,
        and C(mtu). Only with systemd-network-generator.
    type: list
    elements: dict
notes:
  - A release whose initial RAM disk has no systemd-network-generator reads O(_input), O(dns) and the first
    O(nameserver), and takes V(none), V(off), V(dhcp), V(on), V(any) and V(dhcp6).
seealso:
  - plugin: flatops.flatcar.guestinfo
    plugin_type: filter
  - name: dracut.cmdline
    description: The arguments.
    link: https://man7.org/linux/man-pages/man7/dracut.cmdline.7.html
"""

EXAMPLES = r"""
---
- name: A static address
  ansible.builtin.debug:
    msg: "{{ '10.0.0.2/24' | flatops.flatcar.network_kargs(gateway='10.0.0.1', interface='ens192', dns=servers) }}"
  vars:
    servers: [10.0.0.53]
  # ip=10.0.0.2::10.0.0.1:255.255.255.0::ens192:none:10.0.0.53

- name: IPv4 and IPv6 on one interface, DHCP on another
  ansible.builtin.debug:
    msg: "{{ interfaces | flatops.flatcar.network_kargs(nameserver=['2001:db8::53']) }}"
  vars:
    interfaces:
      - {interface: ens192, address: 10.0.0.2/24, gateway: 10.0.0.1}
      - {interface: ens192, address: '2001:db8::2/64', gateway: '2001:db8::1'}
      - {interface: ens224}
"""

RETURN = r"""
_value:
  description: The arguments in one line.
  type: str
  sample: ip=10.0.0.2::10.0.0.1:255.255.255.0::ens192:none:10.0.0.53
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import network_kargs as core
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text


def network_kargs(value: t.Any, **options: t.Any) -> str:
    value, options = plain(value), plain(options)
    with raised_as(AnsibleFilterError, "network_kargs"):
        if isinstance(value, str):
            options["address"] = value
        elif isinstance(value, list):
            options["ip"] = value
        elif isinstance(value, dict):
            options = {**value, **options}
        else:
            raise PlainError(f"{kind(value)} where an address, a mapping of options or a list of them is wanted")
        return text(core.network_kargs(options))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"network_kargs": network_kargs}
