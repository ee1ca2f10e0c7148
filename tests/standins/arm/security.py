# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network security groups."""

from __future__ import annotations

import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

TYPE = "Microsoft.Network/networkSecurityGroups"
_DEFAULTS = (
    ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
)
_NEEDED = ("access", "direction", "priority", "protocol")


def _group(put: Put) -> None:
    rules = put.properties.setdefault("securityRules", [])
    seen: set[tuple[str, int]] = set()
    for rule in rules:
        _check(rule, seen)
        rule["id"] = f"{put.new['id']}/securityRules/{rule['name']}"
        rule["type"] = f"{TYPE}/securityRules"
        rule["etag"] = f'W/"{uuid.uuid4()}"'
        rule["properties"]["provisioningState"] = "Succeeded"
        for name in (
            "sourceAddressPrefixes",
            "destinationAddressPrefixes",
            "sourcePortRanges",
            "destinationPortRanges",
        ):
            rule["properties"].setdefault(name, [])
    put.properties.setdefault("resourceGuid", str(uuid.uuid4()))
    put.properties["defaultSecurityRules"] = [_default(put.new["id"], *each) for each in _DEFAULTS]


def _check(rule: Json, seen: set[tuple[str, int]]) -> None:
    given = rule.get("properties") or {}
    lacking = [name for name in _NEEDED if given.get(name) is None]
    for one, many in (
        ("sourceAddressPrefix", "sourceAddressPrefixes"),
        ("destinationAddressPrefix", "destinationAddressPrefixes"),
        ("sourcePortRange", "sourcePortRanges"),
        ("destinationPortRange", "destinationPortRanges"),
    ):
        if not given.get(one) and not given.get(many):
            lacking.append(one)
    if lacking:
        raise ArmError(
            400,
            "SecurityRuleParameterIsRequired" if len(lacking) == 1 else "InvalidRequestFormat",
            f"Security rule {rule.get('name')} has no value for {', '.join(lacking)}.",
        )
    if not 100 <= given["priority"] <= 4096:
        raise ArmError(
            400,
            "SecurityRuleInvalidPriority",
            f"Security rule {rule['name']} has invalid Priority. Value provided: {given['priority']} Allowed range "
            "100-4096.",
        )
    place = (given["direction"], given["priority"])
    if place in seen:
        raise ArmError(
            400,
            "SecurityRuleConflict",
            f"Security rule {rule['name']} conflicts with another rule. Rules cannot have the same Priority and "
            "Direction.",
        )
    seen.add(place)


def _default(group: str, name: str, priority: int, direction: str, access: str, source: str, destination: str) -> Json:
    return {
        "id": f"{group}/defaultSecurityRules/{name}",
        "name": name,
        "type": f"{TYPE}/defaultSecurityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": access,
            "priority": priority,
            "direction": direction,
        },
    }


def _users(world: World, group: Json, kind: str) -> list[Json]:
    return [
        {"id": each["id"]}
        for each in world.within("", kind)
        if ((each["properties"].get("networkSecurityGroup") or {}).get("id") or "").lower() == group["id"].lower()
    ]


def _tell(world: World, request: Request, group: Json) -> Json:
    return world.told(
        group,
        networkInterfaces=_users(world, group, "Microsoft.Network/networkInterfaces"),
        subnets=_users(world, group, "Microsoft.Network/virtualNetworks/subnets"),
    )


def _free(world: World, group: Json) -> None:
    for kind in ("Microsoft.Network/networkInterfaces", "Microsoft.Network/virtualNetworks/subnets"):
        if users := _users(world, group, kind):
            raise ArmError(
                400,
                "InUseNetworkSecurityGroupCannotBeDeleted",
                f"Network security group {group['id']} cannot be deleted because it is in use by the following "
                f"resources: {users[0]['id']}. In order to delete the Network security group, remove the association "
                "with the resource(s). To learn how to do this, see aka.ms/deletensg.",
            )


GROUP = Kind(TYPE, prepare=_group, tell=_tell, may_go=_free, merges=False, etag="word")
