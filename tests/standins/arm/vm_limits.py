# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be asked for together: zones and sets, spot prices, disks and sizes that do not fit."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.tests.standins.arm import catalog, rights
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import ArmError, Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put, reference
from ansible_collections.flatops.flatcar.tests.standins.arm.vm_profile import invalid

_SECURE = ("TrustedLaunch", "ConfidentialVM")


def _not_allowed(message: str) -> ArmError:
    return ArmError(409, "OperationNotAllowed", message)


def check_new(put: Put, name: str, size: catalog.Size) -> None:
    """ArmError for what a new VM may not ask for; name is that of its size."""
    _check_place(put)
    _check_price(put, name, size)
    _check_security(put, name, size)
    _check_os_disk(put, name, size)
    check_premium(put, name, size)


def _check_place(put: Put) -> None:
    properties, zones = put.properties, put.new.get("zones") or []
    outer = (properties.get("availabilitySet") or {}).get("id")
    if zones and outer:
        raise ArmError(
            400,
            "BadRequest",
            "Virtual Machine cannot be created with both an availability set and an availability zone.",
        )
    if len(zones) > 1:
        raise invalid("The resource can be in one availability zone only.", "zones")
    if outer:
        found = reference(put.world, put, outer)
        if found["sku"]["name"] != "Aligned":
            raise _not_allowed(
                "Addition of a managed disk to a VM with blob based disks is not supported. The availability set "
                f"'{found['name']}' is not managed.",
            )
        if found["location"] != put.new["location"]:
            raise invalid(f"The availability set '{outer}' is in another location.", "availabilitySet.id")
    group = (properties.get("proximityPlacementGroup") or {}).get("id")
    if group:
        rights.check_link(put.world, put.path, group, "Microsoft.Compute/proximityPlacementGroups/write")
        reference(put.world, put, group)


def _check_price(put: Put, name: str, size: catalog.Size) -> None:
    properties = put.properties
    spot = properties.get("priority") == "Spot"
    if spot and not size.spot:
        raise _not_allowed(f"The VM size '{name}' does not support the priority 'Spot'.")
    if spot:
        properties.setdefault("evictionPolicy", "Deallocate")
        properties.setdefault("billingProfile", {"maxPrice": -1})
    for word in ("evictionPolicy", "billingProfile"):
        if properties.get(word) and not spot:
            raise invalid(f"The property '{word}' may be set only where the priority is 'Spot'.", word)
    if spot and properties.get("availabilitySet"):
        raise _not_allowed("A spot VM cannot be in an availability set.")


def _check_security(put: Put, name: str, size: catalog.Size) -> None:
    profile = put.properties.get("securityProfile") or {}
    if profile.get("securityType") in _SECURE:
        raise ArmError(
            400,
            "BadRequest",
            f"Use of {profile['securityType']} setting is not supported for the provided image. Please select Trusted "
            "Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.",
        )
    if profile.get("uefiSettings") and not profile.get("securityType"):
        raise invalid("The property 'uefiSettings' needs 'securityType'.", "securityProfile.uefiSettings")
    if profile.get("encryptionAtHost") and not size.encryption:
        raise invalid(f"The VM size '{name}' does not support encryption at host.", "securityProfile.encryptionAtHost")


def _check_os_disk(put: Put, name: str, size: catalog.Size) -> None:
    disk = put.properties["storageProfile"].get("osDisk") or {}
    settings = disk.get("diffDiskSettings")
    if not settings:
        return
    if not size.ephemeral_gb:
        raise ArmError(
            409,
            "NotSupported",
            f"OS disk of Ephemeral VM is not allowed for VM size {name}. Please refer to https://aka.ms/Ephemeral for "
            "more details.",
        )
    if (disk.get("diskSizeGB") or 30) > size.ephemeral_gb:
        raise ArmError(
            409,
            "NotSupported",
            f"OS disk of Ephemeral VM with size greater than {size.ephemeral_gb} GB is not allowed for VM size {name} "
            f"when the DiffDiskPlacement is {settings.get('placement', 'CacheDisk')}. Please refer to "
            "https://aka.ms/Ephemeral for more details.",
        )
    if disk.get("caching", "ReadOnly") != "ReadOnly":
        raise invalid("The OS disk of an ephemeral VM needs the caching 'ReadOnly'.", "osDisk.caching")
    disk.setdefault("caching", "ReadOnly")
    settings.setdefault("placement", "CacheDisk")


def check_premium(put: Put, name: str, size: catalog.Size) -> None:
    """ArmError (InvalidParameter) where a disk is faster than the size can take; a default that it can otherwise."""
    profile: Json = put.properties["storageProfile"]
    for each in (profile.setdefault("osDisk", {"createOption": "FromImage"}), *(profile.get("dataDisks") or [])):
        kind = each.setdefault("managedDisk", {}).get("storageAccountType")
        if kind is None and "id" not in each["managedDisk"]:
            each["managedDisk"]["storageAccountType"] = "Premium_LRS" if size.premium else "Standard_LRS"
        elif kind and kind.startswith("Premium") and not size.premium:
            raise invalid(
                f"Requested operation cannot be performed because the VM size {name} does not support the storage "
                f"account type {kind} of disk '{each.get('name', '')}'. Consider updating the VM to a size that "
                "supports Premium storage.",
                f"{each.get('name', '')}.storageAccountType",
            )
