# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image that a VM is made of: that it is there, may be used, and fits the VM."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog, galleries, ids, own_images, terms
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json
from ansible_collections.flatops.flatcar.tests.standins.arm.images import sku
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put


class Source(t.NamedTuple):
    """What an image says of itself. plan is publisher, product and name, in small letters."""

    generation: str
    architecture: str
    controllers: str
    plan: tuple[str, str, str] | None = None
    exact_version: str = ""
    disk_gb: int = 30


def _unavailable(reference: Json) -> ArmError:
    names = ":".join(str(reference.get(name)) for name in ("publisher", "offer", "sku", "version"))
    return ArmError(
        404,
        "PlatformImageNotFound",
        f"The platform image '{names}' is not available. Verify that all fields in the storage profile are correct. "
        "For more details about storage profile information, please refer to https://aka.ms/storageprofile",
        target="imageReference",
    )


def _invalid(identity: str) -> ArmError:
    return ArmError(
        400,
        "LinkedInvalidPropertyId",
        f"Property id '{identity}' at path 'properties.storageProfile.imageReference.id' is invalid. Expect fully "
        "qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/"
        "{resourceProviderNamespace}/'.",
    )


def find(put: Put, reference: Json) -> Source:
    """The image that a VM's imageReference names. ArmError where there is none."""
    if reference.get("publisher"):
        return _marketplace(reference)
    if reference.get("communityGalleryImageId"):
        return _community(reference["communityGalleryImageId"])
    identity = str(reference.get("id") or "")
    if not identity:
        raise ArmError(
            400, "InvalidParameter", "Required parameter 'imageReference' is missing (null).", target="imageReference"
        )
    if not identity.lower().startswith("/subscriptions/"):
        raise _invalid(identity)
    return _own(put, identity)


def _marketplace(reference: Json) -> Source:
    for name in ("offer", "sku", "version"):
        if not reference.get(name):
            raise ArmError(
                400,
                "InvalidParameter",
                f"Required parameter 'imageReference.{name}' is missing (null).",
                target=f"imageReference.{name}",
            )
    found = sku(reference["publisher"], reference["offer"], reference["sku"])
    if found is None:
        raise _unavailable(reference)
    version = catalog.newest(found.versions) if reference["version"] == "latest" else reference["version"]
    if version not in found.versions:
        raise _unavailable(reference)
    if catalog.STATES.get(version) == "Deprecated":
        names = ":".join(str(reference[name]) for name in ("publisher", "offer", "sku"))
        raise ArmError(
            404,
            "ImageVersionDeprecated",
            f"The platform image '{names}:{version}' is deprecated.",
            target="imageReference",
        )
    plan = (catalog.PUBLISHER, reference["offer"].lower(), reference["sku"].lower()) if found.plan else None
    return Source(found.generation, found.architecture, found.controllers, plan, version)


def _community(identity: str) -> Source:
    parts = identity.strip("/").split("/")
    gallery = next((each for name, each in catalog.COMMUNITY.items() if name.lower() == parts[1].lower()), None)
    definition = (gallery or {}).get(parts[3]) if len(parts) > 3 else None
    version = parts[5] if len(parts) > 5 else "latest"
    if definition and version == "latest":
        version = catalog.newest(definition.versions)
    if definition is None or version not in definition.versions:
        raise ArmError(
            404,
            "CommunityGalleryImageNotFound",
            f"The community gallery image '{identity}' is not found, or not available in this region.",
            target="imageReference",
        )
    return Source(definition.generation, definition.architecture, "SCSI, NVMe", None, version)


def _own(put: Put, identity: str) -> Source:
    """A managed image, or a version of a gallery's image, or the newest version of one."""
    path = ids.parse(identity)
    if path is None:
        raise _invalid(identity)
    if path.type.lower() == own_images.TYPE.lower():
        image = put.world.get(identity)
        if image["location"] != put.new["location"]:
            raise ArmError(
                404,
                "InvalidParameter",
                f"The image '{identity}' is not in the location of the VM.",
                target="imageReference",
            )
        return Source(
            image["properties"]["hyperVGeneration"], "x64", "SCSI", _sold(put.world.secret(identity).get("plan"))
        )
    definition = put.world.get(galleries.definition_of(identity))
    version = _version_of(put, identity, definition)
    told = definition["properties"]
    features = {each["name"]: each["value"] for each in told.get("features") or []}
    return Source(
        told["hyperVGeneration"],
        told["architecture"],
        features.get("DiskControllerTypes", "SCSI"),
        _sold(told.get("purchasePlan")),
        version["name"],
        version["properties"]["storageProfile"]["osDiskImage"]["sizeInGB"],
    )


def _version_of(put: Put, identity: str, definition: Json) -> Json:
    location = put.new["location"]
    named = not ids.same(identity, definition["id"]) and not identity.lower().endswith("/versions/latest")
    version = put.world.get(identity) if named else galleries.newest(put.world, definition["id"], location)
    if version is None or not galleries.replicated(version, location):
        raise ArmError(
            404,
            "GalleryImageNotFound",
            f"The gallery image {identity} is not available in {location} region. Please contact image owner to "
            "replicate to this region, or change your requested region.",
            target="imageReference",
        )
    return version


def _sold(plan: Json | None) -> tuple[str, str, str] | None:
    return (plan["publisher"].lower(), plan["product"].lower(), plan["name"].lower()) if plan else None


def check_plan(put: Put, source: Source) -> None:
    """ArmError where an image is sold by a plan that is not named, not the image's own, or not agreed to."""
    plan = put.new.get("plan")
    if source.plan is None:
        if plan:
            raise ArmError(
                400,
                "VMMarketplaceInvalidInput",
                f"The platform image does not require Plan information in the request. VM: '{put.path.id}'.",
            )
        return
    publisher, product, name = source.plan
    if not plan:
        raise ArmError(
            400,
            "VMMarketplaceInvalidInput",
            "Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace image "
            f"requires Plan information in the request. VM: '{put.path.id}'.",
        )
    if tuple(str(plan.get(key, "")).lower() for key in ("publisher", "product", "name")) != source.plan:
        raise ArmError(
            400,
            "VMMarketplaceInvalidInput",
            f"Unable to deploy from the Marketplace image or a custom image sourced from Marketplace image. The part "
            f"number in the purchase information for VM '{put.path.id}' is not as expected. Beware that the Plan "
            "object's properties are case-sensitive. Learn more about common virtual machine error codes. Expected "
            f"'{publisher}', '{product}', '{name}'.",
        )
    terms.check(put.world, put.path.subscription, product, name)


def check_size(source: Source, name: str, size: catalog.Size) -> None:
    """ArmError where a size cannot run an image."""
    if source.generation not in size.generations.split(","):
        raise ArmError(
            400,
            "BadRequest",
            f"The selected VM size '{name}' cannot boot Hypervisor Generation "
            f"'{source.generation.removeprefix('V')}'. If this was a Create operation please check that the "
            "Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size. If this "
            f"was an Update operation please select a Hypervisor Generation '{source.generation.removeprefix('V')}' "
            "VM Size. For more information, see https://aka.ms/azuregen2vm",
        )
    if source.architecture != size.architecture:
        raise ArmError(
            400,
            "InvalidParameter",
            f"Cannot create a VM of size '{name}' because this VM size only supports a CPU Architecture of "
            f"'{size.architecture}', but an image or disk with CPU Architecture '{source.architecture}' was given. "
            "Please check that the CPU Architecture of the image or disk is compatible with that of the VM size.",
            target="vmSize",
        )
    if not {each.strip() for each in source.controllers.split(",")} & {size.controllers}:
        raise ArmError(
            400,
            "InvalidParameter",
            f"The VM size '{name}' cannot boot with OS image or disk. Please check that disk controller types "
            "supported by the OS image or disk is one of the supported disk controller types for the VM size "
            f"'{size.controllers}'. Please query sku api at https://aka.ms/azure-compute-skus to determine supported "
            "disk controller types for the VM size.",
            target="vmSize",
        )
