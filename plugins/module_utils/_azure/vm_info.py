# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is known of VMs."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id, serial, vm_look
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_described import described
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json, Seen

_THREADS = 8


class Selection(t.NamedTuple):
    """Which VMs are meant: of some resource groups or of all, and by names where names are given.

    tags are such as "env", or "env:prod" for one value; all of them must be there. ours leaves only those that this
    collection has made.
    """

    groups: t.Sequence[str] | None = None
    names: t.Sequence[str] | None = None
    tags: t.Sequence[str] = ()
    ours: bool = False

    def accepts(self, seen: Seen) -> bool:
        tags = {name.lower(): value for name, value in seen.tags.items()}
        for wanted in self.tags:
            name, colon, value = wanted.partition(":")
            if tags.get(name.lower()) is None or (colon and tags[name.lower()] != value):
                return False
        return seen.stamp.is_ours or not self.ours


def known(session: Session, wanted: Selection, with_log: bool = False) -> list[Json]:
    """In the order of their groups and names. with_log: with the end of the serial log."""
    looked = vm_look.look(session, wanted.groups, wanted.names)
    vms = sorted(filter(wanted.accepts, looked.vms), key=lambda seen: resource_id.key(seen.id))
    told = [{"name": seen.name, **described(seen, looked.nics, looked.ips)} for seen in vms]
    if with_log and vms:
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            for row, log in zip(told, pool.map(lambda seen: _log(session, seen), vms)):
                row.update(log)
    return told


def _log(session: Session, seen: Seen) -> Json:
    log = serial.read(serial.fetch(session, seen.resource_group, seen.name) or b"")
    return {"serial_log": log.lines, "serial_cause": log.cause}
