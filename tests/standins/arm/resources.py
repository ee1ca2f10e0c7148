# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading, writing and deleting resources of every type, by what its kind says of it."""

from __future__ import annotations

import copy
import typing as t
import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import (
    addresses,
    disks,
    galleries,
    groups,
    ids,
    networks,
    nics,
    operations,
    own_images,
    placement,
    security,
    storage,
    vms,
)
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import BUSY, Kind, Put
from ansible_collections.flatops.flatcar.tests.standins.arm.world import LOCATIONS, World

KINDS = {
    kind.type.lower(): kind
    for kind in (
        addresses.ADDRESS,
        addresses.GATEWAY,
        disks.DISK,
        disks.SNAPSHOT,
        galleries.DEFINITION,
        galleries.GALLERY,
        galleries.VERSION,
        networks.NETWORK,
        networks.SUBNET,
        nics.NIC,
        own_images.IMAGE,
        placement.GROUP,
        placement.SET,
        security.GROUP,
        storage.ACCOUNT,
        vms.VM,
    )
}
#: What a body may say beside its properties.
_OUTER = ("tags", "zones", "plan", "identity", "sku", "kind", "extendedLocation")


def kind_of(name: str) -> Kind:
    found = KINDS.get(name.lower())
    if found is None:
        namespace, dummy, rest = name.partition("/")
        raise ArmError(
            404, "InvalidResourceType", f"The resource type '{rest}' could not be found in the namespace '{namespace}'."
        )
    return found


def _resource(world: World, request: Request, subscription: str, group: str, rest: str) -> Answer:
    namespace, *parts = rest.split("/")
    path = ids.Path(subscription, group, namespace, tuple(parts[::2]), tuple(parts[1::2]))
    if request.method == "PUT":
        groups.check_registered(world, namespace)
    world.group(subscription, group)
    if len(path.types) > len(path.names):
        return _beyond(world, request, path)
    kind = kind_of(path.type)
    if request.method in ("PUT", "PATCH"):
        return _write(world, request, path, kind)
    found = world.find(path.id)
    if request.method == "DELETE":
        return _delete(world, request, kind, found) if found else Answer(204)
    return Answer(200, kind.tell(world, request, world.get(path.id)))


def _beyond(world: World, request: Request, path: ids.Path) -> Answer:
    """A list of a type, an action, or a part of a resource that is read by itself."""
    owner = path._replace(types=path.types[:-1])
    if not owner.types:
        return listed(world, request, ids.group_id(path.subscription, path.group), kind_of(path.type))
    of = kind_of(owner.type)
    found = world.find(owner.id)
    word = path.types[-1].lower()
    special = of.actions.get(word) if request.method == "POST" else of.parts.get(word)
    if special:
        return special(world, request, found or world.get(owner.id))
    world.get(owner.id)
    return listed(world, request, owner.id, kind_of(path.type))


def listed(world: World, request: Request, prefix: str, kind: Kind) -> Answer:
    return Answer(200, {"value": [kind.tell(world, request, each) for each in world.within(prefix, kind.type)]})


def _everywhere(world: World, request: Request, subscription: str, name: str) -> Answer:
    return listed(world, request, f"/subscriptions/{subscription}", kind_of(name))


def _write(world: World, request: Request, path: ids.Path, kind: Kind) -> Answer:
    old = world.find(path.id)
    sent = request.body if isinstance(request.body, dict) else {}
    if request.method == "PATCH" and old is None:
        raise world.missing(path.id)
    if path.parent and world.find(path.parent.id) is None:
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Can not perform requested operation on nested resource. Parent resource '{path.parent.names[-1]}' not "
            "found.",
        )
    _conditions(request, old)
    _not_busy(world, path, old)
    new = _patched(old, sent, kind) if request.method == "PATCH" and old else _new(path, kind, sent, old)
    put = Put(world, request, path, new, old, sent)
    if request.method == "PUT" or kind.merges:
        there = dict(world.resources)
        try:
            kind.prepare(put)
        except ArmError:
            world.resources = there
            raise
    if kind.etag == "number":
        number = int(old["etag"].strip('"')) if old else 0
        new["etag"] = f'"{number + 1}"'
    elif kind.etag == "word":
        new["etag"] = f'W/"{uuid.uuid4()}"'
    new["properties"]["provisioningState"] = "Updating" if old else "Creating"
    world.put(new)
    return _started(put, kind)


def _started(put: Put, kind: Kind) -> Answer:
    """Begins the long operation of a write, or ends it at once where the kind has none."""
    world, new = put.world, put.new

    def finish() -> None:
        new["properties"]["provisioningState"] = "Succeeded"
        try:
            kind.done(put)
        except ArmError:
            fail()
            raise

    def fail() -> None:
        new["properties"]["provisioningState"] = "Failed"

    if not kind.writes or (put.request.method == "PATCH" and kind.tags_at_once):
        finish()
        return Answer(200 if put.old else kind.made, kind.tell(world, put.request, new))
    headers = operations.start(
        world,
        put.request,
        f"{put.path.namespace}/locations/{new.get('location', LOCATIONS[0])}",
        finish,
        fail=fail,
        result=lambda: kind.tell(world, put.request, new),
        headers=kind.writes,
    )
    if operations.STATUS not in kind.writes:
        return Answer(202, None, headers)
    return Answer(200 if put.old else kind.made, kind.tell(world, put.request, new), headers)


def _new(path: ids.Path, kind: Kind, sent: Json, old: Json | None) -> Json:
    """What a PUT makes: nothing of what was there stays, but for its identity."""
    new: Json = {"id": old["id"] if old else path.id, "name": path.names[-1], "type": kind.type}
    if kind.located:
        new["location"] = _location(path, kind, sent, old)
    new |= {name: merged(None, sent[name]) for name in _OUTER if sent.get(name) is not None}
    new["properties"] = merged(None, sent.get("properties") or {})
    return new


def _location(path: ids.Path, kind: Kind, sent: Json, old: Json | None) -> str:
    location = str(sent.get("location") or "").lower().replace(" ", "")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if old and old["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{path.names[-1]}' already exists in location '{old['location']}' in resource group "
            f"'{path.group}'. A resource with the same name cannot be created in location '{location}'. Please select "
            "a new resource name.",
        )
    if location not in LOCATIONS:
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type '{kind.type}'. List of available "
            f"regions for the resource type is '{','.join(LOCATIONS)}'.",
        )
    return location


def _patched(old: Json, sent: Json, kind: Kind) -> Json:
    new = copy.deepcopy(old)
    if not kind.merges:
        return new | {"tags": dict(sent.get("tags") or {})}
    for name in _OUTER:
        if name in sent:
            new[name] = merged(old.get(name), sent[name]) if name == "identity" else copy.deepcopy(sent[name])
    new["properties"] = merged(old["properties"], sent.get("properties") or {})
    return new


def merged(old: t.Any, sent: t.Any) -> t.Any:
    """Mappings are merged, a null takes away, and all else is replaced."""
    if not isinstance(sent, dict):
        return copy.deepcopy(sent)
    before = old if isinstance(old, dict) else {}
    both = {name: merged(before.get(name), value) for name, value in sent.items() if value is not None}
    return {name: copy.deepcopy(value) for name, value in before.items() if name not in sent} | both


def _conditions(request: Request, old: Json | None) -> None:
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    tag = (old or {}).get("etag")
    if (wanted and wanted not in (tag, "*")) or (wanted and old is None) or (unwanted == "*" and old is not None):
        raise ArmError(
            412,
            "PreconditionFailed",
            f"Precondition failed. The specified etag {wanted or unwanted} does not match that of the resource.",
        )


def _not_busy(world: World, path: ids.Path, old: Json | None) -> None:
    """ArmError while another write to a part of the network goes on."""
    outer = world.find(path.parent.id) if path.parent else old
    inner = world.within(outer["id"], f"{outer['type']}/{path.types[-1]}") if outer and path.parent else []
    busy = [each for each in (outer, *inner) if each and each["properties"].get("provisioningState") in BUSY]
    if busy and path.namespace.lower() == "microsoft.network":
        raise ArmError(
            409,
            "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress. To retrieve status of the operation use "
            f"uri: {busy[0]['id']}.",
        )


def _delete(world: World, request: Request, kind: Kind, found: Json) -> Answer:
    kind.may_go(world, found)
    found["properties"]["provisioningState"] = "Deleting"

    def finish() -> None:
        world.drop(found["id"])
        kind.gone(world, found)

    def fail() -> None:
        found["properties"]["provisioningState"] = "Failed"

    if not kind.deletes:
        finish()
        return Answer(200)
    path = t.cast(ids.Path, ids.parse(found["id"]))
    place = f"{path.namespace}/locations/{found.get('location', LOCATIONS[0])}"
    return Answer(202, None, operations.start(world, request, place, finish, fail=fail, headers=kind.deletes))


ROUTES = (
    (r"/subscriptions/([^/]+)/resourcegroups/([^/]+)/providers/(Microsoft\.[^/]+/.+)", _resource),
    (r"/subscriptions/([^/]+)/providers/(Microsoft\.[^/]+/[^/]+)", _everywhere),
)
