# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What of the shared parts of networks is missing or has to change: decided before anything is written."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_bodies,
    resource_id,
    security_rules,
    stamp,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Json, Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NAT_GATEWAY
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import (
    ADDRESS,
    GATEWAY,
    Wanted,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId

#: Kinds of steps, in the order in which they are taken.
GROUP, SECURITY_GROUP, GATEWAY_ADDRESS, NAT, VNET, SUBNET = (
    "resource group",
    "security group",
    "public IP address",
    "NAT gateway",
    "virtual network",
    "subnet",
)


class Step(t.NamedTuple):
    """A part to write; etag is that of what is changed, None where it is made."""

    kind: str
    id: ResourceId
    body: Json
    etag: str | None = None

    @property
    def makes(self) -> bool:
        return self.etag is None


def steps(wanted: t.Sequence[Wanted], network: Network) -> list[Step]:
    """AzureError where the options contradict each other, or what is there."""
    making = [each for each in wanted if not each.nics]
    return [*_groups(wanted, network), *_security_groups(making, network), *_networks(making, network)]


def is_ours(thing: Json) -> bool:
    """Whether it is a part of a network that this collection has made for all its VMs."""
    return stamp.read(thing).owner == stamp.SHARED


def gateway_id(vnet: ResourceId) -> ResourceId:
    return resource_id.make(vnet.subscription, vnet.group, GATEWAY, f"{vnet.name}-nat")


def gateway_address_id(vnet: ResourceId) -> ResourceId:
    return resource_id.make(vnet.subscription, vnet.group, ADDRESS, f"{vnet.name}-nat-ip")


def _groups(wanted: t.Sequence[Wanted], network: Network) -> list[Step]:
    found: dict[str, Step] = {}
    for each in wanted:
        for name in each.groups:
            identity = ResourceId(each.subscription, name)
            there = network.group(name)
            if there is None and each.create_group:
                body = network_bodies.group(network.location(each), _common_tags(wanted))
                found.setdefault(name.lower(), Step(GROUP, identity, body))
            elif there is not None and (there.get("properties") or {}).get("provisioningState") == "Deleting":
                raise AzureError("conflict", f"The resource group {name} is being deleted: run it again afterwards.")
    return list(found.values())


def _security_groups(wanted: t.Sequence[Wanted], network: Network) -> list[Step]:
    found: list[Step] = []
    for identity, users in _by(wanted, lambda each: each.security_group if each.has_rules else None).items():
        rules = _agreed(
            {each.vm: security_rules.rules(each.sources, each.ports) for each in users},
            f"the security group {identity.name}",
            "give each kind of VM its own in security_group_name",
        )
        there = network.get(identity)
        if there is None:
            location = network.location(users[0])
            found.append(
                Step(SECURITY_GROUP, identity, network_bodies.security_group(location, rules, _common_tags(users)))
            )
            continue
        _check_ours(there, "security group", "leave out ssh_sources and open_ports to use it as it is")
        changed = security_rules.with_rules(there["properties"].get("securityRules") or (), rules)
        if changed is not None or _has_failed(there):
            body = written(there)
            body["properties"]["securityRules"] = changed or there["properties"].get("securityRules")
            found.append(Step(SECURITY_GROUP, identity, body, there["etag"]))
    return found


def _networks(wanted: t.Sequence[Wanted], network: Network) -> list[Step]:
    found: list[Step] = []
    for vnet, users in _by(wanted, lambda each: each.vnet if each.create else None).items():
        there = network.get(vnet)
        if there is not None:
            _check_ours(there, "virtual network", "leave out create_network to use it as it is")
        subnets = {
            names[0].subnet: _agreed(
                {each.vm: (each.ranges()[1], each.outbound) for each in names},
                f"the subnet {vnet.name}/{names[0].subnet}",
                "say the same for all of them",
            )
            for names in _by(users, lambda each: each.subnet.lower()).values()
        }
        prefixes = _agreed({each.vm: each.ranges()[0] for each in users}, f"the network {vnet.name}", "say the same")
        location, tags = network.location(users[0]), _common_tags(users)
        if any(outbound == NAT_GATEWAY for dummy, outbound in subnets.values()):
            found += _gateway(vnet, network, location, tags)
        bodies = {
            name: network_bodies.subnet(prefix, str(gateway_id(vnet)) if outbound == NAT_GATEWAY else None)
            for name, (prefix, outbound) in subnets.items()
        }
        if there is None:
            found.append(Step(VNET, vnet, network_bodies.vnet(location, prefixes, bodies, tags)))
            continue
        _check_prefixes(users, there)
        if _has_failed(there):
            found.append(Step(VNET, vnet, written(there), there["etag"]))
        for each in (names[0] for names in _by(users, lambda each: each.subnet.lower()).values()):
            found += _subnet(each, network.subnet(each), bodies[each.subnet], vnet)
    return found


def _gateway(vnet: ResourceId, network: Network, location: str, tags: t.Mapping[str, str]) -> list[Step]:
    """The NAT gateway of a network, and its address, as far as they are not there."""
    found = []
    address, gateway = gateway_address_id(vnet), gateway_id(vnet)
    for kind, identity, body in (
        (GATEWAY_ADDRESS, address, network_bodies.address(location, stamp.SHARED, tags)),
        (NAT, gateway, network_bodies.gateway(location, str(address), tags)),
    ):
        there = network.get(identity)
        if there is None:
            found.append(Step(kind, identity, body))
        else:
            _check_ours(there, kind, "delete it, or take another virtual_network_name")
            if _has_failed(there):
                found.append(Step(kind, identity, written(there), there["etag"]))
    return found


def _subnet(wanted: Wanted, there: Json | None, body: Json, vnet: ResourceId) -> list[Step]:
    identity = vnet.child("subnets", wanted.subnet)
    if there is None:
        return [Step(SUBNET, identity, body)]
    properties = there["properties"]
    seen = properties.get("addressPrefixes") or [properties.get("addressPrefix")]
    if wanted.subnet_prefix and wanted.subnet_prefix not in seen:
        raise AzureError(
            "immutable_changed",
            f"The subnet {vnet.name}/{wanted.subnet} has the range {', '.join(seen)}, and subnet_prefix is "
            f"{wanted.subnet_prefix}: take another subnet_name, or the range that it has.",
        )
    gateway = properties.get("natGateway")
    if gateway and wanted.outbound != NAT_GATEWAY:
        raise AzureError(
            "immutable_changed",
            f"The subnet {vnet.name}/{wanted.subnet} has the NAT gateway {gateway['id'].rpartition('/')[2]}, on which "
            f"VMs may depend, and outbound is {wanted.outbound}: take it from the subnet by hand, or say nat_gateway.",
        )
    if wanted.outbound == NAT_GATEWAY and not gateway:
        changed = written(there)
        changed["properties"]["natGateway"] = body["properties"]["natGateway"]
        return [Step(SUBNET, identity, changed, there["etag"])]
    return [Step(SUBNET, identity, written(there), there["etag"])] if _has_failed(there) else []


def _check_prefixes(users: t.Sequence[Wanted], there: Json) -> None:
    seen = there["properties"]["addressSpace"]["addressPrefixes"]
    missing = [prefix for prefix in dict.fromkeys(users[0].address_prefixes) if prefix not in seen]
    if missing:
        raise AzureError(
            "immutable_changed",
            f"The virtual network {there['name']} has the ranges {', '.join(seen)}, and not {', '.join(missing)} of "
            "address_prefixes: take another virtual_network_name, or the ranges that it has.",
        )


def _check_ours(there: Json, kind: str, otherwise: str) -> None:
    if not is_ours(there):
        raise AzureError(
            "not_ours",
            f"There is a {kind} {there['name']} that this collection has not made: take another name, or {otherwise}.",
        )


def _has_failed(thing: Json) -> bool:
    return (thing.get("properties") or {}).get("provisioningState") == "Failed"


def written(thing: Json) -> Json:
    """A part that was read, to be written again."""
    body = {name: value for name, value in thing.items() if name not in ("id", "name", "type", "etag")}
    return {**body, "properties": dict(body["properties"])}


def _by(wanted: t.Iterable[Wanted], key: t.Callable[[Wanted], t.Any]) -> dict[t.Any, list[Wanted]]:
    """Grouped by a part; ids are told apart as Azure does, spelt as the first one."""
    found: dict[str, tuple[t.Any, list[Wanted]]] = {}
    for each in wanted:
        part = key(each)
        if part is not None:
            found.setdefault(str(part).lower(), (part, []))[1].append(each)
    return dict(found.values())


def _agreed(said: t.Mapping[str, t.Any], what: str, otherwise: str) -> t.Any:
    """What all VMs say of a part that they share."""
    names = list(said)
    for name in names[1:]:
        if said[name] != said[names[0]]:
            raise AzureError("bad_option", f"{names[0]} and {name} describe {what} differently: {otherwise}.")
    return said[names[0]]


def _common_tags(wanted: t.Sequence[Wanted]) -> dict[str, str]:
    """The tags of the user that all VMs of a part have."""
    return dict(sorted(set.intersection(*(set(each.tags) for each in wanted))))
