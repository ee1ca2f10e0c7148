# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where an own image goes: its resource group, gallery and definition, and what of it is there already."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_bodies as bodies
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import patience, request, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Wanted, plain
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

Json = dict[str, t.Any]
#: Provisioning states that end by themselves, and the seconds between two looks.
_PASSING = ("creating", "updating", "migrating", "deleting")
_PAUSE = 5.0


class Place(t.NamedTuple):
    """What is there: None is not. location is where the image is, or would be made."""

    group: Json | None
    location: str
    gallery: Json | None
    definition: Json | None
    image: Json | None


def look(session: Session, wanted: Wanted) -> Place:
    """Looks at all of it, and waits for an image that is just being made. AzureError when it cannot be made there."""
    group = request.get(
        session,
        f"Looking at the resource group {wanted.group}",
        session.resources.resource_groups.get,
        wanted.group,
        missing_ok=True,
    )
    if group is None:
        if not wanted.create_group:
            raise AzureError(
                "not_found",
                f"There is no resource group {wanted.group}. Check resource_group and subscription_id, or set "
                "create_resource_group=true.",
            )
        if wanted.location is None:
            raise AzureError(
                "bad_option",
                f"location is missing: the resource group {wanted.group} is to be made.{_listed(session)}",
            )
    location = wanted.location or plain((group or {})["location"])
    if group is None:
        _check(session, location, wanted)
        return Place(None, location, None, None, None)
    if wanted.gallery is None:
        place = Place(group, location, None, None, there(session, wanted))
    else:
        place = _in_gallery(session, wanted, wanted.gallery, Place(group, location, None, None, None))
    if place.image is None:
        _check(session, location, wanted)
    elif wanted.location is None:
        place = place._replace(location=plain(place.image["location"]))
    return place


def _managed(session: Session, wanted: Wanted) -> Json | None:
    what = f"Looking at the image {wanted.name}"
    return t.cast(
        "Json | None",
        request.get(session, what, session.compute.images.get, wanted.group, wanted.name, missing_ok=True),
    )


def _in_gallery(session: Session, wanted: Wanted, gallery: str, place: Place) -> Place:
    what = f"Looking at the gallery {gallery}"
    path = (wanted.group, gallery)
    found = request.get(session, what, session.compute.galleries.get, *path, missing_ok=True)
    if found is None:
        return place
    definition = request.get(session, what, session.compute.gallery_images.get, *path, wanted.name, missing_ok=True)
    if definition is None:
        return place._replace(gallery=found)
    return place._replace(gallery=found, definition=definition, image=there(session, wanted))


def there(session: Session, wanted: Wanted) -> Json | None:
    """The image itself, once nobody is at work on it."""
    read = _managed if wanted.gallery is None else version
    return _settled(session, wanted, lambda: read(session, wanted))


def version(session: Session, wanted: Wanted) -> Json | None:
    """The version with how far its replication is."""
    return t.cast(
        "Json | None",
        request.get(
            session,
            f"Looking at {wanted.label}",
            session.compute.gallery_image_versions.get,
            wanted.group,
            wanted.gallery,
            wanted.name,
            wanted.version,
            expand="ReplicationStatus",
            missing_ok=True,
        ),
    )


def _settled(session: Session, wanted: Wanted, read: t.Callable[[], Json | None]) -> Json | None:
    """What is there once nobody is at work on it."""
    with patience.lasting(f"Waiting for {wanted.label}", session.timeout) as patient:
        found = read()
        while found is not None and str(found["properties"].get("provisioningState")).lower() in _PASSING:
            patient.wait(_PAUSE)
            found = read()
    return found


def again(session: Session, wanted: Wanted) -> Json:
    """The image as it is after its making; AzureError when it is not as it was wanted."""
    found = _managed(session, wanted) if wanted.gallery is None else version(session, wanted)
    state = (found or {"properties": {}})["properties"].get("provisioningState")
    if found is None or state != "Succeeded":
        raise AzureError("fault", f"Azure has made {wanted.label}, and shows it as {state or 'missing'}. Look at it.")
    status = found["properties"].get("replicationStatus") or {}
    behind = [each for each in status.get("summary") or () if each.get("state") not in ("Completed", None)]
    if behind:
        told = "; ".join(f"{plain(each['region'])} is {each['state']} {each.get('details') or ''}" for each in behind)
        raise AzureError("fault", f"{wanted.label} is there, and its replication is not complete: {told.strip()}.")
    return found


def check_definition(wanted: Wanted, place: Place) -> None:
    """AzureError when gallery or definition may not be made, or are there and do not fit."""
    if place.gallery is None and not wanted.create_gallery:
        raise AzureError(
            "not_found",
            f"There is no gallery {wanted.gallery} in the resource group {wanted.group}. Check both, or set "
            "create_gallery=true.",
        )
    if place.definition is None:
        if not wanted.create_gallery:
            raise AzureError(
                "not_found",
                f"The gallery {wanted.gallery} has no image definition {wanted.name}. Check name, or set "
                "create_gallery=true.",
            )
        return
    differences = bodies.of_definition(wanted, place.definition)
    if differences:
        raise AzureError(
            "immutable_changed",
            f"The image definition {wanted.name} of the gallery {wanted.gallery} is another one, and cannot be "
            f"changed: {'; '.join(map(str, differences))}. Take another name, or these settings.",
            candidates=[each._asdict() for each in differences],
        )


def is_ours(image: Json) -> bool:
    return stamp.read(image).is_ours


def _check(session: Session, location: str, wanted: Wanted) -> None:
    known = locations(session)
    for option, name in (("location", location), *(("replication_regions", each) for each in wanted.regions or ())):
        if known and name not in known:
            raise AzureError(
                "bad_option",
                f"{option}: {name} is no location for images in this subscription. There are: {', '.join(known)}.",
                candidates=known,
            )


def _listed(session: Session) -> str:
    known = locations(session)
    return f" There are: {', '.join(known)}." if known else ""


def locations(session: Session) -> list[str]:
    """Where images can be, by the provider Microsoft.Compute; [] for a login that may not ask, as one of a group."""
    try:
        found = request.get(session, "Listing the locations", session.resources.providers.get, "Microsoft.Compute")
    except AzureError as error:
        if error.code != "no_permission":
            raise
        return []
    for each in found.get("resourceTypes") or ():
        if each.get("resourceType", "").lower() == "images":
            return sorted(plain(name) for name in each.get("locations") or ())
    return []
