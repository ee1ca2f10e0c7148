# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that become guestinfo keys."""

from __future__ import annotations


class ModuleDocFragment:
    # How the keys are made: of the filter and of the modules.
    DOCUMENTATION = r"""
options:
  encoding:
    description:
      - How the user data are encoded. A server hands V(gz+base64) and V(base64) on as they are.
      - V(plain) has C(%) as C(%%) and C(") as C(%22), as Flatcar documents it for VMX files. ESXi and vCenter corrupt
        it, so it needs O(force_plain).
    type: str
    choices: [gz+base64, base64, plain]
    default: gz+base64
  force_plain:
    description: Let O(encoding=plain) pass.
    type: bool
    default: false
  network_kargs:
    description:
      - The network of the initial RAM disk of the first boot, as a mapping of the options of
        P(flatops.flatcar.network_kargs#filter), of which C(address) stands for its input, or as a text of kernel
        arguments.
      - Needed where there is no DHCP and Ignition fetches something. The running machine needs files in
        C(/etc/systemd/network) besides.
    type: raw
  interfaces:
    description:
      - Network interfaces for coreos-cloudinit. With Ignition they have no effect and are refused.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the interface, or a pattern of it. This or O(interfaces[].mac) is needed.
        type: str
      mac:
        description: Its MAC address.
        type: str
      role:
        description: Whether its address stands for C($public_ipv4) or for C($private_ipv4) in the user data.
        type: str
        choices: [public, private]
        default: private
      dhcp:
        description: Whether it asks for an address.
        type: bool
        default: false
      addresses:
        description: Its addresses, each with the length of its prefix.
        type: list
        elements: str
        default: []
      routes:
        description: Its routes.
        type: list
        elements: dict
        default: []
        suboptions:
          gateway:
            description: The address to which packets go.
            type: str
            required: true
          destination:
            description: The network, with the length of its prefix. Without it the route is the default one.
            type: str
  dns:
    description: Name servers for coreos-cloudinit. With Ignition they have no effect and are refused.
    type: dict
    suboptions:
      servers:
        description: Their addresses.
        type: list
        elements: str
        default: []
      domains:
        description: Domains to search.
        type: list
        elements: str
        default: []
  max_guestinfo:
    description:
      - The limit in KiB for all keys together with their values. The file that holds all settings of a VM may have
        1 MiB.
      - A single value above 64 KiB gets a warning.
    type: int
    default: 900
"""

    # Where the user data come from: of the modules.
    IGNITION = r"""
options:
  ignition:
    description:
      - An Ignition config as JSON text or as a mapping, or the text of a C(#cloud-config) or of a script that begins
        with C(#!).
      - A config of the specification 2, which Flatcar translates when it boots, passes with a warning and unchecked.
      - At most one of O(ignition), O(ignition_file) and O(ignition_url) is possible.
    type: json
  ignition_file:
    description: A file with what O(ignition) takes, on the machine on which the module runs.
    type: path
  ignition_url:
    description:
      - A URL of C(http), C(https), C(tftp), C(s3) or C(gs) from which the machine fetches its config. It needs a
        network in the initial RAM disk, by DHCP or by O(network_kargs).
      - The config is not looked at, so O(guest_hostname), O(interfaces) and O(dns) are refused with it.
    type: str
  guest_hostname:
    description:
      - The host name of the machine. With Ignition it becomes the file C(/etc/hostname), merged into the config, with a
        cloud-config or a script it becomes C(guestinfo.hostname), which Ignition does not read.
    type: str
"""
