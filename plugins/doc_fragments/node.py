# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the modules of a running node have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Belongs to action groups, for which C(module_defaults) can be set.
    support: full
    membership: [flatops.flatcar.node]
  connection:
    description: Uses the connection of the host to run there.
    support: full
    details: Any connection on which a command can be run, such as C(ssh). The host needs no Python.
  platform:
    description: The systems that it works on.
    support: full
    platforms: Flatcar
notes:
  - It works as root; use C(become=true).
  - Use C(gather_facts=false) in the play, since M(ansible.builtin.setup) needs Python.
  - What it does is one script, sent at once and run only when all of it has arrived. A connection that is lost then
    does not stop the script, and nothing of it is left on the node.
  - A connection that breaks without a word is waited for, unless ssh is told to look whether the node is still there,
    as by C(ansible_ssh_common_args=-o ServerAliveInterval=15).
  - 'Besides its own, RV(ignore:error_code) can be one of C(become_refused), C(not_root), C(missing_tool),
    C(no_space), C(upload_cut), C(no_answer), C(bad_answer), C(command_failed) and C(bad_option).'
"""
