# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: to_ignition
author: The flatops.flatcar developers (@flatops)
version_added: 1.0.0
short_description: Turn Butane fragments into one Ignition config
description:
  - Translates Butane exactly as the program butane 0.29.0 does, in process and without that program.
  - Several fragments become one config. Each is translated by itself, then they are merged by Ignition's own rules,
    later ones over earlier ones, and the result is validated.
  - The result has the highest Ignition specification version among the fragments. One Butane fragment alone gives the
    very text that butane prints.
  - The result holds every secret of the description. Give it to a module that takes Ignition, or write it with
    M(flatops.flatcar.ignition), which shows digests instead of contents.
positional: _input
options:
  _input:
    description:
      - A fragment, or a list of fragments, as the lookup P(flatops.flatcar.fragments#lookup) gives them.
      - A fragment is Butane as text, Butane as a mapping, or an Ignition 3 config as JSON text or as a mapping.
      - In a Butane mapping each field takes only its own type, because YAML 1.1 has already read it. A number, a date
        or C(yes) where Butane wants text is refused.
    type: raw
    required: true
extends_documentation_fragment:
  - flatops.flatcar.render
  - flatops.flatcar.render.record
notes:
  - Over many hosts M(flatops.flatcar.ignition) takes a fraction of the time. Ansible loads a filter anew in the process
    of each host, but the action of a module once for all of them.
seealso:
  - plugin: flatops.flatcar.fragments
    plugin_type: lookup
  - plugin: flatops.flatcar.describe_ignition
    plugin_type: filter
  - module: flatops.flatcar.ignition
"""

EXAMPLES = r"""
---
- name: Show the Ignition config of a machine that has a file and a unit
  ansible.builtin.debug:
    msg: "{{ [motd, web] | flatops.flatcar.to_ignition(pretty=true) }}"
  vars:
    motd: |
      variant: flatcar
      version: 1.1.0
      storage:
        files:
          - path: /etc/motd
            mode: 0644
            contents:
              inline: Managed by Ansible
    web: |
      variant: flatcar
      version: 1.1.0
      systemd:
        units:
          - name: nginx.service
            enabled: true
            contents: |
              [Service]
              ExecStart=/usr/bin/docker run --rm --name nginx --net host docker.io/library/nginx:1.29

              [Install]
              WantedBy=multi-user.target

- name: Everything that the inventory says of a machine
  ansible.builtin.set_fact:
    machine: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition(files_dir='files') }}"
"""

RETURN = r"""
_value:
  description: The Ignition config as JSON text with a newline at its end.
  type: str
  sample: '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/etc/motd","contents":{"source":"data:,Hi"}}]}}'
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._render import render_value
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text


def to_ignition(value: t.Any, **options: t.Any) -> str:
    with raised_as(AnsibleFilterError, "to_ignition"):
        rendered = render_value(value, options)
    for warning in rendered.warnings:
        Display().warning(f"to_ignition: {warning}")
    return text(rendered.text)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_ignition": to_ignition}
