#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_first_boot
short_description: Wait until the first boot of a Flatcar node is over
version_added: 1.2.0
author: The flatops.flatcar developers (@flatops)
description:
  - Tries to log in until the node lets in and Ignition has finished there, and tells the probable cause where it does
    not come to that.
  - A node whose first boot is long over is left alone, and answers at once.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.info
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
options:
  timeout:
    description: For how many seconds to try.
    type: int
    default: 600
  connect_timeout:
    description: For how many seconds to wait for one connection.
    type: int
    default: 10
notes:
  - A login that is refused for 30 seconds, and a host key that is unknown or has changed, end the wait earlier.
  - The units that the description starts may still be starting.
seealso:
  - module: flatops.flatcar.node_facts
  - module: flatops.flatcar.node_reset
"""

EXAMPLES = r"""
---
- name: Wait for new nodes
  hosts: flatcar
  gather_facts: false
  become: true
  tasks:
    - name: Wait until Ignition has finished
      flatops.flatcar.node_first_boot:
        timeout: 300
"""

RETURN = r"""
boot_id:
  description: The id of the boot that was found.
  returned: success
  type: str
  sample: 0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11
ignition:
  description: Ignition's report of the first boot, as in M(flatops.flatcar.node_facts).
  returned: success
  type: dict
  sample:
    boot_id: 0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11
    date: "2026-11-20T09:08:07Z"
    config_provided: true
    reprovisioned: false
elapsed:
  description: For how many seconds it was waited.
  returned: success
  type: int
  sample: 41
error_code:
  description:
    - What kind of error it was, one of those in the notes or of these.
    - C(no_address), the name has none. C(no_route), nothing answers. C(no_ssh), no SSH server answers.
      C(login_refused), the node does not let this user in. C(host_key_unknown) and C(host_key_changed), ssh does not
      trust the node. C(ignition_unfinished), the node lets in while Ignition has not finished. C(no_login), anything
      else.
  returned: failure
  type: str
  sample: no_ssh
"""
