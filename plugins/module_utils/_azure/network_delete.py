# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Deletes of networks what this collection has made and nobody uses any more."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_look,
    network_plan,
    patience,
    request,
    resource_id,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Json, Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_shared import pause
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt

#: Azure keeps an interface for the VM whose creation has failed with it: 180 seconds.
_RESERVED = ("NicReservedForAnotherVm",)
#: What in a subnet says that somebody uses it.
_USES = ("ipConfigurations", "privateEndpoints", "serviceAssociationLinks", "resourceNavigationLinks")


def delete_own(session: Session, group: str, vm: str, interrupt: Interrupt | None = None) -> list[str]:
    """Deletes the interface and the address that were made for a VM and that nothing uses now; the ids of them."""
    wanted = Wanted(session.subscription_id, vm, group)
    deleted: list[str] = []
    with patience.lasting(f"Deleting the network interface of {vm}", session.timeout, interrupt):
        for identity, use, parts in (
            (wanted.nic, "virtualMachine", session.network.network_interfaces),
            (wanted.address, "ipConfiguration", session.network.public_ip_addresses),
        ):
            found = network_look.read(session, str(identity))
            if found is None or found["properties"].get(use) or stamp.read(found).owner.lower() != wanted.owner:
                continue
            if _delete(session, found, parts.begin_delete):
                deleted.append(found["id"])
    return deleted


def unused(wanted: t.Sequence[Wanted], network: Network, gone: t.Sequence[str] = ()) -> list[Json]:
    """The shared parts of these VMs' networks that are ours and that nobody uses, in the order of deletion.

    What is only used by another of them is among them. gone are ids of users that will not be there then.
    """
    found: list[Json] = []
    for identity in _each(str(each.security_group) for each in wanted if each.has_rules):
        group = network.get(identity)
        if group and network_plan.is_ours(group) and not _uses(group, gone, "networkInterfaces", "subnets"):
            found.append(group)
    for identity in _each(str(each.vnet) for each in wanted if each.create and each.vnet):
        vnet = network.get(identity)
        if vnet is None or network_plan.is_ours(vnet):
            found += _network(network, resource_id.parse(identity), vnet, gone)
    return found


def delete_shared(
    session: Session,
    wanted: t.Sequence[Wanted],
    check: bool = False,
    interrupt: Interrupt | None = None,
    gone: t.Sequence[str] = (),
) -> list[str]:
    """Deletes the shared parts of networks, and the resource groups, that are ours and that nobody uses; their ids.

    With check it only says what it would do once the things with the ids gone are no longer there.

    What another process begins to use meanwhile stays: Azure does not delete what is in use, and of a resource group
    that something is in nothing is deleted.
    """
    network = network_look.look(session, wanted)
    deleted: list[str] = []
    with patience.lasting("Deleting the network", session.timeout, interrupt):
        for thing in unused(wanted, network, gone):
            if check or _delete(session, thing, _deleting(session, thing)):
                deleted.append(thing["id"])
        for name in _each(name for each in wanted if each.create_group for name in each.groups):
            group = network.group(name)
            if not group or not network_plan.is_ours(group):
                continue
            if not _is_empty(session, name, [*deleted, *gone] if check else ()):
                continue
            if check or _delete(session, group, session.resources.resource_groups.begin_delete):
                deleted.append(group["id"])
    return deleted


def _network(
    network: Network, identity: resource_id.ResourceId, vnet: Json | None, gone: t.Sequence[str]
) -> list[Json]:
    """A network without users, its NAT gateway and the gateway's address."""
    subnets = network.subnets(identity)
    if any(_uses(each, gone, *_USES) for each in subnets):
        return []
    gateway = network.get(network_plan.gateway_id(identity))
    address = network.get(network_plan.gateway_address_id(identity))
    mine = {resource_id.key(each["id"]) for each in subnets}
    held = {resource_id.key(each["id"]) for each in ((gateway or {}).get("properties") or {}).get("subnets") or ()}
    rest = [] if held - mine else [gateway, address]
    return [each for each in (vnet, *rest) if each is not None and network_plan.is_ours(each)]


def _uses(thing: Json, gone: t.Sequence[str], *names: str) -> bool:
    users = [user for name in names for user in (thing.get("properties") or {}).get(name) or ()]
    return any(not _is_of(user.get("id"), gone) for user in users)


def _is_of(identity: str | None, gone: t.Sequence[str]) -> bool:
    """Whether an id is that of something gone, or of a part of it."""
    key = f"{resource_id.key(identity)}/"
    return any(key.startswith(f"{resource_id.key(each)}/") for each in gone)


def _is_empty(session: Session, group: str, deleted: t.Sequence[str]) -> bool:
    what = f"Listing what is in the resource group {group}"
    found = request.listed(session, what, session.resources.resources.list_by_resource_group, group, missing_ok=True)
    gone = {resource_id.key(each) for each in deleted}
    return not [each for each in found if resource_id.key(each["id"]) not in gone]


def _deleting(session: Session, thing: Json) -> t.Callable[..., t.Any]:
    client = session.network
    return t.cast(
        "t.Callable[..., t.Any]",
        {
            "networksecuritygroups": client.network_security_groups,
            "virtualnetworks": client.virtual_networks,
            "natgateways": client.nat_gateways,
            "publicipaddresses": client.public_ip_addresses,
        }[resource_id.parse(thing["id"]).path[-1][0].lower()].begin_delete,
    )


def _delete(session: Session, thing: Json, deleting: t.Callable[..., t.Any]) -> bool:
    """Whether it could be deleted: what is in use stays."""
    identity = resource_id.parse(thing["id"])
    for turn in itertools.count(1):
        try:
            request.begin(session, f"Deleting {identity.name}", deleting, identity.group, *identity.names)
            return True
        except AzureError as error:
            if request.is_missing(error):
                return True
            is_reserved = error.about.get("azure_code") in _RESERVED
            if error.code == "in_use" and not is_reserved:
                return False
            if error.code != "conflict" and not is_reserved:
                raise
        pause(session, turn)
    return False


def _each(names: t.Iterable[str]) -> list[str]:
    """Each once, whatever its spelling."""
    return list({name.lower(): name for name in names}.values())
