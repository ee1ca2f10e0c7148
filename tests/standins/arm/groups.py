# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subscription, its resource groups, and the providers that it is registered for."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import ids, operations
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import DISPLAY, LOCATIONS, SUBSCRIPTION, TENANT, World

PROVIDERS = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage", "Microsoft.MarketplaceOrdering")
TYPE = "Microsoft.Resources/resourceGroups"
_TYPES = {
    "microsoft.compute": ("virtualMachines", "images", "galleries", "disks", "availabilitySets"),
    "microsoft.network": ("virtualNetworks", "networkInterfaces", "publicIPAddresses", "natGateways"),
    "microsoft.storage": ("storageAccounts",),
}


def _subscription(world: World, request: Request, subscription: str) -> Answer:
    body = {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": "stand-in",
        "state": "Enabled",
    }
    return Answer(200, body)


def _subscriptions(world: World, request: Request) -> Answer:
    return Answer(200, {"value": [_subscription(world, request, SUBSCRIPTION).body]})


def _locations(world: World, request: Request, subscription: str) -> Answer:
    value = [
        {"id": f"/subscriptions/{subscription}/locations/{name}", "name": name, "displayName": display}
        for name, display in DISPLAY.items()
    ]
    return Answer(200, {"value": value})


def _list(world: World, request: Request, subscription: str) -> Answer:
    return Answer(200, {"value": world.within(f"/subscriptions/{subscription}", TYPE)})


def _group(world: World, request: Request, subscription: str, name: str) -> Answer:
    if request.method == "PUT":
        return _put(world, request, subscription, name)
    found = world.group(subscription, name)
    if request.method == "DELETE":
        return _delete(world, request, found)
    if request.method == "PATCH":
        found["tags"] = request.body.get("tags", found.get("tags", {}))
    return Answer(204 if request.method == "HEAD" else 200, world.told(found))


def _resources(world: World, request: Request, subscription: str, name: str) -> Answer:
    """Everything in a group that is not within another resource."""
    group = world.group(subscription, name)
    rows = []
    for key, each in world.resources.items():
        path = ids.parse(key)
        if path and path.parent is None and key.startswith(f"{group['id'].lower()}/"):
            rows.append({part: each[part] for part in ("id", "name", "type", "location", "tags") if part in each})
    return Answer(200, {"value": rows})


def _put(world: World, request: Request, subscription: str, name: str) -> Answer:
    identity = ids.group_id(subscription, name)
    location = (request.body or {}).get("location")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if location not in LOCATIONS:
        raise ArmError(
            400,
            "LocationNotAvailableForResourceGroup",
            f"The provided location '{location}' is not available for resource group. "
            f"List of available regions is '{','.join(LOCATIONS)}'.",
        )
    old = world.find(identity)
    if old and old["location"] != location:
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{old['location']}'.",
        )
    if old and old["properties"]["provisioningState"] == "Deleting":
        raise ArmError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{name}' is in deprovisioning state and cannot perform this operation.",
        )
    new: Json = {
        "id": identity if old is None else old["id"],
        "name": name,
        "type": TYPE,
        "location": location,
        "properties": {"provisioningState": "Succeeded"},
    }
    if request.body.get("tags") is not None:
        new["tags"] = request.body["tags"]
    world.put(new)
    return Answer(200 if old else 201, world.told(new))


def _delete(world: World, request: Request, group: Json) -> Answer:
    group["properties"]["provisioningState"] = "Deleting"
    headers = operations.start(
        world,
        request,
        "",
        lambda: world.drop(group["id"]),
        headers=(operations.RESULT,),
    )
    return Answer(202, None, headers)


def _provider(world: World, request: Request, subscription: str, namespace: str, verb: str = "") -> Answer:
    """Tells a provider, and registers for it: it is so after some looks."""
    unregistered = {each.lower() for each in world.control.unregistered}
    key = namespace.lower()
    if verb:
        world.registering[key] = world.control.registering
    elif key in world.registering:
        world.registering[key] -= 1
        if world.registering[key] < 0:
            del world.registering[key]
            world.control.unregistered = [each for each in world.control.unregistered if each.lower() != key]
            unregistered.discard(key)
    state = "Registering" if key in world.registering else "NotRegistered" if key in unregistered else "Registered"
    body = {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": state,
        "resourceTypes": [
            {
                "resourceType": each,
                "locations": list(DISPLAY.values()),
                "apiVersions": ["2026-04-01"],
                "capabilities": "SupportsTags, SupportsLocation",
            }
            for each in _TYPES.get(namespace.lower(), ())
        ],
    }
    return Answer(200, body)


def check_registered(world: World, namespace: str) -> None:
    """ArmError (MissingSubscriptionRegistration) where a write goes to a provider that does not know of us."""
    if namespace.lower() in {each.lower() for each in world.control.unregistered}:
        message = (
            f"The subscription is not registered to use namespace '{namespace}'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions."
        )
        detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
        raise ArmError(409, "MissingSubscriptionRegistration", message, details=[detail])


ROUTES = (
    (r"/subscriptions", _subscriptions),
    (r"/subscriptions/([^/]+)", _subscription),
    (r"/subscriptions/([^/]+)/locations", _locations),
    (r"/subscriptions/([^/]+)/resourcegroups", _list),
    (r"/subscriptions/([^/]+)/resourcegroups/([^/]+)", _group),
    (r"/subscriptions/([^/]+)/resourcegroups/([^/]+)/resources", _resources),
    (r"/subscriptions/([^/]+)/providers/([^/]+)(?:/(register))?", _provider),
)
