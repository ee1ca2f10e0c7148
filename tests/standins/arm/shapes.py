# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which model of the official SDK a request and its answer are of, by the end of the path."""

from __future__ import annotations

import functools
import re
import typing as t

_COMPUTE = r"/providers/Microsoft\.Compute"
_NETWORK = r"/providers/Microsoft\.Network"
_LOCATION = rf"{_COMPUTE}/locations/[^/]+"
_IMAGE = rf"{_LOCATION}/publishers/[^/]+/artifacttypes/vmimage/offers"
_COMMUNITY = rf"{_LOCATION}/communityGalleries"


class Shape(t.NamedTuple):
    """The models of a path: package, that of an answer (none where it has no body), how it holds it (one, list, value),
    and those of a request and of a PATCH."""

    path: str
    package: str
    answer: str
    held: str = "one"
    sent: str = ""
    patched: str = ""


def _kind(path: str, package: str, model: str, patched: str = "") -> list[Shape]:
    """A type of resource: one of it, and lists of it in a group and in all groups."""
    return [
        Shape(rf"{path}/[^/]+", package, model, sent=model, patched=patched),
        Shape(path, package, model, "value"),
    ]


_C, _N, _R = "azure.mgmt.compute.models", "azure.mgmt.network.models", "azure.mgmt.resource.resources.models"
_S, _M = "azure.mgmt.storage.models", "azure.mgmt.marketplaceordering.models"
SHAPES = [
    *_kind(rf"{_COMPUTE}/virtualMachines", _C, "VirtualMachine", "VirtualMachineUpdate"),
    Shape(rf"{_COMPUTE}/virtualMachines/[^/]+/instanceView", _C, "VirtualMachineInstanceView"),
    Shape(rf"{_COMPUTE}/virtualMachines/[^/]+/retrieveBootDiagnosticsData", _C, "RetrieveBootDiagnosticsDataResult"),
    Shape(rf"{_COMPUTE}/virtualMachines/[^/]+/(start|restart|powerOff|deallocate|redeploy|reapply)", _C, ""),
    Shape(rf"{_COMPUTE}/virtualMachines/[^/]+/simulateEviction", _C, ""),
    *_kind(rf"{_COMPUTE}/disks", _C, "Disk", "DiskUpdate"),
    Shape(rf"{_COMPUTE}/(disks|snapshots)/[^/]+/beginGetAccess", _C, "AccessUri", sent="GrantAccessData"),
    Shape(rf"{_COMPUTE}/(disks|snapshots)/[^/]+/endGetAccess", _C, ""),
    *_kind(rf"{_COMPUTE}/snapshots", _C, "Snapshot", "SnapshotUpdate"),
    *_kind(rf"{_COMPUTE}/images", _C, "Image", "ImageUpdate"),
    *_kind(rf"{_COMPUTE}/galleries", _C, "Gallery", "GalleryUpdate"),
    *_kind(rf"{_COMPUTE}/galleries/[^/]+/images", _C, "GalleryImage", "GalleryImageUpdate"),
    *_kind(
        rf"{_COMPUTE}/galleries/[^/]+/images/[^/]+/versions", _C, "GalleryImageVersion", "GalleryImageVersionUpdate"
    ),
    *_kind(rf"{_COMPUTE}/availabilitySets", _C, "AvailabilitySet", "AvailabilitySetUpdate"),
    *_kind(rf"{_COMPUTE}/proximityPlacementGroups", _C, "ProximityPlacementGroup", "ProximityPlacementGroupUpdate"),
    Shape(rf"{_IMAGE}(/[^/]+/skus)?", _C, "VirtualMachineImageResource", "list"),
    Shape(rf"{_IMAGE}/[^/]+/skus/[^/]+/versions", _C, "VirtualMachineImage", "list"),
    Shape(rf"{_IMAGE}/[^/]+/skus/[^/]+/versions/[^/]+", _C, "VirtualMachineImage"),
    Shape(rf"{_LOCATION}/publishers", _C, "VirtualMachineImageResource", "list"),
    Shape(rf"{_LOCATION}/usages", _C, "Usage", "value"),
    Shape(rf"{_COMPUTE}/skus", _C, "ResourceSku", "value"),
    Shape(rf"{_COMMUNITY}/[^/]+", _C, "CommunityGallery"),
    Shape(rf"{_COMMUNITY}/[^/]+/images", _C, "CommunityGalleryImage", "value"),
    Shape(rf"{_COMMUNITY}/[^/]+/images/[^/]+", _C, "CommunityGalleryImage"),
    Shape(rf"{_COMMUNITY}/[^/]+/images/[^/]+/versions", _C, "CommunityGalleryImageVersion", "value"),
    Shape(rf"{_COMMUNITY}/[^/]+/images/[^/]+/versions/[^/]+", _C, "CommunityGalleryImageVersion"),
    *_kind(rf"{_NETWORK}/virtualNetworks", _N, "VirtualNetwork", "TagsObject"),
    *_kind(rf"{_NETWORK}/virtualNetworks/[^/]+/subnets", _N, "Subnet"),
    *_kind(rf"{_NETWORK}/networkInterfaces", _N, "NetworkInterface", "TagsObject"),
    *_kind(rf"{_NETWORK}/publicIPAddresses", _N, "PublicIPAddress", "TagsObject"),
    *_kind(rf"{_NETWORK}/natGateways", _N, "NatGateway", "TagsObject"),
    *_kind(rf"{_NETWORK}/networkSecurityGroups", _N, "NetworkSecurityGroup", "TagsObject"),
    Shape(
        r"/subscriptions/[^/]+/resourcegroups/[^/]+",
        _R,
        "ResourceGroup",
        sent="ResourceGroup",
        patched="ResourceGroupPatchable",
    ),
    Shape(r"/subscriptions/[^/]+/resourcegroups", _R, "ResourceGroup", "value"),
    Shape(r"/resourcegroups/[^/]+/resources", _R, "GenericResourceExpanded", "value"),
    Shape(r"/subscriptions/[^/]+/providers/[^/]+(/register)?", _R, "Provider"),
    *_kind(r"/providers/Microsoft\.Storage/storageAccounts", _S, "StorageAccount", "StorageAccountUpdateParameters"),
    Shape(r"/storageAccounts/[^/]+/listKeys", _S, "StorageAccountListKeysResult"),
    Shape(
        r"/Microsoft\.Storage/checkNameAvailability",
        _S,
        "CheckNameAvailabilityResult",
        sent="StorageAccountCheckNameAvailabilityParameters",
    ),
    Shape(
        r"/offerTypes/virtualmachine/publishers/[^/]+/offers/[^/]+/plans/[^/]+/agreements/current",
        _M,
        "AgreementTerms",
        sent="AgreementTerms",
    ),
]


@functools.cache
def shape_of(path: str) -> Shape | None:
    """The shape whose path is the end of one."""
    return next((each for each in SHAPES if re.search(f"{each.path}$", path, re.IGNORECASE)), None)
