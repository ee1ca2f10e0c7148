# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of the marketplace: publishers, offers, SKUs, versions."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import LOCATIONS, World


def check_location(location: str, kind: str) -> None:
    if location.lower() not in LOCATIONS:
        raise ArmError(
            400,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{location}' and API version '2026-04-01' for type "
            f"'{kind}'. The supported api-versions are '2026-04-01'. The supported locations are "
            f"'{', '.join(LOCATIONS)}'.",
        )


def sku(publisher: str, offer: str, name: str) -> catalog.Sku | None:
    """A SKU by its names, whatever their case; None where there is none."""
    if publisher.lower() != catalog.PUBLISHER:
        return None
    skus = next((each for key, each in catalog.OFFERS.items() if key.lower() == offer.lower()), {})
    return next((each for key, each in skus.items() if key.lower() == name.lower()), None)


class _Asked(t.NamedTuple):
    location: str
    address: str

    def row(self, name: str, *more: str) -> Json:
        return {"id": "/".join((self.address, *more, name)), "name": name, "location": self.location}


def _publishers(world: World, request: Request, subscription: str, location: str) -> Answer:
    check_location(location, "locations/publishers")
    address = f"/Subscriptions/{subscription}/Providers/Microsoft.Compute/Locations/{location}/Publishers"
    return Answer(200, [_Asked(location, address).row(catalog.PUBLISHER)])


def _images(world: World, request: Request, subscription: str, location: str, publisher: str, rest: str) -> Answer:
    check_location(location, "locations/publishers")
    parts = [part for part in rest.split("/") if part]
    asked = _Asked(
        location,
        f"/Subscriptions/{subscription}/Providers/Microsoft.Compute/Locations/{location}/Publishers/{publisher}"
        "/ArtifactTypes/VMImage/Offers",
    )
    if publisher.lower() != catalog.PUBLISHER:
        raise _missing()
    if not parts:
        return Answer(200, [asked.row(each) for each in sorted(catalog.OFFERS)])
    offer = parts[0]
    if len(parts) == 2:
        skus = catalog.OFFERS.get(offer)
        if skus is None:
            raise _missing()
        return Answer(200, [asked.row(each, offer, "Skus") for each in sorted(skus)])
    found = sku(publisher, offer, parts[2])
    if found is None:
        raise _missing()
    if len(parts) == 4:
        return Answer(200, _versions(request, asked, offer, parts[2], found))
    version = catalog.newest(found.versions) if parts[4] == "latest" else parts[4]
    if version not in found.versions:
        raise _missing()
    return Answer(200, _version(asked, offer, parts[2], found, version))


def _missing() -> ArmError:
    return ArmError(404, "NotFound", "Artifact: VMImage was not found.")


def _versions(request: Request, asked: _Asked, offer: str, name: str, found: catalog.Sku) -> list[Json]:
    """In the order of their names, as the service gives them."""
    versions = sorted(found.versions, reverse=request.query.get("$orderby", "").lower() == "name desc")
    if "$top" in request.query:
        versions = versions[: int(request.query["$top"])]
    if request.expands("properties"):
        return [_version(asked, offer, name, found, each) for each in versions]
    return [asked.row(each, offer, "Skus", name, "Versions") for each in versions]


def _version(asked: _Asked, offer: str, name: str, found: catalog.Sku, version: str) -> Json:
    state = catalog.STATES.get(version, "Active")
    status: Json = {"imageState": state}
    if state != "Active":
        status["scheduledDeprecationTime"] = "2026-12-31T00:00:00+00:00"
        status["alternativeOption"] = {"type": "Plan", "value": name}
    properties: Json = {
        "hyperVGeneration": found.generation,
        "architecture": found.architecture,
        "osDiskImage": {"operatingSystem": "Linux"},
        "dataDiskImages": [],
        "automaticOSUpgradeProperties": {"automaticOSUpgradeSupported": False},
        "disallowed": {"vmDiskType": "Unmanaged"},
        "features": [
            {"name": "IsAcceleratedNetworkSupported", "value": "True"},
            {"name": "DiskControllerTypes", "value": found.controllers},
        ],
        "imageDeprecationStatus": status,
    }
    if found.plan:
        properties["plan"] = {"publisher": catalog.PUBLISHER, "name": name, "product": offer}
    return {**asked.row(version, offer, "Skus", name, "Versions"), "properties": properties}


_LOCATION = r"/subscriptions/([^/]+)/providers/Microsoft\.Compute/locations/([^/]+)"
ROUTES = (
    (rf"{_LOCATION}/publishers", _publishers),
    (rf"{_LOCATION}/publishers/([^/]+)/artifacttypes/vmimage/offers((?:/.*)?)", _images),
)
