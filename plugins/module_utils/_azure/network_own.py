# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The interface and the public IP address of one VM."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_bodies,
    network_check,
    network_drift,
    network_look,
    patience,
    request,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Json, Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import CREATE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_shared import pause, shared, unless
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Change
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt

#: What Azure says of a part that another process has deleted meanwhile.
_GONE = ("ResourceGroupNotFound", "InvalidResourceReference", "ParentResourceNotFound", "NotFound", "ResourceNotFound")
#: How often shared parts that are deleted again and again are made again.
_REMAKES = 5


class Own(t.NamedTuple):
    """nics are the interfaces for the VM, the primary one first: {id, deleteOption}. created are ids."""

    nics: tuple[Json, ...]
    created: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()


def own(
    session: Session, wanted: Wanted, network: Network, check: bool = False, interrupt: Interrupt | None = None
) -> Own:
    """Makes what is missing of the interface and the address of a VM, and takes what an earlier run has left of them.

    Where another process changes or deletes the network at the same time, it is looked at again, and what this
    collection makes of it is made again.
    """
    network_check.check(wanted, network)
    if wanted.nics:
        return Own(tuple({"id": each, "deleteOption": "Detach"} for each in wanted.nics))
    maker = _Maker(session, wanted, network, check)
    remakes = 0
    with patience.lasting(f"Making the network interface of {wanted.vm}", session.timeout, interrupt):
        for turn in itertools.count(1):
            try:
                maker.make()
                break
            except AzureError as error:
                is_gone = error.about.get("azure_code") in _GONE
                remakes += is_gone
                if check or remakes > _REMAKES or not (error.code == "conflict" or is_gone):
                    raise
            pause(session, turn)
            if is_gone:
                network.take(network_look.look(session, [wanted]))
                shared(session, [wanted], network, interrupt=interrupt)
            else:
                maker.look_again()
    return Own(
        ({"id": str(wanted.nic), "deleteOption": "Delete"},), tuple(dict.fromkeys(maker.created)), tuple(maker.costs)
    )


def change(
    session: Session,
    wanted: Wanted,
    network: Network,
    changes: t.Sequence[Change],
    interrupt: Interrupt | None = None,
) -> Own:
    """Makes these changes to the interface of a VM, of those that network_drift.changes names."""
    maker = _Maker(session, wanted, network, check=False)
    with patience.lasting(f"Changing the network interface of {wanted.vm}", session.timeout, interrupt):
        for turn in itertools.count(1):
            try:
                maker.change(changes)
                break
            except AzureError as error:
                if error.code != "conflict":
                    raise
            pause(session, turn)
            maker.look_again()
    return Own(
        ({"id": str(wanted.nic), "deleteOption": "Delete"},), tuple(dict.fromkeys(maker.created)), tuple(maker.costs)
    )


class _Maker:
    """What makes the parts of one VM, in as many tries as it takes."""

    def __init__(self, session: Session, wanted: Wanted, network: Network, check: bool) -> None:
        self._session = session
        self._wanted = wanted
        self._network = network
        self._check = check
        self.created: list[str] = []
        self.costs: list[str] = []

    def make(self) -> None:
        self._address()
        seen = self._mine(self._wanted.nic)
        if seen is not None:
            differences = network_drift.changes(self._wanted, self._network.of(self._wanted))
            if any(each.field == "subnet_name" for each in differences):
                self._delete_nic()
            elif differences or seen["properties"].get("provisioningState") == "Failed":
                self._write(self._wanted.nic, network_drift.changed(seen, self._wanted, differences), seen["etag"])
                return
            else:
                return
        self._write(self._wanted.nic, self._nic())

    def change(self, changes: t.Sequence[Change]) -> None:
        seen = self._mine(self._wanted.nic)
        if seen is None:
            raise AzureError("not_found", f"The network interface {self._wanted.nic.name} is gone: run it again.")
        self._address()
        left = [
            each
            for each in network_drift.changes(self._wanted, self._network.of(self._wanted))
            if each.field in _fields(changes)
        ]
        if left:
            self._write(self._wanted.nic, network_drift.changed(seen, self._wanted, left), seen["etag"])
        unused = self._network.get(self._wanted.address)
        if unused is not None and self._wanted.public_ip != CREATE and self._is_mine(unused):
            delete = self._session.network.public_ip_addresses.begin_delete
            what = f"Deleting the public IP address {self._wanted.address.name}"
            request.begin(self._session, what, delete, self._wanted.address.group, self._wanted.address.name)
            self._network.drop(self._wanted.address)

    def look_again(self) -> None:
        for identity in (self._wanted.nic, self._wanted.address):
            seen = network_look.read(self._session, str(identity))
            if seen is None:
                self._network.drop(identity)
            else:
                self._network.put(seen)

    def _address(self) -> None:
        wanted = self._wanted
        if wanted.public_ip == CREATE and self._mine(wanted.address) is None:
            self.costs.append(f"public IP address {wanted.address.name}: billed by the hour")
            location = self._network.location(wanted)
            self._write(wanted.address, network_bodies.address(location, wanted.owner, dict(wanted.tags)))

    def _nic(self) -> Json:
        wanted = self._wanted
        there = self._network.subnet(wanted)
        subnet = there["id"] if there else str(t.cast(ResourceId, wanted.vnet).child("subnets", wanted.subnet))
        return network_bodies.nic(
            self._network.location(wanted),
            wanted.owner,
            subnet,
            network_drift.address_id(wanted),
            wanted.public_ip == CREATE,
            str(wanted.security_group) if wanted.security_group else None,
            wanted.accelerated,
            wanted.private_ip,
            dict(wanted.tags),
        )

    def _write(self, identity: ResourceId, body: Json, etag: str | None = None) -> None:
        if etag is None:
            self.created.append(str(identity))
        if self._check:
            return
        what = f"{'Making' if etag is None else 'Changing'} the {_KINDS[identity.path[-1][0]]} {identity.name}"
        client = self._session.network
        parts = client.network_interfaces if identity == self._wanted.nic else client.public_ip_addresses
        writing = parts.begin_create_or_update
        self._network.put(
            request.begin(self._session, what, writing, identity.group, identity.name, body, headers=unless(etag))
        )

    def _delete_nic(self) -> None:
        """In another network it has to be another one; it belongs to no VM, since that would have been replaced."""
        if not self._check:
            delete = self._session.network.network_interfaces.begin_delete
            what = f"Deleting the network interface {self._wanted.nic.name}"
            request.begin(self._session, what, delete, self._wanted.nic.group, self._wanted.nic.name)
            self._network.drop(self._wanted.nic)

    def _mine(self, identity: ResourceId) -> Json | None:
        seen = self._network.get(identity)
        if seen is not None and not self._is_mine(seen):
            raise AzureError(
                "name_exists",
                f"There is a {_KINDS[identity.path[-1][0]]} {identity.name} that was not made for the VM "
                f"{self._wanted.vm}: delete it, or give the VM another name or other network options.",
            )
        return seen

    def _is_mine(self, seen: Json) -> bool:
        return stamp.read(seen).owner.lower() == self._wanted.owner


_KINDS = {"networkInterfaces": "network interface", "publicIPAddresses": "public IP address"}


def _fields(changes: t.Sequence[Change]) -> set[str]:
    return {each.field for each in changes}
