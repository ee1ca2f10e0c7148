# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Images of galleries, of the community or one's own, and managed images."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

#: Provisioning states of a version of which no VM can be made.
_UNUSABLE = ("creating", "failed", "deleting")


def community_definitions(session: Session, location: str, gallery: str) -> dict[str, dict[str, t.Any]]:
    """Name -> image definition. AzureError when the region has no such gallery."""
    what = f"Listing the images of the community gallery {gallery}"
    function = session.compute.community_gallery_images.list
    found = request.listed(session, what, function, location, gallery, missing_ok=True)
    if not found:
        raise AzureError(
            "not_found",
            f"There is no community gallery {gallery} in {location}. Give its public name, or flatcar or flatcar4capi; "
            "a gallery is only in the regions that it is replicated to.",
        )
    return {str(each["name"]): each for each in found}


def community(session: Session, location: str, gallery: str, definition: t.Mapping[str, t.Any]) -> list[Image]:
    """Every version of an image definition of a community gallery."""
    name = str(definition["name"])
    what = f"Listing the versions of {name} in the community gallery {gallery}"
    function = session.compute.community_gallery_image_versions.list
    found = request.listed(session, what, function, location, gallery, name)
    return [of_community(gallery, definition, each) for each in found]


def of_community(gallery: str, definition: t.Mapping[str, t.Any], version: t.Mapping[str, t.Any]) -> Image:
    """A version as the API lists it. One that its publisher has deleted can be used until a retention is over."""
    image = _described(definition, version)
    about = version.get("properties") or {}
    retained = about.get("consumptionEndTime")
    state, ends = catalog.deprecation(retained or about.get("endOfLifeDate"))
    path = f"/CommunityGalleries/{gallery}/Images/{image.place}/Versions/{image.version}"
    return image._replace(
        kind=catalog.COMMUNITY,
        reference={"communityGalleryImageId": path},
        state=state,
        ends=ends,
        withdrawn=bool(retained) and state == catalog.DEPRECATED,
        excluded=bool(about.get("excludeFromLatest")) or about.get("imageState") == "SoftDeleted",
        published=about.get("publishedDate"),
    )


def gallery_definitions(session: Session, gallery: ResourceId) -> dict[str, dict[str, t.Any]]:
    """Name -> image definition of a gallery of one's own."""
    what = f"Listing the images of the gallery {gallery.name}"
    function = session.compute_of(gallery.subscription).gallery_images.list_by_gallery
    found = request.listed(session, what, function, gallery.group, gallery.name)
    return {str(each["name"]): each for each in found}


def gallery(session: Session, location: str, id: ResourceId, definition: t.Mapping[str, t.Any]) -> list[Image]:
    """Every version of an image definition, whose id is given too, of a gallery of one's own."""
    gallery, name = id.names[:2]
    function = session.compute_of(id.subscription).gallery_image_versions.list_by_gallery_image
    what = f"Listing the versions of {name} in the gallery {gallery}"
    found = request.listed(session, what, function, id.group, gallery, name)
    return [of_gallery(location, id, definition, each) for each in found]


def of_gallery(
    location: str, id: ResourceId, definition: t.Mapping[str, t.Any], version: t.Mapping[str, t.Any]
) -> Image:
    """A version as the API lists it; id is that of its image definition."""
    image = _described(definition, version)
    about = version.get("properties") or {}
    publishing = about.get("publishingProfile") or {}
    regions = {catalog.region(each["name"]): each for each in publishing.get("targetRegions") or ()}
    here = regions.get(catalog.region(location)) or {}
    state, ends = catalog.deprecation(publishing.get("endOfLifeDate"))
    return image._replace(
        kind=catalog.GALLERY,
        reference={"id": str(id.child("versions", str(image.version)))},
        state=state,
        ends=ends,
        withdrawn=str(about.get("provisioningState")).lower() in _UNUSABLE,
        excluded=bool(publishing.get("excludeFromLatest") or here.get("excludeFromLatest")),
        published=publishing.get("publishedDate"),
        regions=tuple(regions),
    )


def resolve_community(session: Session, location: str, name: str, definition: str, version: str) -> Image:
    """The image that is meant. AzureError when the region has none."""
    found = definition_of(community_definitions(session, location, name), name, definition)
    return _picked(community(session, location, name, found), version, location)


def resolve_own(session: Session, location: str, id: ResourceId, version: str) -> Image:
    """The image that is meant; id is that of a managed image, or of the image definition in a gallery."""
    if id.parent.path:
        found = definition_of(gallery_definitions(session, id.parent), id.parent.name, id.name)
        return _picked(gallery(session, location, id, found), version, location)
    image = managed(session, id)
    if image.regions and catalog.region(location) not in image.regions:
        raise AzureError(
            "bad_option",
            f"The managed image {id.name} is in {image.regions[0]}; no VM in {location} can be made of it.",
        )
    return image


def definition_of(found: t.Mapping[str, dict[str, t.Any]], gallery: str, name: str) -> dict[str, t.Any]:
    """AzureError when the gallery has no such image definition."""
    for each in found:
        if each.lower() == name.lower():
            return found[each]
    raise AzureError(
        "not_found",
        f"The gallery {gallery} has no image {name}. There are: {', '.join(sorted(found)) or 'none'}.",
        candidates=sorted(found),
    )


def _picked(found: list[Image], version: str, location: str) -> Image:
    image = catalog.pick(found, version, location)
    if image:
        return image
    there = [str(each.version) for each in catalog.offered(found, location)]
    place = found[0].place if found else "The image"
    raise AzureError(
        "not_found",
        f"{place} has no version {version} that can be used in {location}. There are: {', '.join(there) or 'none'}.",
        candidates=there,
    )


def managed(session: Session, id: ResourceId) -> Image:
    """A managed image, which is x64: the API lets nobody set another architecture. A plan is not noted on it."""
    function = session.compute_of(id.subscription).images.get
    found = request.get(session, f"Reading the managed image {id.name}", function, id.group, id.name)
    about = found.get("properties") or {}
    return Image(
        kind=catalog.MANAGED,
        place=id.name,
        reference={"id": str(id)},
        generation=about.get("hyperVGeneration") or "V1",
        architecture="x64",
        disk_gb=_disk(about, "osDisk"),
        regions=(catalog.region(str(found.get("location"))),),
    )


def _described(definition: t.Mapping[str, t.Any], version: t.Mapping[str, t.Any]) -> Image:
    """What an image definition, and any version of it, says of an image."""
    about, name = definition.get("properties") or {}, str(version["name"])
    return Image(
        kind="",
        place=str(definition["name"]),
        reference={},
        version=name,
        plan=catalog.plan(about.get("purchasePlan")),
        generation=about.get("hyperVGeneration"),
        architecture=about.get("architecture"),
        disk_gb=_disk(version.get("properties") or {}, "osDiskImage"),
        features=catalog.features(about.get("features"), name),
    )


def _disk(about: t.Mapping[str, t.Any], name: str) -> int | None:
    """The size of the OS disk in GiB. The API has two spellings for it."""
    disk = (about.get("storageProfile") or {}).get(name) or {}
    size = disk.get("sizeInGB", disk.get("diskSizeGB"))
    return None if size is None else int(size)
