# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What was planned for one VM is done; in check mode only what can be asked is."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vm_change, vm_create, vm_delete, vm_power
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Seen


def carry_out(entry: Entry, task: Task) -> None:
    """Adds to the outcome step by step, so that it also tells how far a failure came; AzureError for one."""
    plan = entry.plan
    if plan.kind == "delete":
        vm_delete.delete(task, entry)
        return
    if plan.kind == "replace":
        vm_delete.make_room(task, entry, t.cast(Seen, entry.seen))
    if plan.kind in ("create", "replace"):
        vm_create.create(task, entry)
    else:
        vm_change.change(task, entry, t.cast(Seen, entry.seen))
    if plan.power:
        vm_power.turn(task, entry, plan.power)
