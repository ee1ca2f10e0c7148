# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One VM on its way through a task."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_wanted,
    vm_desired,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Change, Desired, Drift, Json, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import entry as fleet
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt


class Task(t.NamedTuple):
    """What all VMs of a task share; check says that nothing is written."""

    session: Session
    check: bool
    interrupt: Interrupt


class Outcome:
    """What was done so far; in check mode what would be.

    created has ids, costs texts; serial_log are the last lines that a VM wrote which did not come up, and cause what
    they say of that.
    """

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.warnings: list[str] = []
        self.created: list[str] = []
        self.costs: list[str] = []
        self.serial_log: list[str] | None = None
        self.cause: str | None = None


class Entry(fleet.Entry):
    """A VM: its options, what is desired, what is there, and the work.

    is_sound says that desired and wanted are known. seen is None where it is not there. of_network is the part of the
    drift that is not the VM's own. network has the parts of the network that are there, of all VMs, and disks all
    managed disks by resource_id.key. location and image are known of one that is to be made.
    """

    desired: Desired
    wanted: Wanted
    network: Network
    disks: dict[str, Json]

    def __init__(self, given: t.Mapping[str, t.Any]) -> None:
        super().__init__(given["name"])
        self.given = given
        self.seen: Seen | None = None
        self.drift = Drift((), None)
        self.plan = Plan("nothing")
        self.of_network: tuple[Change, ...] = ()
        self.location = ""
        self.image: Image | None = None
        self.outcome = Outcome()
        self.is_sound = False

    @property
    def key(self) -> tuple[str, str]:
        return self.given["resource_group"].lower(), self.given["name"].lower()

    @property
    def makes(self) -> bool:
        """Whether a VM is to be made."""
        return self.error is None and self.plan.kind in ("create", "replace")


def check(entry: Entry, session: Session) -> None:
    """What can be said of the options alone."""
    entry.desired = vm_desired.desired(entry.given)
    entry.wanted = network_wanted.wanted(entry.given, session.subscription_id)
    entry.outcome.warnings += entry.desired.warnings
    entry.is_sound = True
