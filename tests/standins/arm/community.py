# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galleries of the community."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.images import check_location
from ansible_collections.flatops.flatcar.tests.standins.arm.world import World


def _community(world: World, request: Request, subscription: str, location: str, name: str, rest: str) -> Answer:
    check_location(location, "locations/communityGalleries")
    gallery = next((each for key, each in catalog.COMMUNITY.items() if key.lower() == name.lower()), None)
    if gallery is None:
        raise _missing(f"The gallery '{name}' is not found or not published to the community.")
    parts = [part for part in rest.split("/") if part]
    address = f"/CommunityGalleries/{name}"
    if not parts:
        return Answer(
            200,
            _row("", location, name, address)
            | {
                "properties": {
                    "communityMetadata": {
                        "publisherUri": "https://www.flatcar.org",
                        "publisherContact": "infra@flatcar-linux.org",
                        "publicNames": [name],
                    }
                }
            },
        )
    if len(parts) == 1:
        return Answer(200, {"value": [_image(location, address, key, each) for key, each in gallery.items()]})
    image = gallery.get(parts[1])
    if image is None:
        raise _missing(f"The gallery image '{parts[1]}' is not found in the community gallery '{name}'.")
    if len(parts) == 2:
        return Answer(200, _image(location, address, parts[1], image))
    address = f"{address}/Images/{parts[1]}"
    if len(parts) == 3:
        return Answer(200, {"value": [_version(location, address, each) for each in sorted(image.versions)]})
    if parts[3] not in image.versions:
        raise _missing(f"The gallery image version '{parts[3]}' is not found.")
    return Answer(200, _version(location, address, parts[3]))


def _missing(message: str) -> ArmError:
    return ArmError(404, "NotFound", message)


def _row(kind: str, location: str, name: str, address: str) -> Json:
    return {
        "name": name,
        "location": location,
        "type": f"Microsoft.Compute/Locations/CommunityGalleries{kind}",
        "identifier": {"uniqueId": address},
    }


def _image(location: str, address: str, name: str, image: catalog.Definition) -> Json:
    properties = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": image.generation,
        "architecture": image.architecture,
        "identifier": {"publisher": catalog.PUBLISHER, "offer": "flatcar-container-linux", "sku": name},
        "features": [{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}],
    }
    return _row("/Images", location, name, f"{address}/Images/{name}") | {"properties": properties}


def _version(location: str, address: str, name: str) -> Json:
    properties = {
        "publishedDate": "2026-01-01T00:00:00+00:00",
        "excludeFromLatest": name in catalog.EXCLUDED,
        "storageProfile": {"osDiskImage": {"diskSizeGB": 30, "hostCaching": "ReadWrite"}},
    }
    return _row("/Images/Versions", location, name, f"{address}/Versions/{name}") | {"properties": properties}


ROUTES = (
    (
        r"/subscriptions/([^/]+)/providers/Microsoft\.Compute/locations/([^/]+)/communityGalleries/([^/]+)((?:/.*)?)",
        _community,
    ),
)
