# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON of a new VM, and the key that nobody has the other half of."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import ssh_key, vm_body, vm_disks
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_desired import desired
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_vm_options import (
    ED25519,
    IMAGE,
    PLACE,
    SUBSCRIPTION,
    id_of,
    options,
)

NIC = id_of("networkInterfaces", "node1-nic", "Microsoft.Network")
IGNITION = '{"ignition":{"version":"3.4.0"}}'


def body(attach: t.Mapping[str, str] | None = None, **given: t.Any) -> dict[str, t.Any]:
    wanted = desired(options(vm_size="Standard_D2s_v5", image="stable", **given))
    return vm_body.body(wanted, PLACE, IMAGE, [{"id": NIC, "deleteOption": "Delete"}], attach or {})


def test_the_least() -> None:
    made = body()
    keys = made["properties"]["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"]
    assert keys == [{"path": "/home/core/.ssh/authorized_keys", "keyData": ssh_key.decoy()}]
    made["properties"]["osProfile"]["linuxConfiguration"]["ssh"] = None
    assert made == {
        "location": "westeurope",
        "tags": {
            "flatcar-ansible-state": "creating",
            "flatcar-ansible-source": "kinvolk:flatcar-container-linux-free:stable-gen2",
        },
        "plan": IMAGE.plan,
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "imageReference": IMAGE.reference,
                "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
                "dataDisks": [],
            },
            "osProfile": {
                "computerName": "node1",
                "adminUsername": "core",
                "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": None},
            },
            "networkProfile": {
                "networkInterfaces": [{"id": NIC, "properties": {"primary": True, "deleteOption": "Delete"}}]
            },
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        },
    }


def test_the_most() -> None:
    identity = id_of("userAssignedIdentities", "me", "Microsoft.ManagedIdentity")
    made = body(
        attach={"node1-data": id_of("disks", "node1-data")},
        ignition=IGNITION,
        ignition_in="user_data",
        admin_username="alice",
        ssh_public_keys=[ED25519],
        zones=["2"],
        proximity_placement_group="near",
        priority="Spot",
        max_price=0.5,
        vm_identity={"type": "SystemAssigned, UserAssigned", "user_assigned_identities": {"id": [identity]}},
        boot_diagnostics={"storage_account": "logs"},
        managed_disk_type="StandardSSD_LRS",
        os_disk_size_gb=64,
        os_disk_caching="ReadOnly",
        data_disks=[
            {"name": "data", "disk_size_gb": 10, "keep": True},
            {"disk_size_gb": 4, "managed_disk_type": "UltraSSD_LRS", "caching": "None"},
        ],
        security_profile={"security_type": "ConfidentialVM", "encryption_at_host": True},
        tags={"env": "prod"},
        plan={"name": "a", "product": "b", "publisher": "c"},
    )
    properties = made["properties"]
    assert properties["userData"] == base64.b64encode(IGNITION.encode()).decode()
    assert "customData" not in properties["osProfile"]
    (key,) = properties["osProfile"]["linuxConfiguration"]["ssh"]["publicKeys"]
    assert key == {"path": "/home/alice/.ssh/authorized_keys", "keyData": ED25519}
    assert made["zones"] == ["2"]
    assert properties["proximityPlacementGroup"] == {"id": id_of("proximityPlacementGroups", "near")}
    assert (properties["priority"], properties["evictionPolicy"]) == ("Spot", "Deallocate")
    assert properties["billingProfile"] == {"maxPrice": 0.5}
    assert made["identity"] == {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {identity: {}}}
    assert properties["diagnosticsProfile"]["bootDiagnostics"] == {
        "enabled": True,
        "storageUri": "https://logs.blob.core.windows.net/",
    }
    assert properties["storageProfile"]["osDisk"] == {
        "createOption": "FromImage",
        "deleteOption": "Delete",
        "diskSizeGB": 64,
        "caching": "ReadOnly",
        "managedDisk": {
            "storageAccountType": "StandardSSD_LRS",
            "securityProfile": {"securityEncryptionType": "VMGuestStateOnly"},
        },
    }
    assert properties["storageProfile"]["dataDisks"] == [
        {
            "lun": 0,
            "name": "node1-data",
            "createOption": "Attach",
            "deleteOption": "Detach",
            "managedDisk": {"id": id_of("disks", "node1-data")},
        },
        {
            "lun": 1,
            "name": "node1-disk2",
            "createOption": "Empty",
            "deleteOption": "Delete",
            "caching": "None",
            "diskSizeGB": 4,
            "managedDisk": {"storageAccountType": "UltraSSD_LRS"},
        },
    ]
    assert properties["additionalCapabilities"] == {"ultraSSDEnabled": True}
    assert properties["securityProfile"] == {
        "securityType": "ConfidentialVM",
        "encryptionAtHost": True,
        "uefiSettings": {"vTpmEnabled": True},
    }
    assert made["tags"]["env"] == "prod"
    assert len(made["tags"]["flatcar-ansible-ignition"]) == 64
    assert made["plan"] == {"name": "a", "product": "b", "publisher": "c"}


def test_custom_data_and_an_availability_set() -> None:
    made = body(ignition=IGNITION, availability_set="set", boot_diagnostics={"enabled": False})
    properties = made["properties"]
    assert base64.b64decode(properties["osProfile"]["customData"]) == IGNITION.encode()
    assert "userData" not in properties
    assert properties["availabilitySet"] == {"id": id_of("availabilitySets", "set")}
    assert properties["diagnosticsProfile"] == {"bootDiagnostics": {"enabled": False}}


def test_an_ephemeral_disk() -> None:
    disk = body(ephemeral_os_disk=True)["properties"]["storageProfile"]["osDisk"]
    assert (disk["caching"], disk["diffDiskSettings"]) == ("ReadOnly", {"option": "Local"})


def test_several_interfaces() -> None:
    nics = vm_body.nics_json([{"id": "/a"}, {"id": "/b", "deleteOption": "Delete"}])
    assert [each["properties"] for each in nics] == [
        {"primary": True, "deleteOption": "Detach"},
        {"primary": False, "deleteOption": "Delete"},
    ]


@pytest.mark.parametrize("missing", ["vm_size", "image"])
def test_what_a_new_vm_needs(missing: str) -> None:
    given = {"vm_size": "a", "image": "stable", missing: None}
    with pytest.raises(AzureError, match=f"{missing} is needed to make it") as caught:
        vm_body.body(desired(options(**given)), PLACE, IMAGE, [], {})
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    "vm, host", [("node1", "node1"), ("node_1", "node-1"), ("node_", "node"), ("42", "vm-42"), ("a.b", "a.b")]
)
def test_host_name(vm: str, host: str) -> None:
    assert body(name=vm)["properties"]["osProfile"]["computerName"] == host


def test_decoy_key_is_one_that_azure_takes() -> None:
    key = ssh_key.decoy()
    assert ssh_key.checked(key, "key") == key
    assert ssh_key.decoy() is key


def test_a_disk_of_its_own() -> None:
    wanted = desired(
        options(
            zones=["1"],
            tags={"a": "b"},
            data_disks=[{"name": "data", "disk_size_gb": 8, "managed_disk_type": "Premium_LRS", "keep": True}],
        )
    )
    assert vm_disks.own_json(wanted, wanted.settings.data_disks[0], "westeurope") == {
        "location": "westeurope",
        "zones": ["1"],
        "sku": {"name": "Premium_LRS"},
        "tags": {"a": "b", "flatcar-ansible-owner": "prod/node1"},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
    }


def test_source_of_an_image_in_the_vms_group() -> None:
    wanted = desired(options(image={"name": "own"}))
    assert vm_body.stamps(wanted, SUBSCRIPTION, "complete") == {
        "flatcar-ansible-state": "complete",
        "flatcar-ansible-source": id_of("images", "own").lower(),
    }
