#!/usr/bin/python
# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done by the action plugin of the same name; this file is its documentation.

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_diagnose
short_description: Collect logs and states of a Flatcar node in a redacted archive
version_added: 1.1.0
author: The flatops.flatcar developers (@flatops)
description:
  - Writes one archive to the controller, with what tells why a node does not do what it should, in one round trip.
  - The archive has the result and the journal of Ignition; the journals and states of update-engine, locksmithd, the
    kubelet, containerd, Docker, the network and the system extensions; the failed units with their journals; the
    warnings, the kernel's messages, and the last lines of the boot before.
  - Of each file the last 2 MB are taken, and 20 MB of all. The file C(missing) names what was cut and what the node
    does not have.
  - Secrets are replaced on the controller, before anything is written. These are private keys, password hashes, tokens,
    HTTP headers, contents in Ignition configs, guestinfo, users and queries of URLs, and values whose names say that
    they are secret. A secret is known by its name or by its form; one that has neither stays, so look before you pass
    an archive on.
extends_documentation_fragment:
  - flatops.flatcar.attributes
  - flatops.flatcar.attributes.action
  - flatops.flatcar.node
attributes:
  check_mode:
    support: full
    details: Everything is collected, and nothing written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run writes what there is now, for one boot of a node to the same file.
options:
  dest:
    description:
      - The folder on the controller, which is made where it is missing. The archive is C(HOST-BOOT_ID.tar.gz) in it,
        which only its owner can read.
    type: path
    required: true
notes:
  - 'Besides the codes of all modules of a node, RV(ignore:error_code) can be C(write_failed).'
seealso:
  - module: flatops.flatcar.node_facts
"""

EXAMPLES = r"""
---
- name: Collect what tells why a node does not do what it should
  flatops.flatcar.node_diagnose:
    dest: diagnose
  become: true
"""

RETURN = r"""
dest:
  description: The path of the archive on the controller.
  returned: success
  type: str
  sample: /home/you/diagnose/node1-0c8a5b1e-7b9f-4f0c-9d0e-4a1f1f1d8f11.tar.gz
size:
  description: The bytes of the archive.
  returned: success
  type: int
  sample: 40960
files:
  description: The bytes of each file in it, by its path in the archive's only folder.
  returned: success
  type: dict
  sample: {kubelet/journal: 120000}
redacted:
  description: How many places were replaced.
  returned: success
  type: int
  sample: 3
error_code:
  description: What kind of error it was, one of those in the notes.
  returned: failure
  type: str
  sample: become_refused
"""
