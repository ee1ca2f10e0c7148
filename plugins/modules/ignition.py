#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ignition
short_description: Make or check an Ignition config on the controller
version_added: 1.0.0
author: The flatops.flatcar developers (@flatops)
description:
  - Turns Butane fragments into one Ignition config as P(flatops.flatcar.to_ignition#filter) does, or checks a config
    that is there already, and writes it to a file.
  - Everything is validated before anything is written, and the file is replaced at once or not at all.
  - The result says what the config describes, never what secrets it holds. Without O(dest) that is all it does.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.attributes.controller
  - flatops.flatcar.render
  - flatops.flatcar.render.record
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the decoded difference, one file, unit or other thing at a time. What is secret is a digest.
  idempotent:
    support: full
options:
  butane:
    description:
      - A fragment, or a list of fragments, as the lookup P(flatops.flatcar.fragments#lookup) gives them.
      - 'Files, templates and roles are resolved here too, such as C({file: base.bu}).'
      - Exactly one of O(butane) and O(ignition) is required.
    type: raw
  ignition:
    description:
      - An Ignition config to check, as JSON text or as a mapping.
      - A config of the specification 2, which Flatcar translates when it boots, passes with a warning and unchecked.
    type: json
  dest:
    description:
      - The file on the controller to write the config to. A folder that is missing is made, for its owner alone.
      - A relative path begins at the working directory of C(ansible-playbook).
    type: path
  mode:
    description:
      - The permissions of the file, as an octal number in quotes.
      - A config holds secrets, so it is for its owner alone by default.
    type: raw
    default: "0600"
  backup:
    description: Keep what was in the file before, in a file beside it.
    type: bool
    default: false
  return_content:
    description:
      - Return the config itself. It holds every secret, and a result is shown, logged and kept in fact caches and job
        databases; use C(no_log) then.
    type: bool
    default: false
seealso:
  - plugin: flatops.flatcar.to_ignition
    plugin_type: filter
  - plugin: flatops.flatcar.fragments
    plugin_type: lookup
  - plugin: flatops.flatcar.describe_ignition
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Write the Ignition config of each machine of the inventory
  flatops.flatcar.ignition:
    butane: "{{ query('flatops.flatcar.fragments') }}"
    dest: ignition/{{ inventory_hostname }}.ign

- name: Write the config of files that lie beside the playbook
  flatops.flatcar.ignition:
    butane:
      - file: base.bu
      - template: web.bu.j2
    files_dir: "{{ playbook_dir }}/files"
    dest: /srv/ignition/web.ign
    backup: true

- name: Check a config that came from elsewhere
  flatops.flatcar.ignition:
    ignition: "{{ lookup('ansible.builtin.file', 'machine.ign') }}"
  register: machine

- name: Show what it describes
  ansible.builtin.debug:
    var: machine.summary
"""

RETURN = r"""
dest:
  description: The file that was written, or would be in check mode.
  returned: when O(dest) is given
  type: str
  sample: /srv/ignition/web1.ign
mode:
  description: The permissions of the file.
  returned: when O(dest) is given
  type: str
  sample: "0600"
backup_file:
  description: The file with what was there before.
  returned: when O(backup) is true and the file was replaced
  type: str
  sample: /srv/ignition/web1.ign.2026-11-21@10:11:12~
fingerprint:
  description:
    - SHA-256 digest of what the config says. It does not change with the order of members, with compression or with
      the form of data URLs.
  returned: success, unless the config is of the specification 2
  type: str
  sample: 5f1d8a0e7e0e5f8e4e5c0d4e8a1b2c3d4e5f60718293a4b5c6d7e8f901234567
ignition_version:
  description: The Ignition specification version of the config.
  returned: success, unless the config is of the specification 2
  type: str
  sample: 3.4.0
sizes:
  description:
    - The length of the config in bytes, and that of the forms in which platforms take it. Azure takes at most 64 KiB of
      custom data before base64.
  returned: success
  type: dict
  contains:
    json:
      description: As JSON.
      type: int
      sample: 2734
    base64:
      description: As base64.
      type: int
      sample: 3648
    gzip_base64:
      description: Compressed, as base64.
      type: int
      sample: 1412
summary:
  description: What the config describes, by names only.
  returned: success, unless the config is of the specification 2
  type: dict
  sample:
    files: [/etc/hostname, /etc/motd]
    units: [nginx.service]
    users: [core]
warnings:
  description: What butane or Ignition warn of, each with the fragment, the file and the line.
  returned: when there are any
  type: list
  elements: str
content:
  description: The config.
  returned: when O(return_content) is true
  type: str
error_code:
  description:
    - What kind of error it was.
    - One of C(bad_option), C(bad_fragment), C(bad_value), C(no_fragments), C(butane_invalid), C(ignition_invalid),
      C(unused_key), C(experimental_spec), C(merge_invalid), C(bad_contents), C(hash_mismatch) and C(write_failed).
  returned: failure
  type: str
  sample: butane_invalid
"""
