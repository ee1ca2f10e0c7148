# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: guestinfo
author: The flatops.flatcar developers (@flatops)
version_added: 1.2.0
short_description: The guestinfo keys with which a VM of VMware starts
description:
  - Gives the settings of a VM from which Flatcar takes its user data and the network of its first boot, for Terraform,
    for ovftool, and for the VMX files of Workstation and Fusion. M(flatops.flatcar.vsphere_vm) needs no filter.
  - The same input gives the same keys. Only another version of zlib may compress to other bytes.
  - Whoever may read the settings of the VM can read its user data, and so can its users until the first boot is over.
positional: _input
options:
  _input:
    description:
      - An Ignition config as JSON text or as a mapping, or the text of a C(#cloud-config) or of a script that begins
        with C(#!).
      - A config of the specification 2, which Flatcar translates when it boots, passes with a warning and unchecked.
    type: raw
    required: true
  format:
    description:
      - V(dict) is a mapping of the keys.
      - V(vmx) is a text with a line for each key, as VMX files have them.
      - V(ovftool) is a list of arguments for ovftool.
    type: str
    choices: [dict, vmx, ovftool]
    default: dict
  hostname:
    description:
      - The host name. With Ignition it becomes the file C(/etc/hostname), merged into the config, with a cloud-config
        or a script it becomes C(guestinfo.hostname), which Ignition does not read.
    type: str
  extra_config:
    description: Further settings of the VM and their values, which are taken over as they are.
    type: dict
    default: {}
extends_documentation_fragment:
  - flatops.flatcar.guestinfo
seealso:
  - plugin: flatops.flatcar.guestinfo_decode
    plugin_type: filter
  - plugin: flatops.flatcar.network_kargs
    plugin_type: filter
  - module: flatops.flatcar.vsphere_vm
"""

EXAMPLES = r"""
---
- name: Write the variables of Terraform
  ansible.builtin.copy:
    dest: machine.auto.tfvars.json
    content: "{{ {'extra_config': machine | flatops.flatcar.guestinfo} | to_nice_json }}"
    mode: "0600"
  vars:
    machine: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition }}"

- name: Append to the VMX file of a VM of Workstation that has never run
  ansible.builtin.blockinfile:
    path: /home/me/vmware/node1/node1.vmx
    block: "{{ lookup('ansible.builtin.file', 'node1.ign') | flatops.flatcar.guestinfo(format='vmx') }}"
    marker: "# {mark} flatcar"

- name: Import the OVA with ovftool and a static address
  ansible.builtin.command:
    argv: "{{ ['ovftool', '--name=node1'] + settings + ['flatcar_production_vmware_ova.ova', target] }}"
  vars:
    settings: >-
      {{ lookup('ansible.builtin.file', 'node1.ign')
         | flatops.flatcar.guestinfo(format='ovftool', hostname='node1',
             network_kargs={'address': '10.0.0.2/24', 'gateway': '10.0.0.1', 'interface': 'ens192'}) }}
"""

RETURN = r"""
_value:
  description: What O(format) says. The keys of the user data come first.
  type: raw
  sample:
    guestinfo.ignition.config.data: eyJpZ25pdGlvbiI6eyJ2ZXJzaW9uIjoiMy40LjAifX0=
    guestinfo.ignition.config.data.encoding: base64
"""

import json
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo_arguments, guestinfo_formats
from ansible_collections.flatops.flatcar.plugins.plugin_utils._args import validated
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text

FORMATS: dict[str, t.Callable[[dict[str, str]], t.Any]] = {
    "dict": dict,
    "vmx": guestinfo_formats.vmx,
    "ovftool": guestinfo_formats.ovftool,
}
SPEC = {
    **guestinfo_arguments.FORM,
    "hostname": {"type": "str"},
    "extra_config": {"type": "dict", "default": {}},
    "format": {"type": "str", "choices": list(FORMATS), "default": "dict"},
}


def guestinfo(value: t.Any, **options: t.Any) -> t.Any:
    value = plain(value)
    with raised_as(AnsibleFilterError, "guestinfo"):
        if not isinstance(value, (str, dict)):
            raise PlainError(f"{kind(value)} where an Ignition config or other user data are wanted")
        options = validated(SPEC, plain(options))
        data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        further = {name: options[name] for name in ("hostname", "extra_config")}
        made = guestinfo_arguments.made(options, data.encode(), **further)
    for warning in made.warnings:
        Display().warning(f"guestinfo: {warning}")
    return text(FORMATS[options["format"]](made.keys))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"guestinfo": guestinfo}
