#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_config
short_description: Make a running node what its Butane description says
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Takes the description that made a node at its first boot, and makes the running node match it.
  - Files, directories and links are written atomically. Units are enabled, disabled, masked, and started when they are
    newly enabled; a unit that runs with older files is named in RV(restart), not restarted. Users, groups and SSH keys
    are made as Flatcar's Ignition makes them. Kernel arguments are written to the GRUB configuration of the OEM
    partition, and count from the next boot on.
  - What a description named last time and names no longer is taken back. A file is removed, or gets back what was in it
    before, only while it is as it was left; else it stays, and is named in RV(left). What Flatcar itself has in the
    lower layer of C(/etc) comes back. Of a file that is described by its permissions alone, only these are taken back.
  - A thing belongs to the fragment that describes it, by the fragment's name (a role or a variable), whichever way the
    fragment is applied. A unit's file, each of its drop-ins, and whether it is enabled or masked are things of their
    own. Of fragments that are applied together the last one that names a thing owns it. A thing that
    belongs to a fragment that is not part of the call is refused.
  - The node remembers what belongs to whom in C(/var/lib/flatops). A node that was deployed with a first-boot record
    (see O(flatops.flatcar.ignition#module:first_boot_record)) knows it from the beginning. Without one, a thing that is
    found as it is wanted is taken over as it is.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: >-
      Texts are shown of files that others may read, before and after, up to 64 KiB each; of other files digests.
  idempotent:
    support: full
options:
  butane:
    description:
      - A fragment, or a list of fragments, as P(flatops.flatcar.fragments#lookup) gives them.
      - One of O(butane) and O(ignition) is required.
    type: raw
  ignition:
    description: An Ignition 3 config, as JSON text or as a mapping.
    type: json
  name:
    description:
      - The owner of what is described, for fragments that have no name of their own. Those of the lookup have one.
      - Stay with a name, since it is how the node finds what the description named last time.
    type: str
  state:
    description: V(absent) takes back everything that the fragments' names own.
    type: str
    choices: [present, absent]
    default: present
  seed:
    description:
      - Paths, or patterns with C(*), C(?) and C([...]), of what is made when it is missing and not touched again.
      - One that the description names no longer stays on the node, until the whole description is taken back.
      - Use it for what the node itself goes on with, such as the links that systemd-sysupdate moves.
      - What the fragment of a role brings along (see P(flatops.flatcar.fragments#lookup)) is added.
    type: list
    elements: str
    default: []
  merge:
    description:
      - Paths of described files of C(KEY=value) lines of which only the described keys belong to the description. All
        other lines stay as they are.
      - What the fragment of a role brings along is added.
    type: list
    elements: str
    default: []
  first_boot_only:
    description:
      - What to do about disks, RAID, LUKS and filesystems, which only a first boot makes.
      - V(fail) refuses the description before anything is done. V(ignore) leaves these sections out and names them in
        RV(omitted).
    type: str
    choices: [fail, ignore]
    default: fail
  backup:
    description: Keep a copy, with the time in its name, beside each file whose contents are replaced.
    type: bool
    default: false
  files_dir:
    description: The folder on the controller from which Butane's C(local) sources and trees are read.
    type: path
  files_dir_symlinks:
    description: Whether symbolic links that leave O(files_dir) are refused or followed.
    type: str
    choices: [refuse, follow]
    default: refuse
  strict:
    description: Whether a key that Butane does not know is an error.
    type: bool
    default: true
notes:
  - 'Besides the codes of all modules of a node, RV(ignore:error_code) can be one of C(claimed_twice), C(in_the_way),
    C(read_only), C(first_boot_only), C(unsupported_source), C(bad_contents), C(hash_mismatch), C(fetch_failed),
    C(write_failed), C(unit_failed), C(locked), C(changed_meanwhile), C(no_oem), C(bad_argument) and C(bad_manifest).'
  - Two runs on one node wait for each other, for at most one minute.
  - Contents without a hash that the node fetches are fetched once, and again when their URL changes.
seealso:
  - plugin: flatops.flatcar.fragments
    plugin_type: lookup
  - module: flatops.flatcar.ignition
  - module: flatops.flatcar.node_unit
  - module: flatops.flatcar.node_reboot
"""

EXAMPLES = r"""
---
- name: Keep a node as its inventory describes it
  flatops.flatcar.node_config:
    butane: "{{ query('flatops.flatcar.fragments') }}"
    first_boot_only: ignore
  become: true
  register: node

- name: Restart what runs with older files
  flatops.flatcar.node_unit:
    name: "{{ item }}"
    state: restarted
  become: true
  loop: "{{ node.restart }}"

- name: Only one part of it
  flatops.flatcar.node_config:
    name: motd
    butane: |
      variant: flatcar
      version: 1.1.0
      storage:
        files:
          - path: /etc/motd
            overwrite: true
            contents:
              inline: |
                Managed by Ansible
  become: true

- name: And take it back
  flatops.flatcar.node_config:
    name: motd
    butane: ""
    state: absent
  become: true
"""

RETURN = r"""
paths:
  description: The paths that were changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/motd]
units:
  description: The units that were changed, by their files or their state.
  returned: success
  type: list
  elements: str
  sample: [nginx.service]
restart:
  description:
    - Units that run as they were before their files changed, in this run or in an earlier one with this description.
    - They are named until they have been restarted, also when the answer of a run was lost.
  returned: success
  type: list
  elements: str
  sample: [nginx.service]
left:
  description: What is wanted no longer but was left alone, each with the reason.
  returned: success
  type: list
  elements: str
  sample: ['/etc/motd: it is not as the last run left it']
omitted:
  description: Sections that only a first boot makes, and mount units whose device the node does not have.
  returned: success
  type: list
  elements: str
  sample: [storage.filesystems]
reboot_required:
  description: Whether something was changed that counts from the next boot on, and there was none since.
  returned: success
  type: bool
  sample: false
fingerprint:
  description: A digest of the description, whatever the order and compression in which it is written.
  returned: when O(state=present)
  type: str
  sample: 0d5b0f0e1a0f2a1c6d9f3b6a3e0c4a0f5d6e7f8091a2b3c4d5e6f708192a3b4c
backup_files:
  description: The copies that O(backup) made.
  returned: when there are any
  type: list
  elements: str
  sample: ['/etc/motd.2026-11-21@10:00:00~']
done:
  description: What was done before it failed.
  returned: when it failed while it was changing the node
  type: list
  elements: str
  sample: [/etc/motd]
"""
