# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long operations: what is started, how it is followed, and how it ends."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World, unique

#: The operation's own address, and that of its result.
STATUS, RESULT = "Azure-AsyncOperation", "Location"


def stamp() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


@dataclasses.dataclass
class Operation:
    """One that runs until it was looked at often enough, or for long enough. finish does what it does, and fail what
    is left when it fails; result is what its Location answers with at the end."""

    finish: t.Callable[[], None]
    fail: t.Callable[[], None]
    result: t.Callable[[], t.Any]
    polls: int
    until: float
    error: Json | None
    started: str = dataclasses.field(default_factory=stamp)
    ended: str = ""

    @property
    def status(self) -> str:
        return "InProgress" if not self.ended else "Failed" if self.error else "Succeeded"

    def end(self) -> None:
        self.ended = stamp()
        if self.error is None:
            try:
                self.finish()
                return
            except ArmError as error:
                self.error = error.error
        self.fail()


def nothing() -> None:
    """Does nothing."""


def start(
    world: World,
    request: Request,
    place: str,
    finish: t.Callable[[], None] = nothing,
    *,
    fail: t.Callable[[], None] = nothing,
    result: t.Callable[[], t.Any] = nothing,
    headers: t.Collection[str] = (STATUS, RESULT),
) -> dict[str, str]:
    """Starts an operation at a provider and location (place: Microsoft.Compute/locations/westeurope), or without one at
    the subscription; the headers that say where it is followed."""
    control = world.control
    asked = control.failure(request, "operation")
    operation = Operation(
        finish, fail, result, control.lro_polls, time.monotonic() + control.lro_seconds, asked.error if asked else None
    )
    name = unique()
    world.operations[name] = operation
    subscription = request.path.split("/")[2]
    address = f"{request.base}/subscriptions/{subscription}" + (f"/providers/{place}" if place else "")
    version = f"api-version={request.query['api-version']}"
    addresses = {
        STATUS: f"{address}/operations/{name}?p={unique()}&{version}",
        # Compute has one address for both (its list of operations has no operationResults).
        RESULT: f"{address}/operations/{name}?p={unique()}&monitor=true&{version}"
        if place.startswith("Microsoft.Compute/")
        else f"{address}/operationResults/{name}?p={unique()}&{version}",
    }
    return {**{each: addresses[each] for each in headers}, "Retry-After": f"{control.lro_retry_after:g}"}


def settle(world: World) -> None:
    """Ends the operations whose time is over; done before each request."""
    now = time.monotonic()
    for operation in [each for each in world.operations.values() if not each.ended and each.until <= now]:
        operation.end()


def _looked(world: World, name: str) -> Operation:
    operation: Operation | None = world.operations.get(name)
    if operation is None:
        raise ArmError(404, "NotFound", f"The operation {name} could not be found.")
    if not operation.ended:
        operation.polls -= 1
        if operation.polls < 0:
            operation.end()
    return operation


def _status(world: World, request: Request, subscription: str, name: str) -> Answer:
    if request.query.get("monitor"):
        return _result(world, request, subscription, name)
    operation = _looked(world, name)
    body: Json = {"startTime": operation.started, "status": operation.status, "name": name}
    if not operation.ended:
        return Answer(200, body, {"Retry-After": f"{world.control.lro_retry_after:g}"})
    body["endTime"] = operation.ended
    if operation.error:
        body["error"] = operation.error
    return Answer(200, body)


def _result(world: World, request: Request, subscription: str, name: str) -> Answer:
    operation = _looked(world, name)
    if not operation.ended:
        query = "&".join(f"{key}={value}" for key, value in request.query.items())
        headers = {
            RESULT: f"{request.base}{request.path}?{query}",
            "Retry-After": f"{world.control.lro_retry_after:g}",
        }
        return Answer(202, None, headers)
    if operation.error:
        return Answer(409, {"error": operation.error})
    result = operation.result()
    return Answer(200 if result is not None else 204, result)


_PLACE = r"/subscriptions/([^/]+)(?:/providers/[^/]+(?:/locations/[^/]+)?)?"
ROUTES = ((rf"{_PLACE}/operations/([^/]+)", _status), (rf"{_PLACE}/operationResults/([^/]+)", _result))
