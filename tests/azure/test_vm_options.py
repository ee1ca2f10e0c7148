# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of a VM at a stand-in for Azure: a VM that is made with it, and one that gets it later."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, resource_id, session
from ansible_collections.flatops.flatcar.tests.azure.lab import GROUP, Json, Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdZ5Z0sZ9iFZ3m2Zl8oGHFMcYpRrd7vQ1hbqkTqTqXq me@example.com"
#: Given with each VM that shall take what takes a deallocated one.
FORCE = {"force": True}
DISKS = [{"disk_size_gb": 8}, {"name": "data", "lun": 7, "disk_size_gb": 16, "caching": "ReadOnly", "keep": True}]
SPOT = {"priority": "Spot", "eviction_policy": "Delete", "max_price": 0.25}
LARGE = {"vm_size": "Standard_D2ds_v5"}


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def at(found: t.Any, path: str) -> t.Any:
    """What lies at a path such as a.0.b; None where nothing does."""
    for step in path.split("."):
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def identity(name: str) -> str:
    made = resource_id.make("s", "ids", "Microsoft.ManagedIdentity/userAssignedIdentities", name)
    return str(made)


def placed(lab: Lab) -> None:
    """An availability set and a proximity placement group, in the group of the VMs."""
    place = {"location": "westeurope"}
    with session.open_session(lab.login) as opened:
        compute = opened.compute
        request.get(opened, "group", opened.resources.resource_groups.create_or_update, GROUP, place)
        sets, groups = compute.availability_sets, compute.proximity_placement_groups
        request.get(opened, "set", sets.create_or_update, GROUP, "set", {**place, "sku": {"name": "Aligned"}})
        request.get(opened, "near", groups.create_or_update, GROUP, "near", place)


@pytest.mark.parametrize(
    "given, path, there",
    [
        ({"zones": ["2"]}, "zones", ["2"]),
        ({"proximity_placement_group": "NEAR"}, "properties.proximityPlacementGroup.id", "/near"),
        ({"availability_set": "set"}, "properties.availabilitySet.id", "/set"),
        (SPOT, "properties.priority", "Spot"),
        (SPOT, "properties.evictionPolicy", "Delete"),
        (SPOT, "properties.billingProfile.maxPrice", 0.25),
        ({"vm_identity": {"type": "SystemAssigned"}}, "identity.type", "SystemAssigned"),
        (
            {"vm_identity": {"type": "UserAssigned", "user_assigned_identities": {"id": [identity("me")]}}},
            "identity.type",
            "UserAssigned",
        ),
        ({}, "properties.diagnosticsProfile.bootDiagnostics.enabled", True),
        ({"boot_diagnostics": {"enabled": False}}, "properties.diagnosticsProfile.bootDiagnostics.enabled", False),
        (
            {"boot_diagnostics": {"storage_account": "logs"}},
            "properties.diagnosticsProfile.bootDiagnostics.storageUri",
            "https://logs.blob",
        ),
        (
            {"managed_disk_type": "StandardSSD_LRS"},
            "properties.storageProfile.osDisk.managedDisk.storageAccountType",
            "StandardSSD_LRS",
        ),
        ({"os_disk_size_gb": 64}, "properties.storageProfile.osDisk.diskSizeGB", 64),
        ({"os_disk_caching": "ReadOnly"}, "properties.storageProfile.osDisk.caching", "ReadOnly"),
        ({**LARGE, "ephemeral_os_disk": True}, "properties.storageProfile.osDisk.diffDiskSettings.option", "Local"),
        ({"data_disks": DISKS}, "properties.storageProfile.dataDisks.0.name", "node1-disk1"),
        ({"data_disks": DISKS}, "properties.storageProfile.dataDisks.1.lun", 7),
        ({"data_disks": DISKS}, "properties.storageProfile.dataDisks.1.createOption", "Attach"),
        ({"data_disks": DISKS}, "properties.storageProfile.dataDisks.1.deleteOption", "Detach"),
        ({}, "properties.securityProfile.securityType", None),
        ({"security_profile": {"security_type": "Standard"}}, "properties.securityProfile.securityType", "Standard"),
        ({"security_profile": {"encryption_at_host": True}}, "properties.securityProfile.encryptionAtHost", True),
        ({"admin_username": "alice"}, "properties.osProfile.adminUsername", "alice"),
        (
            {"ssh_public_keys": [KEY]},
            "properties.osProfile.linuxConfiguration.ssh.publicKeys.0.keyData",
            KEY,
        ),
        (
            {"ssh_public_keys": [{"key_data": KEY}], "admin_username": "alice"},
            "properties.osProfile.linuxConfiguration.ssh.publicKeys.0.path",
            "/home/alice/.ssh/authorized_keys",
        ),
        ({"ignition": ignition(), "ignition_in": "user_data"}, "properties.osProfile.customData", None),
        ({"image": {"channel": "beta", "version": "4593.1.0"}}, "plan.name", "beta-gen2"),
        (
            {"image": {"channel": "stable", "generation": "V1"}},
            "properties.storageProfile.imageReference.sku",
            "stable",
        ),
        (
            {"image": {"channel": "lts", "arch": "arm64"}, "vm_size": "Standard_D2ps_v5"},
            "properties.storageProfile.imageReference.offer",
            "flatcar-container-linux-corevm",
        ),
        (
            {"image": "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2:latest"},
            "plan",
            None,
        ),
        (
            {"image": {"community_gallery": "flatcar", "definition": "flatcar-stable-amd64"}},
            "properties.storageProfile.imageReference.communityGalleryImageId",
            "/CommunityGalleries/flatcar-",
        ),
        ({"tags": {"Env": "prod", "n": 1}}, "tags.n", "1"),
    ],
)
def test_made_with(lab: Lab, given: Json, path: str, there: t.Any) -> None:
    """Also in check mode, and without a change the second time."""
    placed(lab)
    lab.twice(**given)
    found = at(lab.there()["node1"], path)
    if isinstance(there, str) and there.startswith(("/", "https:")):
        assert there.lower() in found.lower()
    else:
        assert found == there


@pytest.mark.parametrize(
    "before, after, fields, power",
    [
        ({}, {"vm_size": "Standard_D4s_v5", **FORCE}, {"vm_size": "deallocate"}, []),
        ({}, {"proximity_placement_group": "near", **FORCE}, {"proximity_placement_group": "deallocate"}, []),
        ({"priority": "Spot"}, {"priority": "Spot", "max_price": 1.5, **FORCE}, {"max_price": "deallocate"}, []),
        ({}, {"vm_identity": {"type": "SystemAssigned"}}, {"vm_identity": "live"}, None),
        (
            {"vm_identity": {"type": "UserAssigned", "user_assigned_identities": {"id": [identity("a")]}}},
            {
                "vm_identity": {
                    "type": "SystemAssigned, UserAssigned",
                    "user_assigned_identities": {"id": [identity("b")], "append": False},
                }
            },
            {"vm_identity": "live"},
            None,
        ),
        ({"vm_identity": {"type": "SystemAssigned"}}, {"vm_identity": {"type": "None"}}, {"vm_identity": "live"}, None),
        ({}, {"boot_diagnostics": {"enabled": False}}, {"boot_diagnostics": "live"}, None),
        (
            {"boot_diagnostics": {"storage_account": "logs"}},
            {"boot_diagnostics": {}},
            {"boot_diagnostics": "live"},
            None,
        ),
        ({}, {"managed_disk_type": "StandardSSD_LRS", **FORCE}, {"managed_disk_type": "deallocate"}, []),
        ({}, {"os_disk_size_gb": 64, **FORCE}, {"os_disk_size_gb": "deallocate"}, []),
        ({}, {"os_disk_caching": "ReadOnly", **FORCE}, {"os_disk_caching": "deallocate"}, []),
        ({}, {"data_disks": DISKS}, {"data_disks[disk1]": "live", "data_disks[data]": "live"}, None),
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {"data_disks": [{"disk_size_gb": 12, "caching": "ReadWrite", "keep": True}]},
            {
                "data_disks[disk1].disk_size_gb": "live",
                "data_disks[disk1].caching": "live",
                "data_disks[disk1].keep": "live",
            },
            None,
        ),
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {"data_disks": [{"disk_size_gb": 8, "managed_disk_type": "StandardSSD_LRS"}], **FORCE},
            {"data_disks[disk1].managed_disk_type": "deallocate"},
            [],
        ),
        (
            {},
            {"security_profile": {"encryption_at_host": True}, **FORCE},
            {"security_profile.encryption_at_host": "deallocate"},
            [],
        ),
        ({"tags": {"a": "1"}}, {"tags": {"A": "2", "b": "3"}}, {"tags": "live"}, None),
        ({"tags": {"a": "1"}}, {"tags": {"b": "2"}, "append_tags": False}, {"tags": "live"}, None),
    ],
)
def test_gets_later(lab: Lab, before: Json, after: Json, fields: dict[str, str], power: list[str] | None) -> None:
    """Some while it runs, some while it is deallocated, and then without a change the second time."""
    placed(lab)
    made = lab.vm(**before)
    assert not made["failed"], made
    row = lab.twice(**after)
    assert {change["field"]: change["needs"] for change in row["drift"]} == fields
    assert row["power_state"] == "running"
    assert ("deallocated" in row["actions"]) == (power is not None)
    assert lab.tags("node1")["state"] == "complete"


def test_a_disk_that_is_kept_comes_back(lab: Lab) -> None:
    given = {"data_disks": [{"name": "data", "disk_size_gb": 8, "keep": True}]}
    lab.vm(**given)
    before = lab.there("disks")["node1-data"]["properties"]["uniqueId"]
    lab.vm(state="absent", **given)
    assert "node1" not in lab.there()
    lab.twice(**given)
    assert lab.there("disks")["node1-data"]["properties"]["uniqueId"] == before


def test_a_disk_of_others_is_left_alone(lab: Lab) -> None:
    """A storage driver attaches one, at the place of one that is described later."""
    made = lab.vm()
    disk = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 5}}
    with session.open_session(lab.login) as opened:
        compute = opened.compute
        pvc = request.begin(opened, "disk", compute.disks.begin_create_or_update, GROUP, "pvc", disk)
        entry = {"lun": 0, "createOption": "Attach", "managedDisk": {"id": pvc["id"]}}
        body = {"properties": {"storageProfile": {"dataDisks": [entry]}}}
        request.begin(opened, "attach", compute.virtual_machines.begin_update, GROUP, "node1", body)
    with lab.looking():
        assert not lab.vm()["changed"]
    row = lab.twice(data_disks=[{"disk_size_gb": 8}])
    assert [(disk["name"], disk["lun"]) for disk in row["disks"][1:]] == [("pvc", 0), ("node1-disk1", 1)]
    assert row["id"] == made["id"]
    lab.vm(state="absent")
    assert "pvc" in lab.there("disks")


def test_a_newer_image_is_no_drift(lab: Lab) -> None:
    lab.vm(image={"channel": "stable", "version": "3975.2.10"})
    row = lab.vm(image="stable")
    assert (row["error_code"], row["drift"][0]["field"]) == ("immutable_changed", "image")
    lab.vm(name="node2", image="stable")
    with lab.looking():
        assert not lab.vm(name="node2", image={"channel": "stable"})["changed"]


@pytest.mark.parametrize(
    "given, field",
    [
        ({"image": "beta"}, "image"),
        ({"zones": ["1"]}, "zones"),
        ({"availability_set": "set"}, "availability_set"),
        ({"admin_username": "alice"}, "admin_username"),
        ({"ssh_public_keys": [KEY]}, "ssh_public_keys"),
        ({"priority": "Spot"}, "priority"),
        ({"ephemeral_os_disk": True}, "ephemeral_os_disk"),
    ],
)
def test_what_only_a_new_vm_can_have(lab: Lab, given: Json, field: str) -> None:
    placed(lab)
    lab.vm(**LARGE)
    with lab.looking():
        row = lab.vm(**LARGE, **given)
    assert (row["error_code"], row["drift"][0]["field"]) == ("immutable_changed", field)
    assert field in row["msg"]
    assert "created" in lab.twice(**LARGE, **given, on_immutable_change="replace")["actions"]


def test_secrets_are_nowhere_to_be_seen(lab: Lab) -> None:
    for where in ("custom_data", "user_data"):
        row = lab.vm(name=where.replace("_", "-"), ignition=ignition("hidden-word"), ignition_in=where)
        assert not row["failed"]
        assert "hidden-word" not in f"{row}{lab.diff}"
