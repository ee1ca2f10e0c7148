#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_facts
short_description: Gather facts about a Flatcar node, which has no Python
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Tells the release of a node, its updates, system extensions, pending reboots, clock, disks, failed units, network
    and Kubernetes programs, in one round trip.
  - What a node does not have is null. A program that hangs costs ten seconds, and what it would have told is null.
  - Contents of guestinfo and of the Ignition config are not read.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  facts:
    description: Returns C(ansible_facts), which are kept for the host.
    support: full
options:
  gather_subset:
    description:
      - Which facts to gather besides those that are always gathered.
      - V(runtime) is C(container_runtimes); the others are the fact of that name. V(all) is all of them and V(min)
        none.
      - V(journal) is the lines of this boot with the priority C(err) and worse. A log may hold secrets.
    type: list
    elements: str
    choices: [min, all, runtime, network, kubelet, ignition, journal]
    default: [runtime, network, kubelet, ignition]
  journal_lines:
    description: How many lines of the journal to return at most, the newest ones.
    type: int
    default: 50
notes:
  - Facts that a cache serves may be old; RV(ansible_facts.flatcar.gathered_at) and RV(ansible_facts.flatcar.boot_id)
    tell.
  - With C(delegate_to), use C(delegate_facts=true), or the facts become those of the host that delegates.
seealso:
  - module: flatops.flatcar.node_reboot
  - module: flatops.flatcar.node_unit
"""

EXAMPLES = r"""
---
- name: Gather the facts of all nodes
  hosts: flatcar
  gather_facts: false
  become: true
  tasks:
    - name: Ask the node
      flatops.flatcar.node_facts:

    - name: Show what it runs
      ansible.builtin.debug:
        msg: "{{ ansible_facts.flatcar.version }} of {{ ansible_facts.flatcar.channel }}"

    - name: Reboot where a reboot is pending and nothing else would do it
      flatops.flatcar.node_reboot:
      when:
        - ansible_facts.flatcar.reboot.required
        - not ansible_facts.flatcar.reboot.authorities
"""

RETURN = r"""
ansible_facts:
  description: The facts of the node. Sizes are in bytes.
  returned: success
  type: complex
  contains:
    flatcar:
      description: All of them.
      type: dict
      contains:
        gathered_at:
          description: When they were gathered, by the clock of the controller, in UTC.
          type: str
          sample: "2026-11-21T10:11:12Z"
        boot_id:
          description: The id of this boot of the node.
          type: str
          sample: 0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11
        version:
          description: The release of Flatcar.
          type: str
          sample: 4593.2.5
        channel:
          description: The update group, which is the channel unless an update server of your own has others.
          type: str
          sample: stable
        architecture:
          description: The processor architecture.
          type: str
          sample: amd64
        kernel:
          description: The kernel and its release.
          type: str
          sample: Linux 6.12.50-flatcar
        os_release:
          description: What C(/etc/os-release) says, with the names in lower case.
          type: dict
          sample: {id: flatcar, flatcar_board: amd64-usr}
        hostname:
          description: The name that the node has now.
          type: str
          sample: worker1
        uptime_seconds:
          description: How long it has been running.
          type: float
          sample: 86400.5
        platform:
          description: The platform that the image was made for.
          type: str
          sample: azure
        virtualization:
          description: What C(systemd-detect-virt) finds.
          type: str
          sample: microsoft
        system_state:
          description: What C(systemctl is-system-running) says.
          type: str
          sample: running
        failed_units:
          description: The units that have failed.
          type: list
          elements: str
          sample: []
        disks:
          description: The file systems of C(/), C(/usr), C(/var) and the OEM partition, by these paths.
          type: dict
          sample: {/var: {source: /dev/sda9, type: ext4, size: 30000000000, used: 4000000000, free: 25000000000}}
        guestinfo_keys:
          description: Which of the well-known guestinfo keys VMware gives the node. Null elsewhere.
          type: list
          elements: str
          sample: [guestinfo.ignition.config.data]
        update_engine:
          description:
            - The status of update-engine, with the operation in capitals as C(update_engine_client) prints it but
              without its prefix, its service, and which version was installed first and before this one.
            - C(last_checked) is in seconds since 1970. C(server) is V(ignore:disabled), V(ignore:set) or null.
          type: dict
          sample:
            operation: UPDATED_NEED_REBOOT
            progress: 0.0
            new_version: 4593.2.6
            new_size: 465881871
            last_checked: 1795255872
            service: active
            masked: false
            server: null
            first_version: 4593.2.0
            previous_version: 4593.2.4
        sysexts:
          description:
            - The system extensions that are merged now, or staged, which is in place for the next merge.
            - C(current) is false where the next merge, such as that of a reboot, changes something.
          type: list
          elements: dict
          sample:
            - name: kubernetes
              merged: true
              staged: true
              image: /opt/extensions/kubernetes/kubernetes-v1.34.2-x86-64.raw
              current: false
        reboot:
          description:
            - Whether a reboot is pending and why, and what is running that would do it.
            - C(reasons) are V(ignore:os_update), V(ignore:sysext) and V(ignore:flag), which is C(/run/reboot-required).
            - C(authorities) are C(locksmithd), C(systemd-sysupdate-reboot), C(fluo) and C(kured).
          type: dict
          sample:
            required: true
            reasons: [os_update, flag]
            authorities:
              - {name: locksmithd, strategy: reboot}
        time:
          description:
            - What sets the clock, and how far the clock is off by its word, be it fast or slow.
            - More than one service in C(active) set the same clock.
            - C(sources) are those of chronyd, with its word for each. C(reach) has a bit for each of the last eight
              attempts to reach the source. Null where chronyd does not answer.
            - C(ptp_clocks) are the clocks of the hypervisor by their stable names.
          type: dict
          sample:
            source: chronyd
            active: [chronyd]
            server: PHC0
            stratum: 3
            offset_seconds: 0.000001234
            leap: Normal
            synchronized: true
            timezone: UTC
            sources:
              - {name: PHC0, kind: reference_clock, state: selected, stratum: 2, reach: 255}
            ptp_clocks: [/dev/ptp_hyperv]
        container_runtimes:
          description: The container runtimes that are there.
          returned: with the subset V(ignore:runtime)
          type: dict
          sample: {containerd: {version: 1.7.27, active: true}, docker: {version: 28.0.4, active: false}}
        network:
          description: The interfaces, default routes and name servers.
          returned: with the subset V(ignore:network)
          type: dict
          sample:
            interfaces:
              eth0:
                mac: 00:0d:3a:11:22:33
                mtu: 1500
                state: up
                addresses:
                  - {address: 10.0.0.4, prefix: 24, scope: global}
            default_routes:
              - {gateway: 10.0.0.1, interface: eth0}
            nameservers: [127.0.0.53]
        kubelet:
          description: Kubernetes on the node, null where there is none.
          returned: with the subset V(ignore:kubelet)
          type: dict
          sample: {version: 1.34.1, kubeadm_version: 1.34.1, service: active, joined: true, control_plane: false}
        ignition:
          description: Ignition's report of the first boot.
          returned: with the subset V(ignore:ignition)
          type: dict
          sample:
            boot_id: 5a3c1f22-2a6e-4b7a-8f0e-1c0ffee00001
            date: "2026-11-20T09:08:07Z"
            config_provided: true
            reprovisioned: false
        journal:
          description: The newest errors of the journal in this boot.
          returned: with the subset V(ignore:journal)
          type: list
          elements: str
          sample: []
error_code:
  description: What kind of error it was, one of those in the notes.
  returned: failure
  type: str
  sample: become_refused
"""
