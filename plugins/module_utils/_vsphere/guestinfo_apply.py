# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Setting guestinfo keys on a VM that is there already.

What is set while a VM is off goes to its file. What is set while it runs may live in its memory only, and is gone when
it is turned off (Flatcar's documentation "Running on VMware").
"""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import power, sdk, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import KARGS, Guestinfo
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo_change import Change
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine

HOW = ("require_off", "power_cycle", "live")
LIVE = "The VM runs, so what was set may be gone when it is turned off. Set it again while it is off."
REPROVISION = (
    "Ignition, and the network of the initial RAM disk, come at the first boot only. For another one run "
    "'touch /boot/flatcar/first_boot' in the guest and reboot it; that adds to what is there. To begin with an empty "
    "root file system use flatops.flatcar.node_reset."
)


def runs(seen: Machine) -> bool:
    return seen.power != "powered_off"


def check(seen: Machine, change: Change, how: str) -> None:
    """VsphereError where the change may not be made while the VM is as it is."""
    if seen.stamp.is_unfinished:
        raise VsphereError(
            "import_unfinished",
            f"The VM {seen.name} ({seen.moid}) is what an interrupted import left. Deploy it again.",
        )
    if change.of_guest and runs(seen) and how == "require_off":
        raise VsphereError(
            "power_state",
            f"The VM {seen.name} ({seen.moid}) is {seen.power}, and {', '.join(change.of_guest)} would have to change. "
            "Turn it off, or set apply to power_cycle.",
        )


def carry_out(
    session: Session, seen: Machine, change: Change, how: str, *, force: bool, shutdown_timeout: float
) -> list[str]:
    """What was done to the VM: shut_down or powered_off, changed, powered_on. It is checked first."""
    check(seen, change, how)
    if not change.values:
        return []
    if not (change.of_guest and runs(seen) and how == "power_cycle"):
        return [_reconfigure(session, seen, change)]
    done = [power.off(session, seen, force=force, timeout=shutdown_timeout)]
    try:
        done.append(_reconfigure(session, seen, change))
    finally:
        # Also when that has failed: the VM ran before.
        power.on(session, seen.ref, seen.name)
    return [*done, "powered_on"]


def needs_reprovisioning(seen: Machine, change: Change, wanted: Guestinfo) -> bool:
    """Whether a VM gets what it reads at its first boot only, and has had that already."""
    by_ignition = change.user_data and wanted.kind in ("ignition", "") and wanted.ignition_sha256
    at_first_boot = by_ignition or KARGS in change.values
    return bool(at_first_boot and (change.has_booted or runs(seen)))


def _reconfigure(session: Session, seen: Machine, change: Change) -> str:
    options = [sdk.vim.option.OptionValue(key=key, value=value) for key, value in change.values.items()]
    with translated(f"Set guestinfo keys of {seen.name}"):
        tasks.wait(session, seen.ref.ReconfigVM_Task(sdk.vim.vm.ConfigSpec(extraConfig=options)))
    return "changed"
