# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The serial log of a VM that did not come up, for its result."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import serial
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task


def note(task: Task, entry: Entry) -> None:
    """Adds to the outcome what the VM wrote last, where its boot diagnostics say."""
    data = serial.fetch(task.session, entry.desired.resource_group, entry.desired.name)
    if data:
        entry.outcome.serial_log, entry.outcome.cause = serial.read(data)
