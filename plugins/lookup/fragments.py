# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: fragments
author: The flatops.flatcar developers (@flatops)
version_added: 1.0.0
short_description: The Butane fragments that describe a machine
description:
  - Collects what the inventory says of a host, and what a task names, and gives it as a list of fragments for
    P(flatops.flatcar.to_ignition#filter) and M(flatops.flatcar.ignition).
  - Without terms it gives the whole machine, from the general to the particular, so that what comes later wins where
    fragments are merged.
  - First the variable C(flatcar_hostname), by default C(inventory_hostname), as the file C(/etc/hostname). An empty
    text leaves the host name to the platform.
  - Then the fragment of each role in the list C(flatcar_roles), which may also be a text with commas.
  - Then every variable that the host sees named C(flatcar_butane) or C(flatcar_butane__<name>), in the order of their
    names. A fragment, a list of fragments, or nothing stands in each. Names like C(flatcar_butane__10_base) and
    C(flatcar_butane__90_host) let several groups and the host add to one machine without hiding each other.
  - The host sees these variables with the usual precedence of Ansible, whether they come from the inventory, the play,
    C(set_fact) or extra variables.
options:
  _terms:
    description:
      - Fragments to give instead of those of the host.
      - 'A fragment is text (always Butane or Ignition, never a path), a Butane mapping, an Ignition 3 config as JSON
        text or as a mapping, or exactly one of C({file: base.bu}), C({template: node.bu.j2}) and
        C({role: flatops.flatcar.chrony}).'
      - A C(file) is read as it is, without Jinja. Use it for Butane that holds the C({{ }}) of another program.
      - A C(template) is rendered with the host's variables.
      - A C(role) gives its C(templates/fragment.bu.j2), rendered with its C(defaults/main.yml) beneath the host's
        variables, after these have passed the options of the entry point C(main) in C(meta/argument_specs.yml). A list
        or a mapping among these may be given as text in YAML or JSON.
        The lists C(seed) and C(merge) in its C(meta/fragment.yml) go with it, and are to
        M(flatops.flatcar.node_config) as its options of these names.
      - Relative paths follow Ansible's search path (C(files) and C(templates) beside the playbook or in the role), then
        the folder in the variable C(flatcar_files_dir) and its subfolders C(files) and C(templates).
    type: list
    elements: raw
notes:
  - Call it as C(query), which always gives a list.
seealso:
  - plugin: flatops.flatcar.to_ignition
    plugin_type: filter
  - module: flatops.flatcar.ignition
"""

EXAMPLES = r"""
---
# group_vars/all.yml
# flatcar_butane__10_base:
#   - file: base.bu
#   - template: motd.bu.j2
# host_vars/web1.yml
# flatcar_butane__90_host: |
#   variant: flatcar
#   version: 1.1.0
#   ...

- name: The Ignition config of the whole machine
  ansible.builtin.set_fact:
    machine: "{{ query('flatops.flatcar.fragments') | flatops.flatcar.to_ignition }}"

- name: Write that of one file and one template
  flatops.flatcar.ignition:
    butane: "{{ query('flatops.flatcar.fragments', {'file': 'base.bu'}, {'template': 'node.bu.j2'}) }}"
    dest: ignition/{{ inventory_hostname }}.ign

- name: Show which fragments a machine has, and where each is written
  ansible.builtin.debug:
    msg: "{{ query('flatops.flatcar.fragments') | map(attribute='origin') }}"
"""

RETURN = r"""
_list:
  description: The fragments in the order in which they are merged.
  type: list
  elements: dict
  contains:
    name:
      description: What owns the things that the fragment describes, a role or a variable.
      type: str
      sample: flatcar_butane__90_host
    origin:
      description: How messages call the fragment.
      type: str
      sample: 'flatcar_butane__90_host[0] {file: base.bu}'
    file:
      description: The file in which it is written, where that is known.
      type: str
      sample: /srv/inventory/files/base.bu
    line:
      description: The line of the file on which it begins, where that is known.
      type: int
      sample: 1
    aligned:
      description: Whether the lines of the fragment are those of the file.
      type: bool
      sample: true
    seed:
      description: Paths or patterns of what a running node makes only when it is missing, where its role says so.
      type: list
      elements: str
      sample: [/etc/extensions/kubernetes.raw]
    merge:
      description: Paths of files of which only the described C(KEY=value) lines are the role's, where it says so.
      type: list
      elements: str
      sample: [/etc/flatcar/update.conf]
    content:
      description: The fragment, Butane or Ignition, as text or as a mapping.
      type: raw
      sample: "variant: flatcar\nversion: 1.1.0\n"
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import Inventory, item
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text


class LookupModule(LookupBase):
    """The lookup of this file."""

    def run(
        self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[dict[str, t.Any]]:
        if kwargs:
            raise AnsibleLookupError(f"fragments: takes no options, but was given {', '.join(kwargs)}")
        inventory = Inventory(self._loader, self._templar, variables or {})
        with raised_as(AnsibleLookupError, "fragments"):
            found = inventory.named(terms, Fragment("")) if terms else inventory.host()
        return [text(item(fragment)) for fragment in found]
