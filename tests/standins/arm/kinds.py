# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a type of resource so that one piece of code can keep them all."""

from __future__ import annotations

import types
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm import ids, rights
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.ids import Path
from ansible_collections.flatops.flatcar.tests.standins.arm.operations import RESULT, STATUS
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World

#: States of what an operation is still at work on.
BUSY = ("Creating", "Updating", "Deleting")


class Put(t.NamedTuple):
    """One write. new is what is about to be kept and old what is there, as they are told; sent is the body."""

    world: World
    request: Request
    path: Path
    new: Json
    old: Json | None
    sent: Json

    @property
    def properties(self) -> Json:
        return t.cast(Json, self.new["properties"])


def _complete(put: Put) -> None:
    """Has nothing to add."""


def _told(world: World, request: Request, resource: Json) -> Json:
    return world.told(resource)


def _may_go(world: World, resource: Json) -> None:
    """Nothing is in the way."""


class Kind(t.NamedTuple):
    """A type of resource.

    prepare completes what is about to be kept, or refuses it; done follows when the long operation of a write has
    ended; tell makes what a reader gets; may_go refuses a deletion, and gone follows one. located: it has a location
    of its own. merges: PATCH changes what it names in properties too, not only the tags. etag: none, number or word.
    writes and deletes: the headers that say where the operation is followed; without any it is none. made: the status
    of a write that makes something. actions and parts: what answers a POST, or a GET, to a word below one of it.
    """

    type: str
    prepare: t.Callable[[Put], None] = _complete
    done: t.Callable[[Put], None] = _complete
    tell: t.Callable[[World, Request, Json], Json] = _told
    may_go: t.Callable[[World, Json], None] = _may_go
    gone: t.Callable[[World, Json], None] = _may_go
    located: bool = True
    merges: bool = True
    etag: str = "none"
    writes: tuple[str, ...] = (STATUS,)
    deletes: tuple[str, ...] = (STATUS, RESULT)
    made: int = 201
    actions: t.Mapping[str, t.Callable[[World, Request, Json], Answer]] = types.MappingProxyType({})
    parts: t.Mapping[str, t.Callable[[World, Request, Json], Answer]] = types.MappingProxyType({})

    @property
    def tags_at_once(self) -> bool:
        """Whether a PATCH is no long operation, as for all but compute's."""
        return not self.type.startswith("Microsoft.Compute/")


def reference(world: World, put: Put, identity: str) -> Json:
    """A resource that another names. ArmError (InvalidResourceReference) where it is not there, and (RetryableError)
    where something is still being done to it."""
    found = world.find(identity)
    if found is None:
        raise ArmError(
            400,
            "InvalidResourceReference",
            f"Resource {identity} referenced by resource {put.path.id} was not found. Please make sure that the "
            "referenced resource exists, and that both resources are in the same region.",
        )
    rights.check_join(world, put.path, found)
    path = ids.parse(found["id"])
    outer = world.find(path.parent.id) if path and path.parent else None
    for each in (found, outer):
        state = each["properties"].get("provisioningState") if each else None
        if state in BUSY and found["type"].startswith("Microsoft.Network/"):
            message = (
                f"Cannot proceed with operation because resource {identity} used by resource {put.path.id} is not in "
                f"Succeeded state. Resource is in {state} state."
            )
            detail = {"code": "ReferencedResourceNotProvisioned", "message": message}
            raise ArmError(429, "RetryableError", "A retryable error occurred.", details=[detail])
    return found


def fixed(target: str) -> ArmError:
    """What is said of a property that stays as it was made."""
    return ArmError(409, "PropertyChangeNotAllowed", f"Changing property '{target}' is not allowed.", target=target)


def check_empty(world: World, outer: Json, kind: str) -> None:
    """ArmError (CannotDeleteResource) while something is within a resource."""
    inner = world.within(outer["id"], kind)
    if inner:
        raise ArmError(
            409,
            "CannotDeleteResource",
            "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: "
            f"'{inner[0]['id']}'. Please delete all nested resources before deleting this resource.",
        )
