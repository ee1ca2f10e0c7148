# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is sent to make an own image, and how one that is there differs from it. No calls."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Wanted, plain

Json = dict[str, t.Any]
#: The feature of a definition that names the controllers its images have drivers for.
_CONTROLLERS = "DiskControllerTypes"


class Blob(t.NamedTuple):
    """A page blob with a VHD; account is the id of its storage account."""

    url: str
    account: str


class Difference(t.NamedTuple):
    setting: str
    there: t.Any
    wanted: t.Any

    def __str__(self) -> str:
        return f"{self.setting} is {self.there}, and should be {self.wanted}"


def tags(wanted: Wanted, source: str, digest: str, there: Json | None = None) -> dict[str, str]:
    """The tags of an image; those of one that is there stay, unless they are wanted otherwise."""
    before = stamp.read(there or {})
    kept = before.source if before.source and before.digest == digest else source
    ours = stamp.tags(state=stamp.COMPLETE, source=kept, digest=digest)
    return {**stamp.others((there or {}).get("tags")), **wanted.tags, **ours}


def managed(wanted: Wanted, location: str, blob: Blob, all_tags: dict[str, str]) -> Json:
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": blob.url}
    return {
        "location": location,
        "tags": all_tags,
        "properties": {"hyperVGeneration": wanted.generation, "storageProfile": {"osDisk": disk}},
    }


def gallery(wanted: Wanted, location: str) -> Json:
    return {"location": location, "tags": {**wanted.tags, **stamp.tags(state=stamp.COMPLETE)}, "properties": {}}


def definition(wanted: Wanted, location: str) -> Json:
    properties: Json = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": wanted.generation,
        "architecture": wanted.architecture,
        "identifier": wanted.identifier,
    }
    if wanted.plan:
        properties["purchasePlan"] = wanted.plan
    if wanted.controllers:
        properties["features"] = [{"name": _CONTROLLERS, "value": ", ".join(wanted.controllers)}]
    return {
        "location": location,
        "tags": {**wanted.tags, **stamp.tags(state=stamp.COMPLETE)},
        "properties": properties,
    }


def version(wanted: Wanted, location: str, blob: Blob, all_tags: dict[str, str]) -> Json:
    source = {"uri": blob.url, "storageAccountId": blob.account}
    return {
        "location": location,
        "tags": all_tags,
        "properties": {
            "publishingProfile": {"targetRegions": _regions(wanted, location)},
            "storageProfile": {"osDiskImage": {"source": source}},
        },
    }


def republished(wanted: Wanted, there: Json, all_tags: dict[str, str]) -> Json:
    """A version that is there, with other regions and tags."""
    profile = dict(there["properties"]["publishingProfile"])
    if wanted.regions is not None:
        profile["targetRegions"] = _regions(wanted, there["location"])
    return {
        "location": there["location"],
        "tags": all_tags,
        "properties": {"publishingProfile": profile, "storageProfile": there["properties"]["storageProfile"]},
    }


def _regions(wanted: Wanted, location: str) -> list[Json]:
    return [
        {"name": name, "regionalReplicaCount": wanted.replicas, "storageAccountType": wanted.replica_storage}
        for name in dict.fromkeys((plain(location), *(wanted.regions or ())))
    ]


def immutable(wanted: Wanted, there: Json, digest: str) -> list[Difference]:
    """Why an image that is there would have to be made anew."""
    found = [Difference("digest", stamp.read(there).digest or "unknown", digest)]
    if wanted.gallery is None:
        generation = there["properties"].get("hyperVGeneration", "V1")
        found.append(Difference("generation", generation, wanted.generation))
    if wanted.location:
        found.append(Difference("location", plain(there["location"]), wanted.location))
    return [each for each in found if each.there != each.wanted]


def of_definition(wanted: Wanted, there: Json) -> list[Difference]:
    """What of a definition is otherwise, and cannot be changed while it has versions."""
    properties = there["properties"]
    found = [
        Difference("osType", properties.get("osType"), "Linux"),
        Difference("osState", properties.get("osState"), "Generalized"),
        Difference("generation", properties.get("hyperVGeneration") or "V1", wanted.generation),
        Difference("architecture", properties.get("architecture") or "x64", wanted.architecture),
        Difference("purchase_plan", _plan(properties.get("purchasePlan")), _plan(wanted.plan)),
    ]
    if wanted.controllers:
        found.append(Difference("disk_controllers", controllers(there), sorted(wanted.controllers)))
    return [each for each in found if each.there != each.wanted]


def _plan(plan: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    kept = {name: plan[name] for name in ("name", "product", "publisher") if plan.get(name)} if plan else None
    return kept or None


def controllers(definition: Json) -> list[str]:
    """The disk controllers that a definition names; an image of one that names none has SCSI."""
    for feature in definition["properties"].get("features") or ():
        if feature.get("name") == _CONTROLLERS:
            return sorted(each.strip() for each in str(feature.get("value") or "").split(",") if each.strip())
    return ["SCSI"]


def changes(wanted: Wanted, there: Json, all_tags: t.Mapping[str, str]) -> list[Difference]:
    """What of an image that is there is changed where it is."""
    found = []
    before = there.get("tags") or {}
    if dict(before) != dict(all_tags):
        found.append(Difference("tags", before, dict(all_tags)))
    if wanted.gallery is not None and wanted.regions is not None:
        profile = there["properties"].get("publishingProfile") or {}
        one = _settled(profile.get("targetRegions") or ())
        other = _settled(_regions(wanted, there["location"]))
        if one != other:
            found.append(Difference("replication", one, other))
    return found


def _settled(regions: t.Iterable[Json]) -> dict[str, str]:
    return {
        plain(each["name"]): f"{each.get('regionalReplicaCount', 1)} {each.get('storageAccountType', 'Standard_LRS')}"
        for each in sorted(regions, key=lambda each: plain(each["name"]))
    }


def described(wanted: Wanted, there: Json, definition: Json | None) -> Json:
    """An image as a result tells it."""
    ours, properties = stamp.read(there), there["properties"]
    told: Json = {
        "id": there["id"],
        "name": wanted.name,
        "resource_group": wanted.group,
        "location": plain(there["location"]),
        "kind": "managed_image" if definition is None else "gallery_version",
        "generation": (definition or there)["properties"].get("hyperVGeneration", "V1"),
        "architecture": (definition or {"properties": {}})["properties"].get("architecture") or "x64",
        "provisioning_state": properties.get("provisioningState"),
        "source": ours.source or None,
        "digest": ours.digest or None,
        "tags": stamp.others(there.get("tags")),
    }
    if definition is not None:
        replicas = (properties.get("publishingProfile") or {}).get("targetRegions") or ()
        told.update(
            gallery=wanted.gallery,
            version=there["name"],
            definition_id=definition["id"],
            purchase_plan=_plan(definition["properties"].get("purchasePlan")),
            disk_controllers=controllers(definition),
            regions=[plain(each["name"]) for each in replicas],
        )
    return told
