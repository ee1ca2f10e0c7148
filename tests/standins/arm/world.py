# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in holds: resources by id, what nobody can read of them, long operations, and the log."""

from __future__ import annotations

import copy
import itertools
import threading
import typing as t
import uuid

from ansible_collections.flatops.flatcar.tests.standins.arm import ids
from ansible_collections.flatops.flatcar.tests.standins.arm.control import Control
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
TENANT = "22222222-2222-2222-2222-222222222222"
CLIENT_ID = "33333333-3333-3333-3333-333333333333"
OBJECT_ID = "44444444-4444-4444-4444-444444444444"
SECRET = "not-the-real-one"
#: Locations, and how they are called where people read them.
DISPLAY = {"westeurope": "West Europe", "northeurope": "North Europe", "eastus": "East US"}
LOCATIONS = tuple(DISPLAY)


class World:
    """Everything that a reset forgets, but for the first settings. Whoever reads or changes it holds the lock."""

    def __init__(self, settings: Json) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        self.control = Control()
        self.control.change(copy.deepcopy(self.settings))
        #: Resources and groups as they are told, by id in small letters.
        self.resources: dict[str, Json] = {}
        #: What is known of a resource and told to nobody, or only to who asks for it: user data, power state.
        self.hidden: dict[str, Json] = {}
        self.operations: dict[str, t.Any] = {}
        #: Publisher, offer and plan of terms that are accepted.
        self.accepted: set[tuple[str, str, str]] = set()
        #: Access tokens and when they end, by the monotonic clock.
        self.tokens: dict[str, float] = {}
        #: Providers that are registered, and looks at those that are about to be.
        self.registering: dict[str, int] = {}
        self.log: list[Json] = []
        self.numbers = itertools.count(1)

    def find(self, identity: str) -> Json | None:
        return self.resources.get(identity.rstrip("/").lower())

    def get(self, identity: str) -> Json:
        """The resource of an id. ArmError (ResourceNotFound, ResourceGroupNotFound) when it is not there."""
        found = self.find(identity)
        if found is None:
            raise self.missing(identity)
        return found

    def group(self, subscription: str, name: str) -> Json:
        """A resource group. ArmError (ResourceGroupNotFound) when it is not there."""
        found = self.find(ids.group_id(subscription, name))
        if found is None:
            raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
        return found

    def missing(self, identity: str) -> ArmError:
        path = ids.parse(identity)
        if path is None:
            return ArmError(404, "NotFound", f"{identity} could not be found.")
        self.group(path.subscription, path.group)
        return ArmError(
            404,
            "ResourceNotFound",
            f"The Resource '{path.type}/{'/'.join(path.names)}' under resource group '{path.group}' was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )

    def put(self, resource: Json) -> None:
        self.resources[resource["id"].lower()] = resource

    def drop(self, identity: str) -> None:
        """Takes away a resource and those within it."""
        key = identity.lower()
        for each in [name for name in self.resources if name == key or name.startswith(f"{key}/")]:
            del self.resources[each]
            self.hidden.pop(each, None)

    def within(self, prefix: str, kind: str) -> list[Json]:
        """Resources of a type whose ids start with a prefix, by name."""
        key = f"{prefix.rstrip('/').lower()}/"
        found = (
            each
            for identity, each in self.resources.items()
            if identity.startswith(key) and each.get("type", "").lower() == kind.lower()
        )
        return sorted(found, key=lambda each: str(each["name"]).lower())

    def secret(self, identity: str) -> Json:
        """What is known of a resource besides, to read and to change."""
        return self.hidden.setdefault(identity.lower(), {})

    def told(self, resource: Json, **users: t.Any) -> Json:
        """A copy that may be changed. users are properties that say who uses it; those that a client sent are not kept.

        Azure takes no notice of properties that only it may set.
        """
        told = copy.deepcopy(resource)
        for name, value in users.items():
            told["properties"].pop(name, None)
            if value:
                told["properties"][name] = value
        return told


def unique() -> str:
    return str(uuid.uuid4())
