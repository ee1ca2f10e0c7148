# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Availability sets and proximity placement groups."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

SET_TYPE = "Microsoft.Compute/availabilitySets"
GROUP_TYPE = "Microsoft.Compute/proximityPlacementGroups"


def _members(world: World, outer: Json, name: str) -> list[Json]:
    return [
        {"id": each["id"]}
        for each in world.within("", "Microsoft.Compute/virtualMachines")
        if ((each["properties"].get(name) or {}).get("id") or "").lower() == outer["id"].lower()
    ]


def _set(put: Put) -> None:
    put.new.setdefault("sku", {"name": "Classic"})
    put.properties.setdefault("platformUpdateDomainCount", 5)
    put.properties.setdefault("platformFaultDomainCount", 3)


def _tell_set(world: World, request: Request, outer: Json) -> Json:
    told = world.told(outer)
    told["properties"].pop("provisioningState", None)
    told["properties"]["virtualMachines"] = _members(world, outer, "availabilitySet")
    return told


def _set_free(world: World, outer: Json) -> None:
    if _members(world, outer, "availabilitySet"):
        raise ArmError(
            409,
            "OperationNotAllowed",
            f"Availability Set '{outer['name']}' cannot be deleted. Before deleting an Availability Set please ensure "
            "that it does not contain any VM.",
        )


def _group(put: Put) -> None:
    put.properties.setdefault("proximityPlacementGroupType", "Standard")


def _tell_group(world: World, request: Request, outer: Json) -> Json:
    told = world.told(outer)
    told["properties"].pop("provisioningState", None)
    told["properties"]["virtualMachines"] = _members(world, outer, "proximityPlacementGroup")
    return told


SET = Kind(SET_TYPE, prepare=_set, tell=_tell_set, may_go=_set_free, writes=(), deletes=(), made=200)
GROUP = Kind(GROUP_TYPE, prepare=_group, tell=_tell_group, writes=(), deletes=())
