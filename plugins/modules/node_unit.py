#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_unit
short_description: Start, stop, enable and mask a systemd unit on a node without Python
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Brings a systemd unit into a state, waits until it is there, and shows the last lines of its journal if it fails.
  - Looks first, in one round trip, and acts in a second one only if something has to change.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: >-
      V(restarted) and V(reloaded) of O(state) act each time, and so does V(started) for a unit that ends by itself.
options:
  name:
    description:
      - The unit. Without a suffix it is a service.
    type: str
    required: true
  state:
    description:
      - V(started) and V(stopped) act only on a unit that is not in that state.
      - V(restarted) always acts. V(reloaded) does too, and starts a unit that does not run.
      - A unit that systemd skips, because a condition in its unit file does not hold, is unchanged, with a warning.
    type: str
    choices: [started, stopped, restarted, reloaded]
  enabled:
    description: Whether the unit is started when the node boots.
    type: bool
  masked:
    description:
      - Whether the unit is masked, so that nothing can start it. A unit that runs is stopped first, since a mask alone
        leaves it running.
      - A unit whose file is in C(/etc/systemd/system) cannot be masked.
    type: bool
  daemon_reload:
    description: Let systemd read the unit files anew first, if it says that this unit's have changed.
    type: bool
    default: true
  timeout:
    description: The longest wait in seconds for all of it. systemd goes on with what takes longer.
    type: int
    default: 120
  journal_lines:
    description: How many lines of the unit's journal a failure shows, of those that were written meanwhile.
    type: int
    default: 20
seealso:
  - module: flatops.flatcar.node_facts
"""

EXAMPLES = r"""
---
- name: Run nginx now and at each boot
  flatops.flatcar.node_unit:
    name: nginx
    state: started
    enabled: true
  become: true

- name: Let nothing but Kured reboot the node
  flatops.flatcar.node_unit:
    name: "{{ item }}"
    masked: true
  become: true
  loop:
    - locksmithd.service
    - systemd-sysupdate-reboot.timer
"""

RETURN = r"""
name:
  description: The unit.
  returned: success
  type: str
  sample: nginx.service
actions:
  description: The commands of C(systemctl) that were run, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [daemon-reload, enable, start]
status:
  description: The unit in systemd's words; in check mode, what it would be.
  returned: success
  type: dict
  sample:
    load_state: loaded
    active_state: active
    sub_state: running
    unit_file_state: enabled
journal:
  description: What the unit wrote to the journal meanwhile.
  returned: when the unit fails
  type: list
  elements: str
  sample: ["nginx: [emerg] unknown directive \"sever\" in /etc/nginx/nginx.conf:3"]
error_code:
  description:
    - What kind of error it was.
    - One of C(bad_unit), C(cannot_enable), C(cannot_mask), C(cannot_reload), C(masked), C(not_found), C(timeout) and
      C(unit_failed), or one of those in the notes.
  returned: failure
  type: str
  sample: unit_failed
"""
