# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids of resources, whose case means nothing."""

from __future__ import annotations

import typing as t


class Path(t.NamedTuple):
    """The parts of a resource's id: types and names from the outermost to the innermost."""

    subscription: str
    group: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        return "/".join((self.namespace, *self.types))

    @property
    def id(self) -> str:
        pairs = "/".join(f"{kind}/{name}" for kind, name in zip(self.types, self.names))
        return f"{group_id(self.subscription, self.group)}/providers/{self.namespace}/{pairs}"

    @property
    def parent(self) -> Path | None:
        """That of the resource that this one is within; None for one of the outermost."""
        return self._replace(types=self.types[:-1], names=self.names[:-1]) if len(self.types) > 1 else None


def group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def parse(text: str) -> Path | None:
    """The parts of an id; None for what is not the id of a resource in a group."""
    parts = text.strip("/").split("/")
    if (
        len(parts) < 8
        or len(parts) % 2
        or [parts[0].lower(), parts[2].lower(), parts[4].lower()]
        != [
            "subscriptions",
            "resourcegroups",
            "providers",
        ]
    ):
        return None
    return Path(parts[1], parts[3], parts[5], tuple(parts[6::2]), tuple(parts[7::2]))


def loud(identity: str) -> str:
    """An id as compute sometimes tells it: with the name of the group in capitals."""
    path = parse(identity)
    return path._replace(group=path.group.upper()).id if path else identity


def same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()
