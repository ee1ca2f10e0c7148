# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One machine on its way through a task, and what is there of all of them, found with few requests."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import entry as fleet
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import inventory, machine
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.desired import Desired, desired
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.drift import Drift
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Identity, Inventory
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import Ref

Options = t.Mapping[str, t.Any]


class Entry(fleet.Entry):
    """A machine: its options, what is desired, what is there, and the work.

    seen is None where it is not there, template where it is not cloned. was_overtaken says that another run made it
    while this one was about to.
    """

    def __init__(self, given: Options) -> None:
        super().__init__(given["name"] or given["uuid"] or given["moid"])
        self.given = given
        self.desired: Desired | None = None
        self.seen: Machine | None = None
        self.template: Machine | None = None
        self.drift = Drift((), None)
        self.was_overtaken = False
        self.job: Job | None = None
        self.outcome = Outcome()

    @property
    def identity(self) -> Identity:
        given = self.given
        if given["moid"] or given["uuid"]:
            return Identity(uuid=given["uuid"], moid=given["moid"], datacenter=given["datacenter"])
        return Identity(given["name"], given["datacenter"], given["folder"])

    @property
    def of_template(self) -> Identity | None:
        if not self.given["template"] or self.given["state"] == "absent":
            return None
        return inventory.identity(self.given["template"], self.given["datacenter"])


def check(entry: Entry, session: Session) -> None:
    """What can be said of the options alone, and of the kind of the server."""
    entry.desired = desired(entry.given)
    entry.outcome.warnings += entry.desired.guestinfo.warnings
    if entry.given["state"] == "absent":
        return
    if entry.given["template"]:
        session.need_vcenter("Cloning")
    if entry.given["datastore_cluster"]:
        session.need_vcenter("A datastore cluster")
    if entry.given["state"] == "template":
        session.need_vcenter("A template")


def look(session: Session, known: Inventory, entries: t.Sequence[Entry]) -> None:
    """Finds the machines and their templates by their names, and reads them all at once."""
    sound = [entry for entry in entries if entry.error is None]
    identities = list(dict.fromkeys(each for entry in sound for each in (entry.identity, entry.of_template) if each))
    refs = dict(zip(identities, _refs(session, known, identities)))
    found = [ref for ref in refs.values() if ref is not None and not isinstance(ref, VsphereError)]
    seen = machine.observe(session, list(dict.fromkeys(found)))
    for entry in sound:
        entry.attempt(_take, refs, seen)


def _refs(session: Session, known: Inventory, identities: t.Sequence[Identity]) -> list[Ref]:
    """References, None for what is not there, and an error for what cannot be told apart."""
    try:
        return inventory.machines(session, known, identities)
    except VsphereError:
        # One of them is to blame, and the others are found without it.
        return [_ref(session, known, identity) for identity in identities]


def _ref(session: Session, known: Inventory, identity: Identity) -> Ref:
    try:
        return inventory.machines(session, known, [identity])[0]
    except VsphereError as error:
        return error


def _take(entry: Entry, refs: t.Mapping[Identity, Ref], seen: t.Mapping[str, Seen]) -> None:
    entry.seen = _machine(refs[entry.identity], seen)
    if entry.seen is not None:
        entry.outcome.ref = entry.seen.ref
    if entry.of_template is not None:
        found = refs[entry.of_template]
        # Of a machine that is there it does not matter whether its template still is.
        if entry.seen is None or not isinstance(found, VsphereError):
            entry.template = _machine(found, seen)


def _machine(found: Ref, seen: t.Mapping[str, Seen]) -> Machine | None:
    result = None if found is None else found if isinstance(found, VsphereError) else seen[found._moId]
    if isinstance(result, VsphereError):
        raise result
    return result
