# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the work on one machine needs, and how far it has come."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_ova import Imported
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.plan import Plan
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import Ref


class Task(t.NamedTuple):
    """What all machines of a task share. run_command is that of AnsibleModule; check says that nothing is written."""

    session: Session
    inventory: Inventory
    check: bool
    run_command: t.Callable[..., t.Any]
    interrupt: Interrupt
    folders: threading.Lock


class Job(t.NamedTuple):
    """One machine. seen is what is there; template is what it is cloned from, place where a new one goes.

    networks and layout are those of what is there.
    """

    desired: Desired
    seen: Machine | None
    plan: Plan
    template: Machine | None = None
    place: Place | None = None
    networks: Networks = Networks({}, ())
    layout: Layout = Layout()
    report: progress.Report = progress.silent

    @property
    def name(self) -> str:
        return self.desired.name or (self.seen.name if self.seen else self.desired.label)


class Outcome:
    """What was done so far; in check mode what would be. ref is the machine that is there afterwards."""

    def __init__(self, ref: Ref = None) -> None:
        self.ref = ref
        self.actions: list[str] = []
        self.warnings: list[str] = []
        self.imported: Imported | None = None
        self.source = ""
