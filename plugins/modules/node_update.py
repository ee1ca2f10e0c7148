#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_update
short_description: Update Flatcar on a node, or take an update back
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Installs a version of Flatcar on the USR partition that does not run, makes it the next one to boot, and boots it if
    you want that. The node does the work with C(update_engine_client), C(flatcar-update) and C(cgpt).
  - While the node downloads, a line every five seconds shows how far it is.
  - If a connection is lost meanwhile, the node goes on. The next run waits for what is under way.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: partial
    details: >-
      update-engine asks for V(latest) only to install it. In check mode the newest release of the channel on Flatcar's
      server counts instead; with a server of your own the task is changed, with a warning.
  diff_mode:
    support: full
    details: Shows the channel and the server in C(update.conf), without user and password, and the next version.
  idempotent:
    support: full
options:
  version:
    description:
      - V(latest) is what the update server offers to this node.
      - A version in numbers is installed with C(flatcar-update) from Flatcar's release server, also where updates are
        disabled. It unmasks and starts C(update-engine.service).
      - V(previous) is the version that ran before the last update. It is still on the other partition, so nothing is
        downloaded. On a node that runs it already, nothing changes.
      - An update that is staged, but is not the version wanted, is taken back.
    type: str
    default: latest
  state:
    description:
      - V(staged) leaves the version for the next boot, whoever reboots.
      - V(booted) also reboots, as M(flatops.flatcar.node_reboot) does, checks that the node then runs the version, and
        waits until update-engine has marked the boot as good, which takes it about 45 seconds. A node that is rebooted
        earlier goes back to the version of before.
    type: str
    choices: [staged, booted]
    default: staged
  allow_downgrade:
    description:
      - Whether O(version) in numbers may be older than the one that runs. Programs may not understand what newer ones
        have written to C(/var).
    type: bool
    default: false
  channel:
    description:
      - The channel, or group, to follow from now on, which is C(GROUP) in C(/etc/flatcar/update.conf).
      - The other keys of the file stay as they are. So does this one, if the option is left out.
    type: str
  server:
    description:
      - The address of the update server to use from now on, which is C(SERVER) in that file.
      - V(disabled) switches automatic updates off.
    type: str
  automatic_updates:
    description:
      - Whether the node goes on to update by itself.
      - By default that stays as it is, but goes off with V(previous) and with a version older than the one that runs,
        since the node would otherwise soon install the newer one again.
    type: bool
  on_reboot_authority:
    description:
      - What to do with V(booted) where something else reboots the node after an update too, which is locksmithd unless
        its strategy is off, C(systemd-sysupdate-reboot.timer), the Flatcar Linux Update Operator or Kured.
      - V(fail) ends the task before anything is done.
    type: str
    choices: [fail, ignore]
    default: fail
  timeout:
    description: The longest wait in seconds until the update is staged. The node goes on with one that takes longer.
    type: int
    default: 1800
  message:
    description: What is written to the journal, and to those who are logged in, before the reboot.
    type: str
    default: Update by Ansible
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
      - The longest wait in seconds until systemd has finished the start, and then the longest one until the boot is
        marked as good.
    type: int
    default: 300
  fail_on_degraded:
    description:
      - Whether a unit that failed in the new boot is an error. Units that had failed before the reboot do not count.
    type: bool
    default: true
seealso:
  - module: flatops.flatcar.node_reboot
  - module: flatops.flatcar.release_info
  - name: Performing manual rollbacks
    description: Flatcar's documentation of the partitions.
    link: https://www.flatcar.org/docs/latest/setup/debug/manual-rollbacks/
"""

EXAMPLES = r"""
---
- name: Bring all nodes to the latest version of their channel, one after another
  hosts: flatcar
  gather_facts: false
  become: true
  serial: 1
  any_errors_fatal: true
  tasks:
    - name: Update and reboot
      flatops.flatcar.node_update:
        state: booted

- name: Download a version, for Kured to boot it
  flatops.flatcar.node_update:
    version: 4593.2.1
  become: true

- name: Follow another channel
  flatops.flatcar.node_update:
    channel: beta
  become: true

- name: Go back to the version before the last update, and stay there
  flatops.flatcar.node_update:
    version: previous
    state: booted
  become: true
"""

RETURN = r"""
version_before:
  description: The version that ran before.
  returned: always
  type: str
  sample: 4593.2.0
version:
  description: The version that runs now. In check mode it is the one that would, and none where that is not known.
  returned: always
  type: str
  sample: 4593.2.1
version_staged:
  description: The version of the next boot, if that is another one and it is known.
  returned: always
  type: str
  sample: 4593.2.1
slot:
  description: The label of the partition that runs.
  returned: always
  type: str
  sample: USR-A
reboot_required:
  description: Whether a version waits for a reboot, or C(/run/reboot-required) is there.
  returned: always
  type: bool
  sample: true
actions:
  description:
    - What was done, or would be in check mode.
    - V(configure) writes C(update.conf), V(reset) takes a staged update back, V(update) asks update-engine, V(install)
      runs C(flatcar-update), V(rollback) chooses the other partition, V(reboot) reboots.
  returned: always
  type: list
  elements: str
  sample: [configure, update, reboot]
rebooted:
  description: Whether the node is in another boot than before.
  returned: when it was rebooted
  type: bool
  sample: true
boot_id_before:
  description: The id of the boot before.
  returned: when it was rebooted
  type: str
  sample: 0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11
boot_id_after:
  description: The id of the boot now.
  returned: when the node is back
  type: str
  sample: 5a3c1f22-2a6e-4b7a-8f0e-1c0ffee00001
elapsed:
  description: The seconds from the reboot until the start had finished.
  returned: when the node is back
  type: int
  sample: 42
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
    - One of C(busy), C(downgrade), C(engine_masked), C(no_previous), C(not_confirmed), C(reboot_authority),
      C(rolled_back), C(timeout), C(unbootable), C(update_failed), C(updates_disabled) and C(version_not_found), one of
      those of M(flatops.flatcar.node_reboot), or one of those in the notes.
  returned: failure
  type: str
  sample: rolled_back
"""
