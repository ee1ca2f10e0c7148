#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_command
short_description: Run one program on a node without Python
version_added: 1.4.0
author: The flatops.flatcar developers (@flatops)
description:
  - Runs a program with its arguments, in C(/), without a shell and in one round trip.
  - C(PATH) ends with C(/opt/bin), and C(LC_ALL) is C(C). Other variables come from the keyword C(environment) of the
    task.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: full
    details: With O(read_only=true) the program runs. Otherwise it does not, and there is no RV(rc).
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: With O(creates) or O(read_only). Otherwise the program runs each time.
options:
  argv:
    description: The program and its arguments, each as it is.
    type: list
    elements: str
    required: true
  stdin:
    description:
      - What the program reads from its standard input. It is empty if this is not given.
      - Give secrets here. Arguments can be seen by every user of the node.
    type: str
  read_only:
    description:
      - Whether the program changes nothing. It then runs in check mode too, and the task is not changed, but by
        O(stdout_file).
    type: bool
    default: false
  creates:
    description: A path on the node. The program does not run if something is there.
    type: str
  timeout:
    description: The longest time in seconds for the program. It is then asked to end, and killed 10 s later.
    type: int
    default: 600
  success_codes:
    description: The exit statuses that are no failure.
    type: list
    elements: int
    default: [0]
  stdout_file:
    description:
      - A file on the controller for what the program writes to its standard output, byte for byte. It is not in the
        result.
      - Only its owner can read it. A missing folder is made. It is written when its contents change, and not if the
        program fails.
      - The node and the controller hold all of it in memory on the way.
    type: path
  secret_output:
    description:
      - Keeps what the program writes out of the result, also when it fails.
      - A result that is needed but secret is hidden by the keyword C(no_log) of the task instead.
    type: bool
    default: false
notes:
  - 'Besides the codes of all modules of a node, RV(ignore:error_code) can be C(timeout) or C(write_failed).'
seealso:
  - module: flatops.flatcar.node_config
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
---
- name: Ask which system extensions are merged
  flatops.flatcar.node_command:
    argv: [systemd-sysext, status, --json=short]
    read_only: true
  become: true
  register: extensions

- name: Make a key once
  flatops.flatcar.node_command:
    argv: [wg-keys, --dest, /etc/wireguard]
    creates: /etc/wireguard/key
  become: true

- name: Fetch the kubeconfig of the cluster's administrator
  flatops.flatcar.node_command:
    argv: [cat, /etc/kubernetes/admin.conf]
    read_only: true
    stdout_file: ~/.kube/config
  become: true

- name: Log in to a registry, with a password that nobody sees
  flatops.flatcar.node_command:
    argv: [docker, login, --username, robot, --password-stdin, registry.example.org]
    stdin: "{{ registry_password }}"
  become: true
"""

RETURN = r"""
rc:
  description: The exit status of the program.
  returned: when it ran
  type: int
  sample: 0
stdout:
  description: What the program wrote to its standard output, without line breaks at the end.
  returned: without O(secret_output); empty with O(stdout_file)
  type: str
  sample: v1.34.2
stdout_lines:
  description: The lines of it.
  returned: without O(secret_output)
  type: list
  elements: str
  sample: [v1.34.2]
stderr:
  description: What it wrote to its standard error.
  returned: without O(secret_output)
  type: str
  sample: ""
stderr_lines:
  description: The lines of it.
  returned: without O(secret_output)
  type: list
  elements: str
  sample: []
stdout_file:
  description: The path of the file on the controller.
  returned: with O(stdout_file), when the program has run
  type: str
  sample: /home/you/.kube/config
size:
  description: The bytes of that file.
  returned: with O(stdout_file), when the program has run
  type: int
  sample: 5644
sha256:
  description: Their digest.
  returned: with O(stdout_file), when the program has run
  type: str
  sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
error_code:
  description:
    - What kind of error it was.
    - C(command_failed) if the exit status is not among O(success_codes), or one of those in the notes.
  returned: failure
  type: str
  sample: command_failed
"""
