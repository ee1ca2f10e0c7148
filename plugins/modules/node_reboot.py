#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_reboot
short_description: Reboot a node without Python and wait until it works again
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Reboots a node, waits until it answers with another boot id, and then until systemd has finished the start.
  - Always reboots. Pods are not moved away first.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: full
    details: Connects to the node, but runs no command of yours.
  diff_mode:
    support: none
  idempotent:
    support: none
options:
  message:
    description: What is written to the journal, and to those who are logged in.
    type: str
    default: Reboot by Ansible
  pre_commands:
    description:
      - Shell commands to run on the node before, in this order. If one fails, nothing is rebooted.
      - They run as root with C(sh), and the node goes on with them if the connection is lost.
    type: list
    elements: str
    default: []
  post_commands:
    description:
      - Shell commands to run on the node after it has started, in this order. One that fails is run again each second,
        until it succeeds or O(post_timeout) is over.
    type: list
    elements: str
    default: []
  reboot_timeout:
    description: The longest wait in seconds until the node answers again.
    type: int
    default: 600
  connect_timeout:
    description: The longest wait in seconds for each attempt to connect meanwhile.
    type: int
    default: 10
  post_timeout:
    description:
      - The longest wait in seconds until systemd has finished the start, and then the longest one for
        O(post_commands).
    type: int
    default: 300
  fail_on_degraded:
    description:
      - Whether a unit that failed in this boot is an error. Units that had failed before the reboot do not count.
    type: bool
    default: true
seealso:
  - module: flatops.flatcar.node_facts
  - module: ansible.builtin.reboot
"""

EXAMPLES = r"""
---
- name: Reboot the nodes one after another
  hosts: flatcar
  gather_facts: false
  become: true
  serial: 1
  any_errors_fatal: true
  tasks:
    - name: Reboot, and wait for the web server
      flatops.flatcar.node_reboot:
        message: New kernel
        post_commands:
          - systemctl is-active nginx.service
          - curl -fsS -o /dev/null http://localhost/
"""

RETURN = r"""
rebooted:
  description: Whether the node is in another boot than before.
  returned: always
  type: bool
  sample: true
elapsed:
  description: The seconds from the reboot until the start had finished.
  returned: when the node is back
  type: int
  sample: 42
boot_id_before:
  description: The id of the boot before.
  returned: always
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
    - One of C(pre_command_failed), C(reboot_refused), C(not_back), C(not_settled), C(degraded) and
      C(post_command_failed), or one of those in the notes.
  returned: failure
  type: str
  sample: not_back
"""
