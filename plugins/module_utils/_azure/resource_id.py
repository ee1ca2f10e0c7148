# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The ids of Azure's resources."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"(?:/providers/(?P<namespace>[^/]+)(?P<rest>(?:/[^/]+/[^/]+)+))?/?",
    re.IGNORECASE,
)


class ResourceId(t.NamedTuple):
    """path is ((type, name), ...) from the outermost resource in; () is the resource group itself."""

    subscription: str
    group: str
    namespace: str = ""
    path: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        if not self.path:
            return group
        return f"{group}/providers/{self.namespace}" + "".join(f"/{kind}/{name}" for kind, name in self.path)

    @property
    def name(self) -> str:
        return self.path[-1][1] if self.path else self.group

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for dummy, name in self.path)

    @property
    def type(self) -> str:
        """Such as Microsoft.Network/virtualNetworks/subnets."""
        if not self.path:
            return "Microsoft.Resources/resourceGroups"
        return "/".join((self.namespace, *(kind for kind, dummy in self.path)))

    @property
    def parent(self) -> ResourceId:
        path = self.path[:-1]
        return self._replace(path=path, namespace=self.namespace if path else "")

    def child(self, kind: str, name: str) -> ResourceId:
        return self._replace(path=(*self.path, (kind, name)))


def make(subscription: str, group: str, type: str, *names: str) -> ResourceId:
    """The id of a resource; type is such as Microsoft.Network/virtualNetworks/subnets, with a name for each part."""
    namespace, *kinds = type.split("/")
    return ResourceId(subscription, group, namespace, tuple(zip(kinds, names)))


def is_id(text: str) -> bool:
    return text.startswith("/")


def parse(text: str, option: str = "id", type: str | None = None) -> ResourceId:
    """An id taken apart. AzureError, which names the option, for what is none or not of that type."""
    found = _ID.fullmatch(text)
    if not found:
        raise AzureError(
            "bad_option",
            f"{option}: {text!r} is no resource id. One is /subscriptions/<id>/resourceGroups/<name>/providers/...",
        )
    parts = (found["rest"] or "").split("/")[1:]
    result = ResourceId(
        found["subscription"], found["group"], found["namespace"] or "", tuple(zip(parts[::2], parts[1::2]))
    )
    if type is not None and result.type.lower() != type.lower():
        raise AzureError("bad_option", f"{option}: {text} is a {result.type}, and it should be a {type}.")
    return result


def key(text: str | None) -> str:
    """What two spellings of one id have in common: Azure does not tell upper from lower case in them."""
    return (text or "").rstrip("/").lower()


def same(one: str | None, other: str | None) -> bool:
    return key(one) == key(other)
