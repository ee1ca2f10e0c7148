# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes of VMs, and how much of its quota a subscription uses."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.images import check_location
from ansible_collections.flatops.flatcar.tests.standins.arm.world import LOCATIONS, World

#: What a subscription may have where the test does not say otherwise.
LIMITS = {"cores": 1000, "PublicIPAddresses": 1000, "StandardSkuPublicIpAddresses": 1000}


def _skus(world: World, request: Request, subscription: str) -> Answer:
    """Sizes, for one location where the filter names it, each location in a row of its own."""
    wanted = request.query.get("$filter", "").partition("eq")[2].strip().strip("'").lower()
    locations = [each for each in LOCATIONS if not wanted or each == wanted]
    rows = [_row(name, size, each) for each in locations for name, size in catalog.SIZES.items()]
    return Answer(200, {"value": rows})


def _row(name: str, size: catalog.Size, location: str) -> Json:
    capabilities = {
        "MaxResourceVolumeMB": "0",
        "OSVhdSizeMB": "1047552",
        "vCPUs": str(size.cores),
        "MemoryPreservingMaintenanceSupported": "True",
        "HyperVGenerations": size.generations,
        "DiskControllerTypes": size.controllers,
        "MemoryGB": f"{size.memory_gb:g}",
        "MaxDataDiskCount": str(size.data_disks),
        "CpuArchitectureType": size.architecture,
        "LowPriorityCapable": str(size.spot),
        "PremiumIO": str(size.premium),
        "VMDeploymentTypes": "IaaS",
        "vCPUsAvailable": str(size.cores),
        "CachedDiskBytes": str(size.ephemeral_gb << 30),
        "EphemeralOSDiskSupported": str(size.ephemeral_gb > 0),
        "EncryptionAtHostSupported": str(size.encryption),
        "AcceleratedNetworkingEnabled": str(size.accelerated),
        "MaxNetworkInterfaces": "2",
    }
    if size.ephemeral_gb:
        capabilities["SupportedEphemeralOSDiskPlacements"] = "ResourceDisk,CacheDisk"
    restrictions = []
    if location in size.restricted:
        restrictions.append(
            {
                "type": "Location",
                "values": [location],
                "restrictionInfo": {"locations": [location]},
                "reasonCode": "NotAvailableForSubscription",
            }
        )
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "size": name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [location],
        "locationInfo": [{"location": location, "zones": list(size.zones), "zoneDetails": []}],
        "capabilities": [{"name": key, "value": value} for key, value in capabilities.items()],
        "restrictions": restrictions,
    }


def _used(world: World, location: str) -> dict[str, int]:
    """Cores by family and together, deallocated VMs as well."""
    used = {"cores": 0}
    for each in world.within("", "Microsoft.Compute/virtualMachines"):
        if each["location"] != location:
            continue
        size = catalog.SIZES[each["properties"]["hardwareProfile"]["vmSize"]]
        used["cores"] += size.cores
        used[size.family] = used.get(size.family, 0) + size.cores
    return used


def limit(world: World, name: str) -> int:
    return world.control.quota.get(name, LIMITS.get(name, 1000))


def _usages(world: World, request: Request, subscription: str, location: str) -> Answer:
    check_location(location, "locations/usages")
    used = _used(world, location)
    names = {"cores": "Total Regional vCPUs"}
    names |= {size.family: f"{size.family} vCPUs" for size in catalog.SIZES.values()}
    value = [
        {
            "unit": "Count",
            "currentValue": used.get(name, 0),
            "limit": limit(world, name),
            "name": {"value": name, "localizedValue": text},
        }
        for name, text in names.items()
    ]
    return Answer(200, {"value": value})


def check_quota(world: World, location: str, size: catalog.Size, before: catalog.Size | None = None) -> None:
    """ArmError (OperationNotAllowed) when a VM of a size, that had another before, is more than the quota allows."""
    used = _used(world, location)
    for name, text in (("cores", "Total Regional"), (size.family, size.family)):
        freed = before.cores if before and (name == "cores" or before.family == size.family) else 0
        needed = size.cores - freed
        after = used.get(name, 0) + needed
        if needed > 0 and after > limit(world, name):
            raise ArmError(
                409,
                "OperationNotAllowed",
                f"Operation could not be completed as it results in exceeding approved {text} Cores quota. Additional "
                f"details - Deployment Model: Resource Manager, Location: {location}, Current Limit: "
                f"{limit(world, name)}, Current Usage: {used.get(name, 0)}, Additional Required: {needed}, (Minimum) "
                f"New Limit Required: {after}. Setup Alerts when Quota reaches threshold. Learn more at "
                "https://aka.ms/quotamonitoringalerting .",
            )


def _vm_sizes(world: World, request: Request, subscription: str, location: str) -> Answer:
    """The older list of sizes, which azure.azcollection reads."""
    check_location(location, "locations/vmSizes")
    value = [
        {
            "name": name,
            "numberOfCores": size.cores,
            "memoryInMB": int(size.memory_gb * 1024),
            "maxDataDiskCount": size.data_disks,
            "osDiskSizeInMB": 1047552,
            "resourceDiskSizeInMB": size.ephemeral_gb * 1024,
        }
        for name, size in catalog.SIZES.items()
    ]
    return Answer(200, {"value": value})


ROUTES = (
    (r"/subscriptions/([^/]+)/providers/Microsoft\.Compute/skus", _skus),
    (r"/subscriptions/([^/]+)/providers/Microsoft\.Compute/locations/([^/]+)/usages", _usages),
    (r"/subscriptions/([^/]+)/providers/Microsoft\.Compute/locations/([^/]+)/vmSizes", _vm_sizes),
)
