# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Waiting for a VM that Azure is at work on, for whoever has asked for that."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import faults, patience, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json

#: Provisioning states that another one follows.
MOVING = ("Creating", "Updating", "Deleting", "Migrating")
#: Seconds between two looks: the first wait, and the longest.
_FIRST, _LONGEST = 1.0, 10.0


def settled(task: Task, group: str, name: str) -> Json | None:
    """The VM with its instance view once Azure is done with it, None where it is gone then."""
    what = f"Waiting for the VM {name}, which Azure is at work on"
    with patience.lasting(what, task.session.timeout, task.interrupt) as patient:
        seconds = _FIRST
        while True:
            vm = request.get(
                task.session,
                what,
                task.session.compute.virtual_machines.get,
                group,
                name,
                expand="instanceView",
                missing_ok=True,
            )
            if vm is None or (vm.get("properties") or {}).get("provisioningState") not in MOVING:
                return t.cast("Json | None", vm)
            patient.wait(seconds)
            seconds = min(seconds * 2, _LONGEST)


def why_failed(vm: Json, what: str) -> AzureError:
    """What the VM itself says of why it could not be made."""
    for status in ((vm.get("properties") or {}).get("instanceView") or {}).get("statuses") or ():
        kind, dummy, rest = (status.get("code") or "").partition("/")
        state, dummy, code = rest.partition("/")
        if kind == "ProvisioningState" and state.lower() == "failed":
            return faults.failure(what, faults.Fault(code or "Failed", status.get("message") or "It has failed."))
    return AzureError("fault", f"{what}: it has failed, and Azure does not say why.")
