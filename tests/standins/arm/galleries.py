# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private galleries: definitions of images, and their versions."""

from __future__ import annotations

import re

from ansible_collections.flatops.flatcar.tests.standins.arm import ids, operations, own_images, storage
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Kind, Put, check_empty, fixed, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid
from ansible_collections.flatops.flatcar.tests.standins.arm.world import DISPLAY, World

GALLERY_TYPE = "Microsoft.Compute/galleries"
DEFINITION_TYPE = f"{GALLERY_TYPE}/images"
VERSION_TYPE = f"{DEFINITION_TYPE}/versions"
_IMMUTABLE = ("identifier", "osType", "osState", "hyperVGeneration", "architecture", "purchasePlan")


def _gallery(put: Put) -> None:
    name = put.path.names[-1]
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._]{0,78}[A-Za-z0-9])?", name):
        raise invalid(
            "The entity name 'gallery.name' is invalid according to its validation rule: "
            "^[^_\\W][\\w._]{0,79}(?<![-.])$.",
            target="gallery.name",
        )
    put.properties["identifier"] = {"uniqueName": f"{put.path.subscription.upper()}-{name.upper()}"}


def _definition(put: Put) -> None:
    properties = put.properties
    for name in ("identifier", "osType", "osState"):
        if not properties.get(name):
            raise invalid(f"Required parameter 'galleryImage.properties.{name}' is missing (null).", name)
    identifier = properties["identifier"]
    for name in ("publisher", "offer", "sku"):
        if not identifier.get(name):
            raise invalid(f"Required parameter 'galleryImage.properties.identifier.{name}' is missing (null).", name)
    properties.setdefault("hyperVGeneration", "V1")
    properties.setdefault("architecture", "x64")
    if put.old:
        for name in _IMMUTABLE:
            if properties.get(name) != put.old["properties"].get(name):
                raise fixed(f"galleryImage.properties.{name}")
        return
    assert put.path.parent
    for each in put.world.within(put.path.parent.id, DEFINITION_TYPE):
        if each["properties"]["identifier"] == identifier:
            raise ArmError(
                409,
                "Conflict",
                f"Gallery image '{each['name']}' has the same publisher, offer and SKU. They must be unique in a "
                "gallery.",
            )


def _version(put: Put) -> None:
    properties, name = put.properties, put.path.names[-1]
    if not re.fullmatch(r"\d+\.\d+\.\d+", name):
        raise invalid(
            f"The entity name 'galleryImageVersion.name' is invalid according to its validation rule: "
            f"^[0-9]+\\.[0-9]+\\.[0-9]+$. Given: {name}.",
            "galleryImageVersion.name",
        )
    profile = properties.setdefault("publishingProfile", {})
    regions = profile.setdefault("targetRegions", [{"name": put.new["location"]}])
    if put.new["location"] not in {plain(each["name"]) for each in regions}:
        raise invalid(
            f"The region list must contain the location of the gallery image version '{put.new['location']}'.",
            "galleryImageVersion.properties.publishingProfile.targetRegions",
        )
    for each in regions:
        if plain(each["name"]) not in DISPLAY:
            raise invalid(f"The region '{each['name']}' is not supported.", "targetRegions.name")
        each["name"] = DISPLAY[plain(each["name"])]
        each.setdefault("regionalReplicaCount", profile.get("replicaCount", 1))
        each.setdefault("storageAccountType", profile.get("storageAccountType", "Standard_LRS"))
    profile.setdefault("replicaCount", 1)
    profile.setdefault("excludeFromLatest", False)
    profile.setdefault("storageAccountType", "Standard_LRS")
    if put.old:
        profile["publishedDate"] = put.old["properties"]["publishingProfile"]["publishedDate"]
        properties["storageProfile"] = put.old["properties"]["storageProfile"]
    else:
        profile["publishedDate"] = operations.stamp()
        _source(put)
    properties.setdefault("safetyProfile", {"allowDeletionOfReplicatedLocations": True})
    properties["safetyProfile"].setdefault("reportedForPolicyViolation", False)


def plain(region: str) -> str:
    return region.lower().replace(" ", "")


def _source(put: Put) -> None:
    """Checks what a version is made of: an image, VM or version, a disk or snapshot, or a blob."""
    profile = put.properties.get("storageProfile") or {}
    whole = (profile.get("source") or {}).get("id")
    disk = (profile.get("osDiskImage") or {}).get("source") or {}
    if whole:
        found = reference(put.world, put, whole)
        if found["type"] == own_images.TYPE:
            _check_generation(put, found["properties"]["hyperVGeneration"])
    elif disk.get("uri"):
        storage.check_blob(put, disk["uri"])
        account = reference(put.world, put, disk.get("storageAccountId", ""))
        if not disk["uri"].startswith(account["properties"]["primaryEndpoints"]["blob"]):
            raise invalid(f"The blob is not in the storage account {account['id']}.", "osDiskImage.source.uri")
    elif disk.get("id"):
        reference(put.world, put, disk["id"])
    else:
        raise invalid(
            "Required parameter 'galleryImageVersion.properties.storageProfile.source' is missing (null).",
            "storageProfile.source",
        )
    image = profile.setdefault("osDiskImage", {})
    image.setdefault("hostCaching", "None")
    image["sizeInGB"] = 30
    put.properties["storageProfile"] = profile


def _check_generation(put: Put, generation: str) -> None:
    assert put.path.parent
    wanted = put.world.get(put.path.parent.id)["properties"]["hyperVGeneration"]
    if generation != wanted:
        raise invalid(
            f"The Hypervisor Generation '{generation}' of the source does not match that of the gallery image, "
            f"'{wanted}'.",
            "galleryImageVersion.properties.storageProfile.source",
        )


def _tell_version(world: World, request: Request, version: Json) -> Json:
    told = world.told(version)
    if request.expands("ReplicationStatus"):
        done = version["properties"]["provisioningState"] == "Succeeded"
        state = "Completed" if done else "Replicating"
        told["properties"]["replicationStatus"] = {
            "aggregatedState": "Completed" if done else "InProgress",
            "summary": [
                {"region": each["name"], "state": state, "details": "", "progress": 100 if done else 50}
                for each in version["properties"]["publishingProfile"]["targetRegions"]
            ],
        }
    return told


def newest(world: World, definition: str, location: str) -> Json | None:
    """The version that is booted where none is named: not excluded, replicated to a location, by number."""
    found = [
        each
        for each in world.within(definition, VERSION_TYPE)
        if not each["properties"]["publishingProfile"]["excludeFromLatest"] and replicated(each, location)
    ]
    return max(found, key=lambda each: [int(part) for part in each["name"].split(".")], default=None)


def replicated(version: Json, location: str) -> bool:
    regions = version["properties"]["publishingProfile"]["targetRegions"]
    return location in {plain(each["name"]) for each in regions}


def definition_of(version: str) -> str:
    """The definition's id in a version's id, or in its own."""
    path = ids.parse(version)
    return path._replace(types=path.types[:2], names=path.names[:2]).id if path else version


GALLERY = Kind(GALLERY_TYPE, prepare=_gallery, may_go=lambda world, each: check_empty(world, each, DEFINITION_TYPE))
DEFINITION = Kind(
    DEFINITION_TYPE, prepare=_definition, may_go=lambda world, each: check_empty(world, each, VERSION_TYPE)
)
VERSION = Kind(VERSION_TYPE, prepare=_version, tell=_tell_version)
