# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Which images there are, as azure_image_info returns them."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    catalog,
    flatcar,
    galleries,
    marketplace,
    resource_id,
    sizes,
    terms,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import LATEST

_THREADS = 8
UNKNOWN = "unknown"


class Selection(t.NamedTuple):
    """What is asked for; None, and an empty tuple, where anything will do. The fields are the options of the module."""

    location: str
    channel: str | None = None
    arch: str | None = None
    generation: str | None = None
    version: str | None = None
    publisher: str = flatcar.PUBLISHER
    offer: tuple[str, ...] = ()
    sku: str | None = None
    community_gallery: str | None = None
    gallery: str | None = None
    definition: str | None = None
    kubernetes_version: str | None = None
    name: str | None = None
    resource_group: str | None = None
    vm_size: str | None = None
    terms: bool = True


class Known(t.NamedTuple):
    images: list[dict[str, t.Any]]
    warnings: list[str]


def known(session: Session, wanted: Selection) -> Known:
    """AzureError when what is named is not there."""
    if not (wanted.community_gallery or wanted.gallery):
        for name in ("definition", "kubernetes_version"):
            if getattr(wanted, name):
                raise AzureError("bad_option", f"{name} goes with community_gallery or gallery, and neither is given.")
    wanted = wanted._replace(location=catalog.region(wanted.location))
    warnings: list[str] = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=_THREADS) as pool:
        found = _found(session, wanted, pool, warnings)
        latest = {id(catalog.newest(group, wanted.location)) for group in found}
        images = [image for group in found for image in group if _asked(image, id(image) in latest, wanted)]
        agreed = _agreed(session, images, pool, warnings) if wanted.terms else {}
    offered = sizes.listed(session, wanted.location) if wanted.vm_size and images else {}
    return Known(
        [
            {
                **_described(image, wanted),
                "latest": id(image) in latest,
                "terms": agreed.get(_key(image), UNKNOWN) if image.plan else terms.NOT_REQUIRED,
                **(_fit(offered, image, wanted) if wanted.vm_size else {}),
            }
            for image in catalog.ordered(images)
        ],
        warnings,
    )


def _found(
    session: Session, wanted: Selection, pool: concurrent.futures.Executor, warnings: list[str]
) -> list[list[Image]]:
    """The versions of each SKU or image definition."""
    if wanted.name:
        return [[galleries.managed(session, _own(session, wanted, "images", wanted.name))]]
    if wanted.community_gallery:
        public = flatcar.COMMUNITY_GALLERIES.get(wanted.community_gallery, wanted.community_gallery)
        definitions = galleries.community_definitions(session, wanted.location, public)
        return list(
            pool.map(
                lambda definition: galleries.community(session, wanted.location, public, definition),
                _definitions(definitions, public, wanted),
            )
        )
    if wanted.gallery:
        own = _own(session, wanted, "galleries", wanted.gallery)
        return list(
            pool.map(
                lambda each: galleries.gallery(session, wanted.location, own.child("images", each["name"]), each),
                _definitions(galleries.gallery_definitions(session, own), own.name, wanted),
            )
        )
    places = _places(session, wanted, warnings)
    return list(
        pool.map(
            lambda place: marketplace.versions(session, wanted.location, wanted.publisher, *place),
            places,
        )
    )


def _own(session: Session, wanted: Selection, kind: str, name: str) -> resource_id.ResourceId:
    """A gallery or a managed image, by id or by name."""
    if resource_id.is_id(name):
        return resource_id.parse(name, "gallery" if kind == "galleries" else "name", f"Microsoft.Compute/{kind}")
    if not wanted.resource_group:
        raise AzureError("bad_option", f"resource_group is missing: that of {name}.")
    return resource_id.make(session.subscription_id, wanted.resource_group, f"Microsoft.Compute/{kind}", name)


def _definitions(found: t.Mapping[str, dict[str, t.Any]], gallery: str, wanted: Selection) -> list[dict[str, t.Any]]:
    if wanted.definition:
        return [galleries.definition_of(found, gallery, wanted.definition)]
    return [
        each
        for name, each in found.items()
        if wanted.channel in (None, flatcar.channel_of(name)) and _has_kubernetes(name, wanted.kubernetes_version)
    ]


def _has_kubernetes(definition: str, wanted: str | None) -> bool:
    """Whether the images are for this version; 1.30 stands for all of 1.30."""
    if wanted is None:
        return True
    there = flatcar.kubernetes_of(definition) or ""
    return f"{there}.".startswith(f"{wanted.lstrip('v')}.")


def _places(session: Session, wanted: Selection, warnings: list[str]) -> list[tuple[str, str]]:
    """Offers with a SKU each. An offer of several that the region does not have is left out with a warning."""
    offers = wanted.offer or ([flatcar.OFFERS[wanted.arch]] if wanted.arch else list(flatcar.OFFERS.values()))
    if wanted.sku:
        return [(offer, wanted.sku) for offer in offers]
    places, missing = [], []
    for offer in offers:
        try:
            names = marketplace.skus(session, wanted.location, wanted.publisher, offer)
        except AzureError as error:
            if error.code != "not_found":
                raise
            missing.append(error)
            continue
        places += [(offer, name) for name in names if wanted.channel in (None, flatcar.channel_of(name))]
    if missing and len(missing) == len(offers):
        raise missing[0]
    warnings += [str(error) for error in missing]
    return places


def _asked(image: Image, latest: bool, wanted: Selection) -> bool:
    if wanted.version == LATEST and not latest:
        return False
    return wanted.version in (None, LATEST, image.version) and image.suits(wanted.generation, wanted.arch)


def _key(image: Image) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((image.plan or {}).items()))


def _agreed(
    session: Session, images: t.Iterable[Image], pool: concurrent.futures.Executor, warnings: list[str]
) -> dict[tuple[tuple[str, str], ...], str]:
    """Plan -> state of its terms. One that cannot be read is unknown, with a warning."""
    plans = {_key(image): image.plan for image in images if image.plan}

    def state(plan: t.Mapping[str, str]) -> tuple[str, str | None]:
        try:
            return terms.state(session, plan), None
        except AzureError as error:
            if error.code not in ("no_permission", "not_found"):
                raise
            return UNKNOWN, str(error)

    states = list(pool.map(state, plans.values()))
    warnings += [warning for dummy, warning in states if warning]
    return {plan: found for plan, (found, dummy) in zip(plans, states)}


def _fit(offered: t.Mapping[str, sizes.Size], image: Image, wanted: Selection) -> dict[str, t.Any]:
    size, need = str(wanted.vm_size), sizes.Need()
    reasons = sizes.refused(offered, size, wanted.location, image, need)
    return {
        "fits": not reasons,
        "unfit": reasons,
        "sizes": sizes.suggested(offered, size, image, need) if reasons else [],
    }


def _described(image: Image, wanted: Selection) -> dict[str, t.Any]:
    return {
        "image": image.label,
        "source": image.kind,
        "name": image.place,
        "channel": flatcar.channel_of(image.place),
        "version": image.version,
        "arch": image.arch,
        "generation": image.generation,
        "urn": image.urn,
        "reference": dict(image.reference),
        "plan": dict(image.plan) if image.plan else None,
        "state": image.state,
        "ends": image.ends,
        "alternative": image.alternative,
        "excluded": image.excluded,
        "available": bool(catalog.offered([image], wanted.location)),
        "production": image.production,
        "kubernetes_version": flatcar.kubernetes_of(image.place),
        "published": image.published,
        "disk_gb": image.disk_gb,
        "disk_controllers": [_CONTROLLERS.get(name, name) for name in image.controllers],
        "regions": list(image.regions) if image.regions is not None else None,
    }


_CONTROLLERS = {"scsi": "SCSI", "nvme": "NVMe"}
