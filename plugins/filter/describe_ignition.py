# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: describe_ignition
author: The flatops.flatcar developers (@flatops)
version_added: 1.0.0
short_description: What an Ignition config makes of a machine
description:
  - Decodes an Ignition config for people. Data URLs and compression are resolved, modes are octal texts, and lists are
    in the order of paths and names.
  - Secrets are not in it. A digest with C(sha256) and C(length) stands for the contents of files that others may not
    read, for password hashes, values of HTTP headers, LUKS keys and configs to merge, and C(hidden) for the user-info,
    query and fragment of URLs.
positional: _input
options:
  _input:
    description: A valid Ignition config of the specification 3, as JSON text or as a mapping.
    type: raw
    required: true
seealso:
  - plugin: flatops.flatcar.to_ignition
    plugin_type: filter
  - module: flatops.flatcar.ignition
"""

EXAMPLES = r"""
---
- name: Show what a config describes
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'machine.ign') | flatops.flatcar.describe_ignition }}"

- name: See to it that nobody logs in by password
  ansible.builtin.assert:
    that: machine.users | default([]) | selectattr('password_hash', 'defined') | length == 0
  vars:
    machine: >-
      {{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition | flatops.flatcar.describe_ignition }}
"""

RETURN = r"""
_value:
  description: What the config describes. A member is there only when there is something of its kind.
  type: dict
  contains:
    version:
      description: The Ignition specification version.
      type: str
      sample: 3.4.0
    files:
      description:
        - Files with C(path), C(mode), C(user), C(group), C(overwrite), C(contents) and C(append).
        - Contents have C(text), C(size) and C(sha256), or C(source) where they are fetched from elsewhere.
      type: list
      elements: dict
      sample:
        - path: /etc/motd
          mode: "0644"
          contents: {text: Hello, size: 5, sha256: 185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969}
    directories:
      description: Directories with C(path), C(mode), C(user), C(group) and C(overwrite).
      type: list
      elements: dict
    links:
      description: Links with C(path), C(target), C(hard), C(user), C(group) and C(overwrite).
      type: list
      elements: dict
    units:
      description: Units with C(name), C(enabled), C(mask), C(contents) and C(dropins).
      type: list
      elements: dict
    users:
      description: Users by C(name), with the number of their SSH keys.
      type: list
      elements: dict
      sample:
        - name: core
          ssh_authorized_keys: {count: 1, sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae}
    groups:
      description: Groups by C(name).
      type: list
      elements: dict
    kernel_arguments:
      description: Arguments that C(should_exist) and that C(should_not_exist).
      type: dict
    disks:
      description: Disks by C(device).
      type: list
      elements: dict
    filesystems:
      description: Filesystems by C(device).
      type: list
      elements: dict
    raid:
      description: RAID arrays by C(name).
      type: list
      elements: dict
    luks:
      description: Encrypted volumes by C(name).
      type: list
      elements: dict
    merge:
      description: Configs that are fetched and merged.
      type: list
      elements: dict
    replace:
      description: The config that is fetched in place of this one.
      type: dict
    certificate_authorities:
      description: Certificates that Ignition trusts besides its own.
      type: list
      elements: dict
    proxy:
      description: Proxies that Ignition uses.
      type: dict
    timeouts:
      description: Timeouts of Ignition in seconds.
      type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment, ignition
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.describe import describe
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text


def describe_ignition(value: t.Any) -> dict[str, t.Any]:
    value = plain(value)
    with raised_as(AnsibleFilterError, "describe_ignition"):
        if not isinstance(value, (str, dict)):
            raise PlainError(f"{kind(value)} where JSON text or a mapping is wanted")
        config, dummy = ignition(Fragment(value))
    return text(describe(config))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"describe_ignition": describe_ignition}
