# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client may do: the actions of a role that requests need."""

from __future__ import annotations

import fnmatch
import re

from ansible_collections.flatops.flatcar.tests.standins.arm import ids
from ansible_collections.flatops.flatcar.tests.standins.arm.control import Control
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import CLIENT_ID, OBJECT_ID, World

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


def action_of(request: Request) -> str:
    """The action that a request needs, by the types in its path."""
    verb = _VERBS[request.method]
    path = re.sub(r"^/subscriptions/[^/]+", "", request.path, flags=re.IGNORECASE)
    if "/providers/" not in path.lower() or re.fullmatch(r"/providers/[^/]+", path):
        types = [name for name in path.split("/")[1::2] if name]
        return "/".join(("Microsoft.Resources/subscriptions", *types, verb))
    if path.lower().endswith("/checknameavailability"):
        verb = "read"
    namespace, *parts = re.split("/providers/", path, flags=re.IGNORECASE)[-1].split("/")
    return "/".join((namespace, *parts[::2], verb))


def may(control: Control, action: str) -> bool:
    def among(patterns: list[str]) -> bool:
        return any(fnmatch.fnmatch(action.lower(), pattern.lower()) for pattern in patterns)

    return not among(control.deny) and (not control.allow or among(control.allow))


def check(world: World, request: Request) -> None:
    """ArmError (AuthorizationFailed) for what the client may not do."""
    action = action_of(request)
    if not may(world.control, action):
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{CLIENT_ID}' with object id '{OBJECT_ID}' does not have authorization to perform action "
            f"'{action}' over scope '{request.path}' or the scope is invalid. If access was recently granted, please "
            "refresh your credentials.",
        )


def check_join(world: World, user: ids.Path, used: Json) -> None:
    """The same for a part of the network that another resource uses."""
    if used["type"].startswith("Microsoft.Network/"):
        check_link(world, user, used["id"], f"{used['type']}/join/action")


def check_link(world: World, user: ids.Path, used: str, action: str) -> None:
    """ArmError (LinkedAuthorizationFailed) where the client may not do with what a resource names, by its id, what that
    needs."""
    if not may(world.control, action):
        raise ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client '{CLIENT_ID}' with object id '{OBJECT_ID}' has permission to perform action "
            f"'{user.type}/write' on scope '{user.id}'; however, it does not have permission to perform action(s) "
            f"'{action}' on the linked scope(s) '{used}' (respectively) or the linked scope(s) are invalid.",
        )
