# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where each request goes, what is checked of all of them, and what is kept of them."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.tests.standins.arm import (
    community,
    control,
    groups,
    images,
    login,
    operations,
    resources,
    rights,
    sizes,
    storage,
    terms,
    vm_boot,
)
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request, Route
from ansible_collections.flatops.flatcar.tests.standins.arm.world import SUBSCRIPTION, World

#: The address below which a test speaks with the stand-in itself.
OWN = "/_standin"
Compiled = tuple[re.Pattern[str], t.Callable[..., Answer]]


class Plan(t.NamedTuple):
    """What befalls a request besides its answer: seconds that it waits; cut is `before`, `after` or nothing."""

    seconds: float
    cut: str


def _compiled(*tables: t.Sequence[Route]) -> list[Compiled]:
    return [(re.compile(pattern, re.IGNORECASE), function) for table in tables for pattern, function in table]


_OPEN = _compiled(login.ROUTES, vm_boot.ROUTES)
_ROUTES = _compiled(
    operations.ROUTES,
    images.ROUTES,
    community.ROUTES,
    sizes.ROUTES,
    terms.ROUTES,
    storage.ROUTES,
    groups.ROUTES,
    resources.ROUTES,
)


def plan(world: World, request: Request) -> Plan:
    if request.path.startswith(OWN):
        return Plan(0, "")
    slow = control.take(world.control.slow, request)
    cut = control.take(world.control.cut, request)
    seconds = world.control.delay + (slow["seconds"] if slow else 0)
    return Plan(seconds, cut.get("when", "before") if cut else "")


def answer(world: World, request: Request) -> Answer:
    """What a request is answered. ArmError for what is refused."""
    if request.path.startswith(OWN):
        return _own(world, request)
    operations.settle(world)
    for pattern, function in _OPEN:
        if found := pattern.fullmatch(request.path):
            return function(world, request, *_words(found))
    login.check(world, request)
    if "api-version" not in request.query:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    _check_faults(world, request)
    subscription = re.match(r"/subscriptions/([^/]+)", request.path, re.IGNORECASE)
    if subscription and subscription[1] != SUBSCRIPTION:
        raise ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription[1]}' could not be found.")
    for pattern, function in _ROUTES:
        if found := pattern.fullmatch(request.path):
            return _paged(world, request, function(world, request, *_words(found)))
    raise ArmError(404, "InvalidResourceType", f"The resource type could not be found for {request.path}.")


def _paged(world: World, request: Request, answer: Answer) -> Answer:
    """A page of a list, with the address of the next."""
    rows = answer.body.get("value") if isinstance(answer.body, dict) and request.method == "GET" else None
    if not world.control.page or not isinstance(rows, list):
        return answer
    start = int(request.query.get("$skiptoken", "0"))
    end = start + world.control.page
    body = {**answer.body, "value": rows[start:end]}
    if end < len(rows):
        query = urllib.parse.urlencode({**request.query, "$skiptoken": str(end)})
        body["nextLink"] = f"{request.base}{request.path}?{query}"
    return answer._replace(body=body)


def _words(found: re.Match[str]) -> list[str]:
    return [word for word in found.groups() if word is not None]


def _check_faults(world: World, request: Request) -> None:
    if refused := world.control.throttled() or world.control.failure(request, "answer"):
        raise refused
    rights.check(world, request)
    if request.method == "GET" and world.find(request.path) and control.take(world.control.late, request):
        raise world.missing(request.path)


def _own(world: World, request: Request) -> Answer:
    """The stand-in's own requests: control, log, resources and reset."""
    word = request.path.removeprefix(f"{OWN}/")
    if word == "control":
        return control.asked(world.control, request)
    if word == "log":
        return Answer(200, world.log)
    if word == "resources":
        return Answer(200, {each["id"]: each for each in world.resources.values()})
    if word == "reset":
        world.reset()
        return Answer(200, {})
    raise ArmError(404, "NotFound", f"{word} is none of control, log, resources, reset.")


def note(world: World, request: Request, answer: Answer) -> None:
    if not request.path.startswith(OWN):
        entry: Json = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "status": answer.status,
            "body": request.body,
            "answer": answer.body if not isinstance(answer.body, bytes) else None,
        }
        world.log.append(entry)
