# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Images of the marketplace: offers, SKUs and versions of a publisher, as a region has them."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, flatcar, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.urn import Urn
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import LATEST

_STATES = {"scheduledfordeprecation": catalog.SCHEDULED, "deprecated": catalog.DEPRECATED}


class Channel(t.NamedTuple):
    """The images of a channel of Flatcar in an offer. generation and arch are None where any will do."""

    publisher: str
    offer: str
    channel: str
    generation: str | None
    arch: str | None
    version: str = LATEST


def skus(session: Session, location: str, publisher: str, offer: str) -> list[str]:
    """AzureError when the region has no such offer."""
    images = session.compute.virtual_machine_images
    what = f"Listing the SKUs of {publisher}:{offer}"
    found = request.listed(session, what, images.list_skus, location, publisher, offer, missing_ok=True)
    if not found:
        what = f"Listing the offers of {publisher}"
        offers = request.listed(session, what, images.list_offers, location, publisher, missing_ok=True)
        raise _unknown(f"The publisher {publisher} has no offer {offer}", location, map(_name, offers))
    return list(map(_name, found))


def versions(session: Session, location: str, publisher: str, offer: str, sku: str) -> list[Image]:
    """Every version of a SKU, in one request. AzureError when the region has no such SKU."""
    what = f"Listing the versions of {publisher}:{offer}:{sku}"
    function = session.compute.virtual_machine_images.list_with_properties
    found = request.listed(
        session, what, function, location, publisher, offer, sku, expand="Properties", missing_ok=True
    )
    if not found:
        others = skus(session, location, publisher, offer)
        if sku not in others:
            raise _unknown(f"The offer {publisher}:{offer} has no SKU {sku}", location, others)
    return [_image(Urn(publisher, offer, sku, _name(each)), each.get("properties") or {}) for each in found]


def of_channel(session: Session, location: str, wanted: Channel) -> t.Iterator[list[Image]]:
    """What fits of each SKU of the channel, the likeliest SKU first; asked for as it is taken."""
    likely = flatcar.sku(wanted.channel, wanted.generation or "V2", wanted.arch or "amd64")
    names = [
        name
        for name in skus(session, location, wanted.publisher, wanted.offer)
        if flatcar.channel_of(name) == wanted.channel
    ]
    suffix = likely[len(wanted.channel) :]
    for name in sorted(names, key=lambda name: (-flatcar.stream(name), name.endswith("-gen2") != bool(suffix), name)):
        found = versions(session, location, wanted.publisher, wanted.offer, name)
        yield [image for image in found if image.suits(wanted.generation, wanted.arch)]


def resolve_channel(session: Session, location: str, wanted: Channel) -> Image:
    """AzureError when the region has nothing that fits."""
    for found in of_channel(session, location, wanted):
        image = catalog.pick(found, wanted.version, location)
        if image:
            return image
    version = "" if wanted.version == LATEST else f" of version {wanted.version}"
    raise AzureError(
        "not_found",
        f"The offer {wanted.publisher}:{wanted.offer} has no image{version} in {location} for the channel "
        f"{wanted.channel}, generation {wanted.generation}, {wanted.arch}. Check the options of the image; "
        "azure_image_info lists what there is.",
    )


def resolve_urn(session: Session, location: str, urn: Urn) -> Image:
    """AzureError when the region has no such image, or only a deprecated one."""
    found = versions(session, location, *urn[:3])
    image = catalog.pick(found, urn.version, location)
    if image:
        return image
    there = [each for each in found if each.version == urn.version]
    if there:
        raise AzureError("not_found", f"{there[0].warnings[0]} No VM can be made of it.")
    others = [str(each.version) for each in catalog.offered(found, location)]
    raise _unknown(f"There is no image {urn}", location, others)


def _image(urn: Urn, properties: t.Mapping[str, t.Any]) -> Image:
    """A deprecated one is withdrawn: Azure refuses it with ImageVersionDeprecated."""
    status = properties.get("imageDeprecationStatus") or {}
    state = _STATES.get(str(status.get("imageState")).lower(), catalog.ACTIVE)
    return Image(
        kind=catalog.MARKETPLACE,
        place=urn.sku,
        reference=urn._asdict(),
        version=urn.version,
        urn=str(urn),
        plan=catalog.plan(properties.get("plan")),
        generation=properties.get("hyperVGeneration"),
        architecture=properties.get("architecture"),
        disk_gb=(properties.get("osDiskImage") or {}).get("sizeInGb"),
        features=catalog.features(properties.get("features")),
        state=state,
        withdrawn=state == catalog.DEPRECATED,
        ends=status.get("scheduledDeprecationTime"),
        alternative=(status.get("alternativeOption") or {}).get("value"),
    )


def _name(each: t.Mapping[str, t.Any]) -> str:
    return str(each["name"])


def _unknown(what: str, location: str, names: t.Iterable[str]) -> AzureError:
    others = list(names)
    told = f" There are: {', '.join(others[:20])}." if others else ""
    return AzureError("not_found", f"{what} in {location}.{told}", candidates=others)
