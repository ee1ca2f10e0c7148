# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Turning machines on and off."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import sdk, tasks, watch
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one

#: How long a guest has to shut down, in seconds.
SHUTDOWN = 120


def on(session: Session, ref: sdk.Ref, name: str) -> None:
    try:
        with translated(f"Power on {name}"):
            tasks.wait(session, ref.PowerOnVM_Task())
    except VsphereError as error:
        # Another run may have been quicker.
        if error.code != "power_state" or observe_one(session, ref).power != "powered_on":
            raise


def off(session: Session, machine: Machine, *, force: bool, timeout: float = SHUTDOWN, check: bool = False) -> str:
    """Shuts the guest down; where it has no tools or does not end in time the power goes off, if force allows it.

    Returns what was done, in check mode what would be: shut_down or powered_off. VsphereError power_state where only
    the latter would do.
    """
    can_end = machine.power == "powered_on" and machine.tools
    if can_end and (check or _shut_down(session, machine, timeout)):
        return "shut_down"
    if not force:
        why = "did not shut down in time" if can_end else "has no running tools that could shut it down"
        raise VsphereError(
            "power_state",
            f"The VM {machine.name} ({machine.moid}) is {machine.power} and {why}. Shut it down, or set force to true "
            "to turn it off.",
        )
    if not check:
        with translated(f"Power off {machine.name}"):
            tasks.wait(session, machine.ref.PowerOffVM_Task())
    return "powered_off"


def _shut_down(session: Session, machine: Machine, timeout: float) -> bool:
    with translated(f"Shut down {machine.name}"):
        try:
            machine.ref.ShutdownGuest()
        except (sdk.vim.fault.ToolsUnavailable, sdk.vim.fault.InvalidPowerState):
            return False
    path = "runtime.powerState"
    dummy, done = watch.until(
        session, [machine.ref], [path], lambda seen: seen.get(machine.moid, {}).get(path) == "poweredOff", timeout
    )
    return done
