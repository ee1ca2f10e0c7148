# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""VM sizes: what a region offers, and whether a size fits an image and the options of a VM.

Source: the list of SKUs (Microsoft.Compute/skus), whose capabilities are texts: {"HyperVGenerations": "V1,V2"}. A size
leaves out what it does not have.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, request, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session

_API = "2021-07-01"
_GIB = 1024**3
_SUGGESTED = 8


class Size(t.NamedTuple):
    """A VM size in one region. The names of capabilities are in lower case; blocked_zones are not open to us."""

    name: str
    capabilities: t.Mapping[str, str]
    zones: frozenset[str] = frozenset()
    blocked: bool = False
    blocked_zones: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        return self.capabilities.get(name.lower(), "").lower() == "true"

    def number(self, name: str) -> float:
        """0 where the size does not say."""
        try:
            return float(self.capabilities.get(name.lower(), 0))
        except ValueError:
            return 0

    def listed(self, name: str, default: str = "") -> tuple[str, ...]:
        """The parts of a capability that names several things, in lower case."""
        text = self.capabilities.get(name.lower(), default)
        return tuple(part.strip().lower() for part in text.split(",") if part.strip())

    @property
    def local_gib(self) -> float:
        """The largest OS disk that fits on a local disk of the host; 0 where the size allows none there."""
        if not self.has("EphemeralOSDiskSupported"):
            return 0
        placements = self.listed("SupportedEphemeralOSDiskPlacements", "resourcedisk,cachedisk")
        rooms = {
            "cachedisk": self.number("CachedDiskBytes") / _GIB,
            "resourcedisk": self.number("MaxResourceVolumeMB") / 1024,
            "nvmedisk": self.number("NvmeDiskSizeInMiB") / 1024,
        }
        return max((rooms[place] for place in placements if place in rooms), default=0)


class Need(t.NamedTuple):
    """What a VM wants of its size. ephemeral_gb is the size of an OS disk on the host, None for a managed disk."""

    zones: tuple[str, ...] = ()
    accelerated: bool = False
    ephemeral_gb: int | None = None
    premium: bool = False
    data_disks: int = 0
    nics: int = 1
    spot: bool = False
    encryption_at_host: bool = False
    security_type: str | None = None


def listed(session: Session, location: str) -> dict[str, Size]:
    """Name in lower case -> size. The answer has thousands of entries: ask once for a region, and only when needed."""
    address = (
        f"/subscriptions/{session.subscription_id}/providers/Microsoft.Compute/skus?api-version={_API}"
        f"&$filter=location eq '{catalog.region(location)}'"
    )
    found = request.listed(session, f"Listing the VM sizes of {location}", _pages, session.compute, address)
    return read(found, location)


def _pages(client: sdk.Sdk, address: str, **dummy: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """The list as it comes. As models of the SDK, which has no other way, it takes 2 seconds of CPU time."""
    new = sdk.load("azure.core.rest").HttpRequest
    while address:
        response = client.send_request(new("GET", address))
        response.raise_for_status()
        page = response.json()
        yield from page["value"]
        address = page.get("nextLink") or ""


def read(found: t.Iterable[t.Mapping[str, t.Any]], location: str) -> dict[str, Size]:
    """The sizes among the SKUs as the API lists them."""
    here = catalog.region(location)
    return {
        str(each["name"]).lower(): _size(each, here) for each in found if each.get("resourceType") == "virtualMachines"
    }


def check(sizes: t.Mapping[str, Size], name: str, location: str, image: Image | None, need: Need) -> list[str]:
    """Warnings. AzureError, which names sizes that fit, when this one does not."""
    reasons = refused(sizes, name, location, image, need)
    if reasons:
        fitting = suggested(sizes, name, image, need)
        told = f" These fit: {', '.join(fitting)}." if fitting else " No size of this region fits."
        raise AzureError(
            "size_unfit",
            f"vm_size {name} cannot be used in {location}: {'; '.join(reasons)}.{told}",
            candidates=fitting,
        )
    if image and image.architecture is None:
        return [f"The image {image.label} does not say for which architecture it is; {name} was not held against it."]
    return []


def refused(sizes: t.Mapping[str, Size], name: str, location: str, image: Image | None, need: Need) -> list[str]:
    """Why the size of this name cannot be used in its region; empty when it can."""
    size = sizes.get(name.lower())
    return unfit(size, image, need) if size else [f"{location} does not offer it to this subscription"]


def unfit(size: Size, image: Image | None, need: Need) -> list[str]:
    """Why a size cannot be used; empty when it can."""
    return [*_place(size, need), *(_boots(size, image) if image else ()), *_options(size, need)]


def suggested(sizes: t.Mapping[str, Size], name: str, image: Image | None, need: Need) -> list[str]:
    """Sizes that fit, those most like the one that was asked for first."""
    asked = sizes.get(name.lower())
    vcpus, memory = (asked.number("vCPUs"), asked.number("MemoryGB")) if asked else (2.0, 8.0)

    def distance(size: Size) -> tuple[float, float, float, str]:
        return (
            abs(size.number("vCPUs") - vcpus),
            abs(size.number("MemoryGB") - memory),
            -difflib.SequenceMatcher(None, size.name.lower(), name.lower()).ratio(),
            size.name,
        )

    fitting = sorted((size for size in sizes.values() if not unfit(size, image, need)), key=distance)
    return [size.name for size in fitting[:_SUGGESTED]]


def _place(size: Size, need: Need) -> t.Iterator[str]:
    if size.blocked:
        yield "the subscription may not use it in this region (NotAvailableForSubscription); ask Azure to open it"
        return
    for zone in need.zones:
        if zone not in size.zones:
            there = f"those are {', '.join(sorted(size.zones))}" if size.zones else "it is in none"
            yield f"zone {zone} is not among the zones of it here: {there}"
        elif zone in size.blocked_zones:
            yield f"the subscription may not use it in zone {zone}"


def _boots(size: Size, image: Image) -> t.Iterator[str]:
    generations = size.listed("HyperVGenerations", "V1")
    if image.generation and image.generation.lower() not in generations:
        yield f"it boots generation {', '.join(generations).upper()}, and the image is {image.generation}"
    architecture = size.capabilities.get("cpuarchitecturetype", "x64")
    if image.architecture and image.architecture.lower() != architecture.lower():
        yield f"its processors are {architecture}, and the image is for {image.architecture}"
    controllers = size.listed("DiskControllerTypes", "SCSI")
    if not set(controllers) & set(image.controllers):
        yield (
            f"its disks are on {', '.join(controllers).upper()}, and the image boots from "
            f"{', '.join(image.controllers).upper()}"
        )


def _options(size: Size, need: Need) -> t.Iterator[str]:
    if need.accelerated and not size.has("AcceleratedNetworkingEnabled"):
        yield "it has no accelerated networking"
    if need.ephemeral_gb is not None and size.local_gib < need.ephemeral_gb:
        room = f"at most {size.local_gib:.0f} GiB" if size.local_gib else "none"
        yield f"an ephemeral OS disk of {need.ephemeral_gb} GiB does not fit on its local disks, which take {room}"
    if need.premium and not size.has("PremiumIO"):
        yield "it takes no premium disks"
    for name, number, what in (
        ("MaxDataDiskCount", need.data_disks, "data disks"),
        ("MaxNetworkInterfaces", need.nics, "network interfaces"),
    ):
        if name.lower() in size.capabilities and size.number(name) < number:
            yield f"it takes {size.number(name):.0f} {what}, and {number} are asked for"
    if need.spot and not size.has("LowPriorityCapable"):
        yield "it is not offered as spot"
    if need.encryption_at_host and not size.has("EncryptionAtHostSupported"):
        yield "it has no encryption at host"
    if need.security_type == "TrustedLaunch" and size.has("TrustedLaunchDisabled"):
        yield "it has no trusted launch"
    if need.security_type == "ConfidentialVM" and "confidentialcomputingtype" not in size.capabilities:
        yield "it is no confidential VM"


def _size(sku: t.Mapping[str, t.Any], here: str) -> Size:
    zones = {
        zone
        for info in sku.get("locationInfo") or ()
        if catalog.region(str(info.get("location"))) == here
        for zone in info.get("zones") or ()
    }
    blocked = False
    closed: set[str] = set()
    for each in sku.get("restrictions") or ():
        where = each.get("restrictionInfo") or {}
        if each.get("type") == "Zone":
            closed.update(where.get("zones") or ())
        elif here in map(catalog.region, where.get("locations") or each.get("values") or [here]):
            blocked = True
    capabilities = {str(each["name"]).lower(): str(each["value"]) for each in sku.get("capabilities") or ()}
    return Size(str(sku["name"]), capabilities, frozenset(zones), blocked, frozenset(closed))
