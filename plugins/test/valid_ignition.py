# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: valid_ignition
author: The flatops.flatcar developers (@flatops)
version_added: 1.0.0
short_description: Whether something is a valid Ignition config
description:
  - True for a config of the Ignition specifications 3.0.0 to 3.6.0 and 3.7.0-experimental that Ignition accepts.
  - With O(strict=false) it is what the program ignition-validate says. By default a key that Ignition does not know is
    an error as well.
  - Configs of the specifications 1 and 2 are not valid here, although Flatcar still translates them when it boots.
options:
  _input:
    description: An Ignition config as JSON text or as a mapping, or a list of them, each of which must be valid.
    type: raw
    required: true
  strict:
    description: Make a key that Ignition does not know an error.
    type: bool
    default: true
  max_bytes:
    description: Refuse a config that is larger than this many bytes.
    type: int
    default: 16777216
seealso:
  - plugin: flatops.flatcar.valid_butane
    plugin_type: test
  - module: flatops.flatcar.ignition
"""

EXAMPLES = r"""
---
- name: Check a config that came from elsewhere
  ansible.builtin.assert:
    that: lookup('ansible.builtin.file', 'machine.ign') is flatops.flatcar.valid_ignition
"""

RETURN = r"""
_value:
  description: Whether it is a valid Ignition config.
  type: bool
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import is_valid


def valid_ignition(value: t.Any, **options: t.Any) -> bool:
    with raised_as(AnsibleFilterError, "valid_ignition"):
        return is_valid(value, options, ignition=True)


class TestModule:
    """The test of this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        return {"valid_ignition": valid_ignition}
