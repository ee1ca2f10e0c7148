# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Starting, stopping, deallocating and restarting a VM."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task

#: What is to be done -> what it is called when it is done, what messages call it, and the method of the SDK.
_DONE = {
    "start": ("started", "Starting", "begin_start"),
    "stop": ("stopped", "Stopping", "begin_power_off"),
    "deallocate": ("deallocated", "Deallocating", "begin_deallocate"),
    "restart": ("restarted", "Restarting", "begin_restart"),
}


def turn(task: Task, entry: Entry, how: str) -> None:
    """how is start, stop, deallocate or restart."""
    action, doing, method = _DONE[how]
    name, group = entry.desired.name, entry.desired.resource_group
    if not task.check:
        begin = getattr(task.session.compute.virtual_machines, method)
        request.begin(task.session, f"{doing} the VM {name}", begin, group, name, interrupt=task.interrupt)
    entry.outcome.actions.append(action)
