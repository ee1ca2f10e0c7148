# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: valid_butane
author: The flatops.flatcar developers (@flatops)
version_added: 1.0.0
short_description: Whether something is valid Butane
description:
  - True for Butane of which P(flatops.flatcar.to_ignition#filter) makes an Ignition config under the same options.
  - With O(strict=false) it is what the program butane says.
options:
  _input:
    description:
      - Butane as text or as a mapping, or a list of fragments as the lookup P(flatops.flatcar.fragments#lookup) gives
        them, each of which must be valid by itself.
      - An Ignition config is not Butane.
    type: raw
    required: true
extends_documentation_fragment:
  - flatops.flatcar.render
seealso:
  - plugin: flatops.flatcar.valid_ignition
    plugin_type: test
  - plugin: flatops.flatcar.to_ignition
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Refuse a bad description before anything is made
  ansible.builtin.assert:
    that: lookup('ansible.builtin.file', 'base.bu') is flatops.flatcar.valid_butane
    fail_msg: base.bu is not valid Butane

- name: Let unknown keys pass
  ansible.builtin.assert:
    that: machine is flatops.flatcar.valid_butane(strict=false, files_dir='files')
"""

RETURN = r"""
_value:
  description: Whether it is valid Butane.
  type: bool
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import is_valid


def valid_butane(value: t.Any, **options: t.Any) -> bool:
    with raised_as(AnsibleFilterError, "valid_butane"):
        return is_valid(value, options, ignition=False)


class TestModule:
    """The test of this file."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        return {"valid_butane": valid_butane}
