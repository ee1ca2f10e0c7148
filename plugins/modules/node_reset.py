#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_reset
short_description: Provision a node anew where it stands, with another Ignition config
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Empties the root file system of a node and lets Ignition run again with a new config, by C(flatcar-reset), which
    Flatcar has since 3535.0.0. Reboots the node, waits until it answers and has finished its start, and checks that
    Ignition ran with the config.
  - What is on other file systems stays, and so do the release of Flatcar and the partitions. Everything else that
    O(keep_paths) does not name is lost. Pods are not moved away first.
  - The config is validated first, and a node without C(flatcar-reset) is refused, before anything is changed. A node
    that refuses to reboot is put back as it was.
  - Whatever M(flatops.flatcar.node_config) remembers on the node is forgotten. The config gets a first-boot record
    instead (see O(flatops.flatcar.ignition#module:first_boot_record)), so that the next run with the same fragments
    changes nothing and a later one takes away what they no longer name.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
  - flatops.flatcar.render
attributes:
  check_mode:
    support: full
    details: Makes the config and connects to the node, which tells whether it can be reset.
  diff_mode:
    support: partial
    details: Shows the digests of the configs, since all of a config is secret.
  idempotent:
    support: none
    details: Each run resets the node.
options:
  butane:
    description:
      - A fragment, or a list of fragments, as P(flatops.flatcar.fragments#lookup) gives them.
      - It has to let the user of the connection in again. Exactly one of O(butane) and O(ignition) is required.
    type: raw
  ignition:
    description:
      - An Ignition config, as JSON text or as a mapping.
      - A config of the specification 2, which Flatcar translates when it boots, passes with a warning and unchecked.
    type: json
  keep_paths:
    description:
      - Paths on the root file system to keep, with what is below them. They are regular expressions of C(egrep),
        without single quotes; the help of C(flatcar-reset) has the details.
      - The default keeps the host keys, by which ssh knows the node again.
      - What the config describes is written over what is kept, but what the old one has made stays there too.
    type: list
    elements: str
    default: [/etc/ssh/ssh_host_.*]
  keep_machine_id:
    description: Whether the machine id stays the same, by which systemd-networkd identifies the node to DHCP.
    type: bool
    default: false
  message:
    description: What is written to the journal, and to those who are logged in, before the reboot.
    type: str
    default: Reset by Ansible
  reboot_timeout:
    description: The longest wait in seconds until the node answers again. Ignition runs meanwhile.
    type: int
    default: 600
  connect_timeout:
    description: The longest wait in seconds for each attempt to connect meanwhile.
    type: int
    default: 10
  post_timeout:
    description: The longest wait in seconds until systemd has finished the start.
    type: int
    default: 300
  fail_on_degraded:
    description:
      - Whether a unit that failed in the new boot is an error. Units that had failed before the reboot do not count.
    type: bool
    default: true
notes:
  - The config lies in C(/oem/config.ign) afterwards, where only root may read it.
seealso:
  - module: flatops.flatcar.node_config
  - module: flatops.flatcar.node_reboot
  - name: Reprovisioning
    description: Flatcar's documentation of flatcar-reset.
    link: https://www.flatcar.org/docs/latest/provisioning/ignition/boot-process/#reprovisioning
"""

EXAMPLES = r"""
---
- name: Provision the nodes anew as the inventory describes them, one after another
  hosts: flatcar
  gather_facts: false
  become: true
  serial: 1
  any_errors_fatal: true
  tasks:
    - name: Reset, but keep the images of containerd
      flatops.flatcar.node_reset:
        butane: "{{ query('flatops.flatcar.fragments') }}"
        keep_machine_id: true
        keep_paths:
          - /etc/ssh/ssh_host_.*
          - /var/lib/containerd

- name: Use a config that was made before
  flatops.flatcar.node_reset:
    ignition: "{{ lookup('ansible.builtin.file', 'node.ign') }}"
  become: true
"""

RETURN = r"""
rebooted:
  description: Whether the node is in another boot than before.
  returned: unless it was refused
  type: bool
  sample: true
ignition:
  description: Ignition's report of the new boot, with the members that M(flatops.flatcar.node_facts) documents.
  returned: when the node is back
  type: dict
  sample:
    boot_id: 5a3c1f22-2a6e-4b7a-8f0e-1c0ffee00001
    config_provided: true
    date: '2026-11-21T10:00:00Z'
    reprovisioned: false
fingerprint:
  description: >-
    A digest of what the config with its first-boot record describes, whatever the order and compression in which it is
    written.
  returned: unless the config is of the specification 2
  type: str
  sample: 0d5b0f0e1a0f2a1c6d9f3b6a3e0c4a0f5d6e7f8091a2b3c4d5e6f708192a3b4c
elapsed:
  description: The seconds from the reboot until the start had finished.
  returned: when the node is back
  type: int
  sample: 42
boot_id_before:
  description: The id of the boot before.
  returned: unless it was refused
  type: str
  sample: 0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11
boot_id_after:
  description: The id of the boot now.
  returned: when the node is back
  type: str
  sample: 5a3c1f22-2a6e-4b7a-8f0e-1c0ffee00001
system_state:
  description: What C(systemctl is-system-running) says after the start.
  returned: when the node is back
  type: str
  sample: running
failed_units:
  description: The units that have failed, also those that had failed before.
  returned: when the node is back
  type: list
  elements: str
  sample: []
error_code:
  description:
    - What kind of error it was.
    - One of C(no_reset), C(reset_failed) and C(not_provisioned), one of those of M(flatops.flatcar.node_reboot) or of
      M(flatops.flatcar.ignition), or one of those in the notes.
    - A node whose Ignition fails does not come back, which is C(not_back).
  returned: failure
  type: str
  sample: not_provisioned
"""
