# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The option `image`: which image is meant, and what it is."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    catalog,
    flatcar,
    galleries,
    marketplace,
    resource_id,
    urn,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.marketplace import Channel
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.urn import Urn
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import LATEST


class Community(t.NamedTuple):
    """An image of a community gallery, by its public name."""

    gallery: str
    definition: str
    version: str


class Own(t.NamedTuple):
    """A gallery's image or a managed one of a subscription. An empty subscription or group is that of the VM.

    path is as in ResourceId: (("galleries", name), ("images", name)) or (("images", name),), without a version.
    """

    subscription: str
    group: str
    path: tuple[tuple[str, str], ...]
    version: str

    def id(self, subscription_id: str, resource_group: str) -> ResourceId:
        """AzureError when no resource group is known."""
        group = self.group or resource_group
        if not group:
            raise AzureError("bad_option", f"image: {self.path[0][1]} needs a resource_group.")
        return ResourceId(self.subscription or subscription_id, group, "Microsoft.Compute", self.path)


Wanted = t.Union[Channel, Urn, Community, Own]

_COMMUNITY = re.compile(
    r"/communitygalleries/(?P<gallery>[^/]+)/images/(?P<definition>[^/]+)(/versions/(?P<version>[^/]+))?/?",
    re.IGNORECASE,
)
_FORMS = (
    "Give a channel (stable, beta, alpha or lts), a URN (publisher:offer:sku:version), an id, or a mapping with "
    "channel, with publisher, offer and sku, with id, with name, with gallery and definition, or with "
    "community_gallery and definition."
)
#: The keys of a mapping -> those that it may have besides.
_MAPPINGS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("channel",): ("arch", "generation", "version", "offer", "publisher"),
    ("publisher", "offer", "sku"): ("version",),
    ("id",): (),
    ("name",): ("resource_group",),
    ("gallery", "definition"): ("resource_group", "version"),
    ("community_gallery", "definition"): ("version",),
}


def parse(option: object) -> Wanted:
    """What the option asks for. AzureError when it cannot be meant."""
    if isinstance(option, str):
        return _text(option.strip())
    if not isinstance(option, t.Mapping):
        raise AzureError("bad_option", f"image is of the type {type(option).__name__}. {_FORMS}")
    given = {str(name): value for name, value in option.items() if value is not None}
    for name, value in given.items():
        if not isinstance(value, str) or not value:
            raise AzureError("bad_option", f"image: {name} is {value!r}, and it must be a text; put it into quotes.")
    for needed, allowed in _MAPPINGS.items():
        if given.keys() >= set(needed) and given.keys() <= {*needed, *allowed}:
            return _mapping(needed[0], given)
    raise AzureError("bad_option", f"image has the keys {', '.join(sorted(given)) or 'of nothing'}. {_FORMS}")


def _text(text: str) -> Wanted:
    if text in flatcar.CHANNELS:
        return channel(text)
    found = _COMMUNITY.fullmatch(text)
    if found:
        return Community(_gallery(found["gallery"]), found["definition"], found["version"] or LATEST)
    if text.lower().startswith("/subscriptions/"):
        return _id(text)
    if ":" in text:
        return urn.parse(text)
    raise AzureError("bad_option", f"image {text!r} is no image. {_FORMS}")


def _mapping(kind: str, given: t.Mapping[str, str]) -> Wanted:
    version = given.get("version", LATEST)
    group = given.get("resource_group", "")
    if kind == "channel":
        return channel(given["channel"], **{name: value for name, value in given.items() if name != "channel"})
    if kind == "publisher":
        return urn.parse(":".join((given["publisher"], given["offer"], given["sku"], version)))
    if kind == "id":
        return _text(given["id"])
    if kind == "name":
        return Own("", group, (("images", given["name"]),), "")
    if kind == "gallery":
        return Own("", group, (("galleries", given["gallery"]), ("images", given["definition"])), version)
    return Community(_gallery(given["community_gallery"]), given["definition"], version)


def channel(
    channel: str,
    arch: str = "amd64",
    generation: str = "V2",
    version: str = LATEST,
    offer: str | None = None,
    publisher: str = flatcar.PUBLISHER,
) -> Channel:
    """AzureError when a word is none of those that there are."""
    for name, value, choices in (
        ("channel", channel, flatcar.CHANNELS),
        ("arch", arch, tuple(flatcar.ARCHES)),
        ("generation", generation, flatcar.GENERATIONS),
    ):
        if value not in choices:
            raise AzureError("bad_option", f"image: {name} is {value!r}; it is one of {', '.join(choices)}.")
    if arch == "arm64" and generation == "V1":
        raise AzureError("bad_option", "image: there is no arm64 of generation V1 on Azure; leave generation out.")
    return Channel(publisher, offer or flatcar.OFFERS[arch], channel, generation, arch, version)


def _id(text: str) -> Own:
    id = resource_id.parse(text, "image")
    path, version = id.path, ""
    if id.type.lower() == "microsoft.compute/galleries/images/versions":
        path, version = path[:-1], id.name
    elif id.type.lower() == "microsoft.compute/galleries/images":
        version = LATEST
    elif id.type.lower() != "microsoft.compute/images":
        raise AzureError("bad_option", f"image: {text} is a {id.type}, and no image.")
    return Own(id.subscription, id.group, path, version)


def _gallery(name: str) -> str:
    return flatcar.COMMUNITY_GALLERIES.get(name, name)


def source(wanted: Wanted, subscription_id: str, resource_group: str = "") -> str:
    """What the stamp of a VM notes of the image that was asked for, at most 256 characters.

    It is without the version where the latest was asked for, and the same for a channel and its SKU. No request is
    made for it, so that it can be compared also when the image has been withdrawn.
    """
    version = "" if wanted.version == LATEST else wanted.version
    if isinstance(wanted, (Channel, Urn)):
        sku = wanted.sku if isinstance(wanted, Urn) else _sku(wanted)
        text = ":".join(filter(None, (wanted.publisher, wanted.offer, sku, version)))
    elif isinstance(wanted, Community):
        text = f"/CommunityGalleries/{wanted.gallery}/Images/{wanted.definition}"
        text += f"/Versions/{version}" if version else ""
    else:
        id = wanted.id(subscription_id, resource_group)
        text = str(id.child("versions", version) if version else id)
    text = text.lower()
    return text if len(text) <= _LONGEST else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


_LONGEST = 256


def _sku(wanted: Channel) -> str:
    return flatcar.sku(wanted.channel, wanted.generation or "V2", wanted.arch or "amd64")


def resolve(session: Session, wanted: Wanted, location: str, resource_group: str = "") -> Image:
    """The image itself. AzureError when it is not there, or not in this region.

    resource_group is that of the VM, for an image that names none.
    """
    location = catalog.region(location)
    if isinstance(wanted, Channel):
        image = marketplace.resolve_channel(session, location, wanted)
    elif isinstance(wanted, Urn):
        image = marketplace.resolve_urn(session, location, wanted)
    elif isinstance(wanted, Community):
        image = galleries.resolve_community(session, location, *wanted)
    else:
        image = galleries.resolve_own(
            session, location, wanted.id(session.subscription_id, resource_group), wanted.version
        )
    return image._replace(source=source(wanted, session.subscription_id, resource_group))
