# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The JSON of a new VM."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    image,
    resource_id,
    ssh_key,
    stamp,
    vm_disks,
    vm_names,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Desired, Identity, Json, Settings

#: Who is the administrator where nobody else is asked for: the user that Flatcar has.
USER = "core"


class Place(t.NamedTuple):
    """Where a VM goes. storage_suffix is that of blob endpoints in the cloud, such as core.windows.net."""

    subscription: str
    location: str
    storage_suffix: str


def body(
    desired: Desired,
    place: Place,
    found: Image,
    nics: t.Sequence[t.Mapping[str, str]],
    attach: t.Mapping[str, str],
) -> Json:
    """A VM that is stamped as being made.

    nics have the id and what becomes of each when the VM goes (deleteOption), the primary one first. attach has the ids
    of data disks that are there already, by their resource names.
    """
    settings = desired.settings
    for name, value in (("vm_size", settings.vm_size), ("image", desired.image)):
        if not value:
            raise AzureError("bad_option", f"The VM {desired.name} is not there, and {name} is needed to make it.")
    made: Json = {
        "location": place.location,
        "tags": {**(desired.tags or {}), **stamps(desired, place.subscription, stamp.CREATING)},
        "properties": {
            "hardwareProfile": {"vmSize": settings.vm_size},
            "storageProfile": _storage(desired, found, attach),
            "osProfile": _system(desired),
            "networkProfile": {"networkInterfaces": nics_json(nics)},
            "diagnosticsProfile": diagnostics_json(settings.boot_diagnostics, place.storage_suffix),
            **_placement(desired, place),
            **_spot(settings),
        },
    }
    security = security_json(settings)
    if security:
        made["properties"]["securityProfile"] = security
    if vm_disks.takes_ultra(settings.data_disks):
        made["properties"]["additionalCapabilities"] = {"ultraSSDEnabled": True}
    if desired.ignition and desired.ignition_in == "user_data":
        made["properties"]["userData"] = encoded(desired.ignition.data)
    plan = desired.plan or found.plan
    if plan:
        made["plan"] = dict(plan)
    if settings.zone:
        made["zones"] = [settings.zone]
    if settings.identity:
        made["identity"] = identity_json(settings.identity)
    return made


def stamps(desired: Desired, subscription: str, state: str) -> dict[str, str]:
    """The tags that say what a VM was made with."""
    fields = {"state": state}
    if desired.ignition:
        fields["ignition"] = desired.ignition.sha256
    if desired.image:
        fields["source"] = image.source(desired.image, subscription, desired.resource_group)
    return stamp.tags(**fields)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def nics_json(nics: t.Sequence[t.Mapping[str, str]]) -> list[Json]:
    return [
        {
            "id": nic["id"],
            "properties": {"primary": place == 0, "deleteOption": nic.get("deleteOption", "Detach")},
        }
        for place, nic in enumerate(nics)
    ]


def diagnostics_json(wanted: str | None, storage_suffix: str) -> Json:
    """Boot diagnostics; they are on, in Azure's own storage, where nothing is asked for."""
    told: Json = {"enabled": wanted != ""}
    if wanted and wanted != "managed":
        told["storageUri"] = wanted if "://" in wanted else f"https://{wanted}.blob.{storage_suffix}/"
    return {"bootDiagnostics": told}


def identity_json(identity: Identity, remove: t.Iterable[str] = ()) -> Json:
    """remove has the ids of user-assigned identities that a VM has and shall lose."""
    made: Json = {"type": identity.type}
    assigned: dict[str, Json | None] = {id: {} for id in identity.ids}
    assigned.update(dict.fromkeys(remove))
    if assigned:
        made["userAssignedIdentities"] = assigned
    return made


def security_json(settings: Settings) -> Json:
    """What is asked for and nothing else: a security type that is not named stays that of the platform."""
    made: Json = {}
    if settings.security_type:
        made["securityType"] = settings.security_type
    if settings.encryption_at_host is not None:
        made["encryptionAtHost"] = settings.encryption_at_host
    # A confidential VM without a virtual TPM is refused.
    tpm = True if settings.v_tpm is None and settings.security_type == "ConfidentialVM" else settings.v_tpm
    firmware = {"secureBootEnabled": settings.secure_boot, "vTpmEnabled": tpm}
    firmware = {name: value for name, value in firmware.items() if value is not None}
    if firmware:
        made["uefiSettings"] = firmware
    return made


def id_of(name: str, kind: str, subscription: str, group: str) -> str:
    """The id of something of Microsoft.Compute that is named by its id, or by its name in the group."""
    if resource_id.is_id(name):
        return name
    return str(resource_id.make(subscription, group, f"Microsoft.Compute/{kind}", name))


def _storage(desired: Desired, found: Image, attach: t.Mapping[str, str]) -> Json:
    return {
        "imageReference": dict(found.reference),
        "osDisk": vm_disks.os_disk_json(desired),
        "dataDisks": [vm_disks.data_disk_json(disk, attach.get(disk.resource)) for disk in desired.settings.data_disks],
    }


def _system(desired: Desired) -> Json:
    user = desired.settings.admin_username or USER
    keys = desired.settings.ssh_keys or (ssh_key.decoy(),)
    system: Json = {
        "computerName": vm_names.computer_name(desired.name),
        "adminUsername": user,
        "linuxConfiguration": {
            "disablePasswordAuthentication": True,
            "ssh": {"publicKeys": [{"path": f"/home/{user}/.ssh/authorized_keys", "keyData": key} for key in keys]},
        },
    }
    if desired.ignition and desired.ignition_in == "custom_data":
        system["customData"] = encoded(desired.ignition.data)
    return system


def _placement(desired: Desired, place: Place) -> Json:
    made: Json = {}
    for key, name, kind in (
        ("availabilitySet", desired.settings.availability_set, "availabilitySets"),
        ("proximityPlacementGroup", desired.settings.proximity_group, "proximityPlacementGroups"),
    ):
        if name:
            made[key] = {"id": id_of(name, kind, place.subscription, desired.resource_group)}
    return made


def _spot(settings: Settings) -> Json:
    made: Json = {}
    if settings.priority:
        made["priority"] = settings.priority
    if settings.priority == "Spot":
        made["evictionPolicy"] = settings.eviction_policy or "Deallocate"
        made["billingProfile"] = {"maxPrice": -1 if settings.max_price is None else settings.max_price}
    return made
