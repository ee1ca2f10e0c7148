# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of azure_vm as Ansible hands them over, and a VM as Azure gives it back."""

from __future__ import annotations

import base64
import copy
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id, vm_options
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_body import Place
from ansible_collections.flatops.flatcar.tests.options import defaults

Json = dict[str, t.Any]

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
PLACE = Place(SUBSCRIPTION, "westeurope", "core.windows.net")
IMAGE = Image(
    kind="marketplace",
    place="stable-gen2",
    reference={
        "publisher": "kinvolk",
        "offer": "flatcar-container-linux-free",
        "sku": "stable-gen2",
        "version": "4593.2.5",
    },
    version="4593.2.5",
    plan={"name": "stable-gen2", "publisher": "kinvolk", "product": "flatcar-container-linux-free"},
)


def rsa(bits: int) -> str:
    """The text of a public key that is none but for its form."""
    fields = (b"ssh-rsa", b"\1\0\1", b"\0" + b"\xff" * (bits // 8))
    blob = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return f"ssh-rsa {base64.b64encode(blob).decode()} somebody"


RSA = rsa(2048)
ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdZ5Z0sZ9iFZ3m2Zl8oGHFMcYpRrd7vQ1hbqkTqTqXq me@example.com"


def options(**given: t.Any) -> Json:
    """The options of one VM."""
    return defaults({"name": "node1", "resource_group": "prod", **given}, vm_options.MACHINE)


def id_of(kind: str, name: str, namespace: str = "Microsoft.Compute") -> str:
    return str(resource_id.make(SUBSCRIPTION, "prod", f"{namespace}/{kind}", name))


def echo(body: Json, name: str = "node1") -> Json:
    """What Azure tells of a VM that was made with this body: without secrets, and with what it adds by itself."""
    vm = copy.deepcopy(body)
    properties = vm["properties"]
    storage = properties["storageProfile"]
    vm.update(id=id_of("virtualMachines", name).upper(), name=name, type="Microsoft.Compute/virtualMachines")
    vm["etag"] = '"1"'
    properties["osProfile"].pop("customData", None)
    properties.pop("userData", None)
    properties["osProfile"].update(secrets=[], allowExtensionOperations=True, requireGuestProvisionSignal=True)
    properties["osProfile"]["linuxConfiguration"].update(
        provisionVMAgent=True, patchSettings={"patchMode": "ImageDefault"}
    )
    storage["imageReference"]["exactVersion"] = storage["imageReference"].get("version", "1.0.0")
    storage["diskControllerType"] = "SCSI"
    _disk(storage["osDisk"], f"{name}_OsDisk_1_abc", 30, "ReadWrite")
    storage["osDisk"]["osType"] = "Linux"
    for disk in storage["dataDisks"]:
        _disk(disk, disk["name"], 0, "None")
        disk["toBeDetached"] = False
    for nic in properties["networkProfile"]["networkInterfaces"]:
        nic["id"] = nic["id"].replace("resourceGroups", "resourcegroups")
    identity = vm.get("identity") or {}
    if "SystemAssigned" in identity.get("type", ""):
        identity.update(principalId="p", tenantId="t")
    for assigned in identity.get("userAssignedIdentities") or ():
        identity["userAssignedIdentities"][assigned] = {"principalId": "p", "clientId": "c"}
    for part in ("availabilitySet", "proximityPlacementGroup"):
        if part in properties:
            properties[part] = {"id": properties[part]["id"].upper()}
    properties.setdefault("securityProfile", {}).setdefault("securityType", "Standard")
    properties.update(provisioningState="Succeeded", vmId="v", timeCreated="2026-01-01T00:00:00+00:00")
    return vm


def _disk(disk: Json, name: str, size: int, caching: str) -> None:
    disk.setdefault("name", name)
    disk.setdefault("caching", caching)
    disk.setdefault("diskSizeGB", size)
    managed = disk.setdefault("managedDisk", {})
    managed.setdefault("storageAccountType", "Premium_LRS")
    managed.setdefault("id", id_of("disks", disk["name"]).replace("prod", "PROD"))
