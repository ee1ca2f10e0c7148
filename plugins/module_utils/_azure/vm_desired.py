# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the options of one VM ask for, checked as far as that goes without a call."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    catalog,
    image,
    resource_id,
    ssh_key,
    vm_disks,
    vm_names,
    vm_user_data,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    Desired,
    Identity,
    Json,
    Options,
    Settings,
)

_ZONES = ("1", "2", "3")


def desired(options: Options) -> Desired:
    """AzureError bad_option, ignition_invalid or userdata_too_large for what needs no call to be known."""
    group = options["resource_group"]
    if not group:
        raise AzureError("bad_option", f"The VM {options['name']} has no resource_group; give it.")
    absent = options["state"] == "absent"
    given = None if absent else vm_user_data.read(options)
    wanted = None if absent or options["image"] is None else image.parse(options["image"])
    vm_user_data.check_boots(given, wanted.version if wanted else None)
    _check_update(options)
    return Desired(
        name=vm_names.check_vm(options["name"]),
        resource_group=vm_names.check_group(group),
        location=catalog.region(options["location"]) if options["location"] else None,
        state=options["state"],
        image=wanted,
        plan=_plan(options["plan"]),
        accept_terms=options["accept_terms"],
        settings=_settings(options),
        ignition=given,
        ignition_in=options["ignition_in"],
        tags=vm_names.check_tags(options["tags"]),
        append_tags=options["append_tags"],
        on_ignition_change=options["on_ignition_change"],
        on_immutable_change=options["on_immutable_change"],
        recreate=options["recreate"],
        adopt=options["adopt"],
        force=options["force"],
        warnings=tuple(given.warnings) if given else (),
        options=options,
    )


def _check_update(options: Options) -> None:
    if options["on_ignition_change"] == "update" and options["ignition_in"] != "user_data":
        raise AzureError(
            "bad_option",
            "on_ignition_change update: Azure changes the custom data of no VM. Set ignition_in to user_data, or "
            "on_ignition_change to replace.",
        )


def _settings(options: Options) -> Settings:
    _check_place(options)
    _check_spot(options)
    _check_ephemeral(options)
    user = options["admin_username"]
    security = options["security_profile"] or {}
    firmware = security.get("uefi_settings") or {}
    kind = security.get("security_type")
    if kind not in ("TrustedLaunch", "ConfidentialVM") and any(value is not None for value in firmware.values()):
        raise AzureError(
            "bad_option",
            "security_profile.uefi_settings have no meaning without the security_type TrustedLaunch or ConfidentialVM.",
        )
    size = options["os_disk_size_gb"]
    if size is not None and not 1 <= size <= vm_disks.LARGEST_OS_DISK:
        raise AzureError("bad_option", f"os_disk_size_gb is {size}; it is 1 to {vm_disks.LARGEST_OS_DISK}.")
    return Settings(
        vm_size=options["vm_size"],
        admin_username=None if user is None else vm_names.check_user(user),
        ssh_keys=tuple(_key(key, place) for place, key in enumerate(options["ssh_public_keys"] or ())),
        os_disk_type=options["managed_disk_type"],
        os_disk_size=size,
        os_disk_caching=options["os_disk_caching"],
        ephemeral=options["ephemeral_os_disk"],
        data_disks=vm_disks.data_disks(options),
        zone=(options["zones"] or [None])[0],
        availability_set=options["availability_set"],
        proximity_group=options["proximity_placement_group"],
        priority=options["priority"],
        eviction_policy=options["eviction_policy"],
        max_price=options["max_price"],
        identity=_identity(options["vm_identity"]),
        boot_diagnostics=_boot_diagnostics(options["boot_diagnostics"]),
        security_type=kind,
        encryption_at_host=security.get("encryption_at_host"),
        secure_boot=firmware.get("secure_boot_enabled"),
        v_tpm=firmware.get("v_tpm_enabled"),
    )


def _check_place(options: Options) -> None:
    zones = options["zones"] or []
    if len(zones) > 1:
        raise AzureError("bad_option", "zones: a VM is in one zone. Give each of several instances its own.")
    for zone in zones:
        if zone not in _ZONES:
            raise AzureError("bad_option", f"zones: {zone!r} is no zone; they are {', '.join(_ZONES)}.")
    if zones and options["availability_set"]:
        raise AzureError("bad_option", "A VM is either in a zone (zones) or in an availability set.")
    kinds = {"availability_set": "availabilitySets", "proximity_placement_group": "proximityPlacementGroups"}
    for name, kind in kinds.items():
        if options[name] and resource_id.is_id(options[name]):
            resource_id.parse(options[name], name, f"Microsoft.Compute/{kind}")


def _check_spot(options: Options) -> None:
    spot = options["priority"] == "Spot"
    for name in ("eviction_policy", "max_price"):
        if options[name] is not None and not spot:
            raise AzureError("bad_option", f"{name} has no meaning without priority Spot.")
    price = options["max_price"]
    if price is not None and price != -1 and price <= 0:
        raise AzureError("bad_option", f"max_price is {price}; it is above 0, or -1 for the price of regular VMs.")
    if spot and options["availability_set"]:
        raise AzureError("bad_option", "Azure has no spot VMs in availability sets.")


def _check_ephemeral(options: Options) -> None:
    """Source: Azure's documentation of ephemeral OS disks."""
    if not options["ephemeral_os_disk"]:
        return
    if options["state"] == "deallocated":
        raise AzureError("bad_option", "A VM with ephemeral_os_disk cannot be deallocated; state stopped is possible.")
    if options["os_disk_caching"] not in (None, "ReadOnly"):
        raise AzureError("bad_option", "os_disk_caching: an ephemeral OS disk has the caching ReadOnly.")
    if options["managed_disk_type"] not in (None, "Standard_LRS"):
        raise AzureError("bad_option", "managed_disk_type: an ephemeral OS disk is of the type Standard_LRS.")
    if options["priority"] == "Spot" and options["eviction_policy"] != "Delete":
        raise AzureError("bad_option", "eviction_policy: it is Delete for a spot VM with ephemeral_os_disk.")


def _plan(given: Options | None) -> Json | None:
    if given is None:
        return None
    names = (("name", "name"), ("product", "product"), ("publisher", "publisher"), ("promotionCode", "promotion_code"))
    return {key: given[name] for key, name in names if given[name]}


def _key(given: t.Any, place: int) -> str:
    where = f"ssh_public_keys[{place}]"
    text = given.get("key_data") if isinstance(given, dict) else given
    if not isinstance(text, str):
        raise AzureError("bad_option", f"{where} is neither the text of a key nor a mapping with key_data.")
    return ssh_key.checked(text, where)


def _identity(given: Options | None) -> Identity | None:
    if given is None:
        return None
    assigned = given["user_assigned_identities"] or {"id": [], "append": True}
    ids = tuple(assigned["id"])
    if bool(ids) != ("UserAssigned" in given["type"]):
        raise AzureError(
            "bad_option",
            f"vm_identity: the type {given['type']} {'takes no' if ids else 'needs'} user_assigned_identities.",
        )
    for place, id in enumerate(ids):
        where = f"vm_identity.user_assigned_identities.id[{place}]"
        resource_id.parse(id, where, "Microsoft.ManagedIdentity/userAssignedIdentities")
    return Identity(given["type"], ids, assigned["append"])


def _boot_diagnostics(given: Options | None) -> str | None:
    if given is None:
        return None
    return (given["storage_account"] or "managed") if given["enabled"] else ""
