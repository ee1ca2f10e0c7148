# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What there is of the networks of VMs, found with few requests."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, resource_id, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import CREATE, NONE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

Json = dict[str, t.Any]


class Parts(t.NamedTuple):
    """What was made for one VM, None where it is not there."""

    nic: Json | None
    ip: Json | None


class Network:
    """The resource groups and the parts of networks in them. Threads may put what they have made.

    unseen are the groups of networks that the account may not look into: what is in them is used unchecked.
    """

    def __init__(
        self, groups: t.Mapping[str, Json | None], things: t.Iterable[Json], unseen: t.Iterable[str] = ()
    ) -> None:
        self.unseen = frozenset(name.lower() for name in unseen)
        self._groups = {name.lower(): group for name, group in groups.items()}
        self._things = {resource_id.key(thing["id"]): thing for thing in things}
        self._lock = threading.Lock()

    def group(self, name: str) -> Json | None:
        return self._groups.get(name.lower())

    def get(self, identity: object) -> Json | None:
        return self._things.get(resource_id.key(str(identity)))

    def put(self, thing: Json) -> None:
        with self._lock:
            if resource_id.parse(thing["id"]).path:
                self._things[resource_id.key(thing["id"])] = thing
            else:
                self._groups[thing["name"].lower()] = thing

    def drop(self, identity: object) -> None:
        with self._lock:
            self._things.pop(resource_id.key(str(identity)), None)

    def take(self, other: Network) -> None:
        """What another look has found takes the place of what was known of its resource groups."""
        with self._lock:
            kept = {
                key: thing
                for key, thing in self._things.items()
                if resource_id.parse(thing["id"]).group.lower() not in other._groups
            }
            self._groups.update(other._groups)
            self._things = {**kept, **other._things}

    def of(self, wanted: Wanted) -> Parts:
        return Parts(*(self._mine(wanted, identity) for identity in (wanted.nic, wanted.address)))

    def _mine(self, wanted: Wanted, identity: object) -> Json | None:
        thing = self.get(identity)
        return thing if thing and stamp.read(thing).owner.lower() == wanted.owner else None

    def location(self, wanted: Wanted) -> str:
        """Where the VM is to be; that of its resource group unless it says another."""
        group = self.group(wanted.group)
        found = wanted.location or (group["location"] if group else None)
        if not found:
            raise AzureError(
                "bad_option", f"The resource group {wanted.group} is to be made, and nothing says where: give location."
            )
        return str(found).replace(" ", "").lower()

    def subnets(self, vnet: object) -> list[Json]:
        found = self.get(vnet)
        return list((found or {}).get("properties", {}).get("subnets") or ())

    def subnet(self, wanted: Wanted) -> Json | None:
        """The subnet of a VM, if it is there."""
        if wanted.vnet is None:
            return None
        there = self.subnets(wanted.vnet)
        if not wanted.subnet:
            return there[0] if len(there) == 1 else None
        return next((each for each in there if each["name"].lower() == wanted.subnet.lower()), None)


def look(session: Session, wanted: t.Sequence[Wanted], listed: t.Sequence[Json] | None = None) -> Network:
    """What there is of these networks: lists of the resource groups, and single parts that lie elsewhere.

    listed has the interfaces and addresses of the VMs' own resource groups where they have just been read.
    """
    own = {each.group.lower(): each.group for each in wanted}
    of_networks = {each.vnet.group.lower(): each.vnet.group for each in wanted if each.vnet and _here(session, each)}
    making = {name.lower() for each in wanted if each.create or each.create_group for name in each.groups}
    groups = {name: _group(session, spelt) for name, spelt in own.items()}
    things = list(listed or ())
    for name in own:
        if groups[name] is not None:
            things += _of_machines(session, own[name], listed is not None)
    unseen = []
    for name, spelt in of_networks.items():
        try:
            if name not in groups:
                groups[name] = _group(session, spelt)
            if groups[name] is not None:
                things += _of_networks(session, spelt, name in making, name in own)
        except AzureError as error:
            if error.code != "no_permission" or name in making or name in own:
                raise
            unseen.append(name)
    found = Network(groups, things, unseen)
    for identity in _elsewhere(wanted, own):
        thing = read(session, identity)
        if thing is not None:
            found.put(thing)
    return found


def _of_machines(session: Session, group: str, rules_alone: bool) -> list[Json]:
    """The security groups of a resource group, and its interfaces and addresses."""
    client = session.network
    parts = [("security groups", client.network_security_groups)]
    if not rules_alone:
        parts += [
            ("network interfaces", client.network_interfaces),
            ("public IP addresses", client.public_ip_addresses),
        ]
    return _lists(session, group, parts)


def _of_networks(session: Session, group: str, making: bool, has_addresses: bool) -> list[Json]:
    """The virtual networks of a resource group, and where they are made also the gateways and their addresses."""
    client = session.network
    parts = [("networks", client.virtual_networks)]
    if making:
        parts.append(("NAT gateways", client.nat_gateways))
    if making and not has_addresses:
        parts.append(("public IP addresses", client.public_ip_addresses))
    return _lists(session, group, parts)


def _lists(session: Session, group: str, parts: t.Iterable[tuple[str, t.Any]]) -> list[Json]:
    return [
        thing
        for what, each in parts
        for thing in request.listed(session, f"Listing the {what} of {group}", each.list, group, missing_ok=True)
    ]


def read(session: Session, identity: str) -> Json | None:
    """An interface, an address or a security group of this subscription; None where it is not there."""
    parsed = resource_id.parse(identity)
    reading = {
        "networkinterfaces": session.network.network_interfaces.get,
        "publicipaddresses": session.network.public_ip_addresses.get,
        "networksecuritygroups": session.network.network_security_groups.get,
    }[parsed.path[-1][0].lower()]
    what = f"Reading {identity}"
    return t.cast("Json | None", request.get(session, what, reading, parsed.group, parsed.name, missing_ok=True))


def _here(session: Session, wanted: Wanted) -> bool:
    return wanted.vnet is not None and wanted.vnet.subscription.lower() == session.subscription_id.lower()


def _group(session: Session, name: str) -> Json | None:
    what = f"Reading the resource group {name}"
    return t.cast(
        "Json | None", request.get(session, what, session.resources.resource_groups.get, name, missing_ok=True)
    )


def _elsewhere(wanted: t.Sequence[Wanted], groups: t.Container[str]) -> list[str]:
    """Ids of what VMs use and what is in none of their own resource groups."""
    named: list[str] = []
    for each in wanted:
        named += each.nics
        named += [] if each.public_ip in (NONE, CREATE) else [each.public_ip]
        named += [str(each.security_group)] if each.security_group else []
    return [each for each in dict.fromkeys(named) if resource_id.parse(each).group.lower() not in groups]
