# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The attributes that every module documents; a module adds `support` (and `details`) where a part leaves it out."""

from __future__ import annotations


class ModuleDocFragment:
    # Every module: it states `support` for each of the three.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode and predicts what would change, without changing anything.
  diff_mode:
    description: Shows what changes, or would change in check mode, when the task runs with C(--diff).
  idempotent:
    description: A second run with the same options changes nothing while nothing else has changed the target.
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode and predicts what would change, without changing anything.
    support: full
    details: This module only reads; check mode makes no difference.
  diff_mode:
    description: Shows what changes, or would change in check mode, when the task runs with C(--diff).
    support: N/A
    details: This module only reads.
  idempotent:
    description: A second run with the same options changes nothing while nothing else has changed the target.
    support: full
    details: This module only reads.
"""

    # Modules that have an action plugin of the same name.
    ACTION = r"""
options: {}
attributes:
  action:
    description: An action plugin of the same name does the work, or a part of it, on the controller.
    support: full
  async:
    description: Can be used with the keyword C(async).
    support: none
    details: The task is refused; give it more time by its own options.
"""

    # Actions that work on the controller alone, whatever the host's connection is.
    CONTROLLER = r"""
options: {}
attributes:
  connection:
    description: Uses the connection of the host to run there.
    support: none
    details: The work is done on the controller; the host is not contacted and needs no Python.
"""
