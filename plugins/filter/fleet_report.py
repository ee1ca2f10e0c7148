# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: fleet_report
author: The flatops.flatcar developers (@flatops)
version_added: 1.5.0
short_description: A report on a fleet, for people and for programs
description:
  - Makes one document of what modules have found of hosts, and of it a page, a text and metrics.
  - Whatever comes from a node is data only. It is escaped, characters that are not to be seen are replaced by U+FFFD,
    and texts of more than 300 characters are cut. A number that is infinite or NaN becomes null.
  - The playbook C(flatops.flatcar.fleet_report) asks the hosts and writes the files.
positional: _input
options:
  _input:
    description: The hosts. What is null or left out is not reported.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the host.
        type: str
        required: true
      unreachable:
        description: Why the host cannot be reached.
        type: str
      errors:
        description: What else went wrong when the host was looked up, each in a line.
        type: list
        elements: str
      facts:
        description: C(ansible_facts.flatcar) of M(flatops.flatcar.node_facts).
        type: dict
      drift:
        description: C(paths) and C(units) of the result of M(flatops.flatcar.node_config) in check mode.
        type: dict
      cloud:
        description: Where the host has a machine.
        type: str
      vm:
        description:
          - That machine, as M(flatops.flatcar.azure_vm_info) or M(flatops.flatcar.vsphere_vm_info) returns it.
          - Without it a host with O(_input[].cloud) is reported to have no machine.
        type: dict
      fingerprint:
        description:
          - The fingerprint of the host's Ignition config as it is described now, which is compared with the one that
            the machine was made with.
        type: str
      meant_off:
        description: Whether the machine is meant to be off.
        type: bool
      reboot_authority:
        description: Who is to reboot the host, as C(flatcar_reboot_authority).
        type: str
      cluster:
        description: The name of the cluster of Kubernetes, within which versions are compared.
        type: str
      max_offset:
        description: How far the clock may be off, in seconds. The default is 0.01.
        type: float
  title:
    description: The title of the report.
    type: str
    default: Flatcar fleet
  generated_at:
    description: When the hosts were looked up, in UTC, such as V(2026-11-21T10:11:12Z). The default is now.
    type: str
seealso:
  - module: flatops.flatcar.node_facts
  - module: flatops.flatcar.node_config
  - module: flatops.flatcar.azure_vm_info
  - module: flatops.flatcar.vsphere_vm_info
"""

EXAMPLES = r"""
---
- name: Report on what the facts of nodes say
  hosts: nodes
  gather_facts: false
  become: true
  tasks:
    - name: Ask the nodes
      flatops.flatcar.node_facts:
      register: asked

    - name: Note what they said
      ansible.builtin.set_fact:
        found: "{{ {'name': inventory_hostname, 'facts': asked.ansible_facts.flatcar} }}"

    - name: Show the report
      ansible.builtin.debug:
        msg: "{{ (found | flatops.flatcar.fleet_report).txt.splitlines() }}"
      run_once: true
      vars:
        found: "{{ ansible_play_hosts | map('extract', hostvars, 'found') }}"
"""

RETURN = r"""
_value:
  description: The document, and its forms.
  type: dict
  contains:
    html:
      description: One page that loads nothing, for screens, phones and paper.
      type: str
    json:
      description: The document as JSON.
      type: str
    prom:
      description:
        - Metrics in Prometheus' text format, for the textfile collector of its node exporter. Their label C(fleet) is
          the title.
      type: str
    txt:
      description: A few lines for a log.
      type: str
    document:
      description: The document.
      type: dict
      contains:
        format:
          description: The version of this shape. Members may be added to it; for any other change it is another one.
          type: int
          sample: 1
        title:
          description: The title.
          type: str
        generated_at:
          description: When the hosts were looked up, in UTC.
          type: str
          sample: "2026-11-21T10:11:12Z"
        summary:
          description: How many hosts there are, in which state, and with which problem.
          type: dict
          sample:
            hosts: 3
            states: {unreachable: 0, unknown: 0, attention: 1, not_asked: 0, ok: 2}
            problems: {reboot_required: 1}
        channels:
          description: How many hosts of which channel have which version of Flatcar, the newest one first.
          type: list
          elements: dict
          sample: [{channel: stable, versions: [{version: 4593.2.5, hosts: 3}]}]
        clusters:
          description: How many nodes of which cluster have which version of Kubernetes, the newest one first.
          type: list
          elements: dict
          sample: [{cluster: prod, versions: [{version: 1.34.2, hosts: 3}]}]
        hosts:
          description: The hosts, those with the worst state first. What was not looked up is null.
          type: list
          elements: dict
          contains:
            name:
              description: The name.
              type: str
            state:
              description:
                - V(unreachable); V(unknown) where it could not be looked up; V(attention) where something is wrong;
                  V(not_asked) where there are no facts of it; V(ok).
              type: str
            problems:
              description:
                - What is wrong, the worst first, each with a C(code) for programs and a C(message) for people.
                - The codes are V(unreachable), V(not_looked_up), V(vm_missing), V(vm_not_running), V(vm_incomplete),
                  V(units_failed), V(kubelet_down), V(kubernetes_skew), V(authorities_compete), V(authority_differs),
                  V(clock_shared), V(clock_not_synchronized), V(clock_off), V(clock_without_ptp), V(sysext_not_staged),
                  V(sysext_not_current), V(reboot_required), V(drift) and V(description_changed).
              type: list
              elements: dict
              sample: [{code: reboot_required, message: waits for a reboot (os_update)}]
            version:
              description: The release of Flatcar. C(channel), C(architecture), C(kernel) and C(platform) are beside it.
              type: str
              sample: 4593.2.5
            gathered_at:
              description: When the facts were gathered, in UTC.
              type: str
            uptime_seconds:
              description: How long the node has been running.
              type: float
            update:
              description: The state of update-engine. C(last_checked) is in seconds since 1970.
              type: dict
              sample: {operation: IDLE, new_version: null, last_checked: 1795255872, automatic: true}
            reboot:
              description: Whether a reboot is pending and why, what would do it, and what is declared to do it.
              type: dict
              sample: {required: false, reasons: [], authorities: [locksmithd], declared: locksmithd}
            sysexts:
              description: The system extensions; C(current) is false where the next boot changes something.
              type: list
              elements: dict
              sample: [{name: kubernetes, merged: true, staged: true, current: true}]
            kubernetes:
              description:
                - Kubernetes on the node. C(control_plane_version) is that of the oldest kubelet on the control plane of
                  its cluster, and C(minors_behind) by how many minor versions the node is behind it.
              type: dict
              sample:
                cluster: prod
                version: 1.34.2
                service: active
                joined: true
                control_plane: false
                control_plane_version: 1.34.2
                minors_behind: 0
            clock:
              description:
                - What the clock follows, and by how much it is off. C(kind) is V(ignore:reference_clock) for a clock of
                  the hypervisor, which the node sees by PTP.
              type: dict
              sample:
                source: chronyd
                server: PHC0
                offset_seconds: 0.000001234
                leap: Normal
                synchronized: true
                kind: reference_clock
                active: [chronyd]
                ptp_clocks: [/dev/ptp_hyperv]
                max_offset_seconds: null
            failed_units:
              description: The units that have failed.
              type: list
              elements: str
            drift:
              description: What on the running node is not as described.
              type: dict
              sample: {paths: [/etc/motd], units: []}
            vm:
              description:
                - The machine in its cloud. C(description_changed) says whether the description is another one than
                  when it was made, and is null where that is unknown. If C(found) is false, there is only C(cloud).
              type: dict
              sample:
                cloud: azure
                found: true
                name: web1
                power_state: running
                running: true
                meant_off: false
                complete: true
                image_version: 4593.2.5
                description_changed: false
"""

import datetime
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flatops.flatcar.plugins.module_utils._report.document import document
from ansible_collections.flatops.flatcar.plugins.module_utils._report.formats import FORMATS
from ansible_collections.flatops.flatcar.plugins.plugin_utils._errors import raised_as
from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text


def fleet_report(value: t.Any, title: str = "Flatcar fleet", generated_at: str | None = None) -> dict[str, t.Any]:
    with raised_as(AnsibleFilterError, "fleet_report"):
        value, title, moment = plain(value), plain(title), plain(generated_at)
        if not isinstance(value, list):
            raise PlainError(f"{kind(value)} where a list of hosts is wanted")
        if moment is None:
            moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = document(value, title, moment)
        return text({"document": made, **{name: form(made) for name, form in FORMATS.items()}})


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"fleet_report": fleet_report}
