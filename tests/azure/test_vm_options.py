# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of a VM at a stand-in for Azure: a VM that is made with it, and one that gets it later."""

from __future__ import annotations

import typing as t

import pytest
from azure.mgmt.compute import models

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, resource_id, session, vm_options
from ansible_collections.flatops.flatcar.tests.azure.lab import GROUP, Json, Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdZ5Z0sZ9iFZ3m2Zl8oGHFMcYpRrd7vQ1hbqkTqTqXq me@example.com"
DISKS = [{"disk_size_gb": 8}, {"name": "data", "lun": 7, "disk_size_gb": 16, "caching": "ReadOnly", "keep": True}]
LARGE: Json = {"vm_size": "Standard_D2ds_v5"}
#: Where things are in the JSON of a VM.
REFERENCE = "properties.storageProfile.imageReference"
SYSTEM = "properties.storageProfile.osDisk"
DATA = "properties.storageProfile.dataDisks"
DIAGNOSTICS = "properties.diagnosticsProfile.bootDiagnostics"
KEYS = "properties.osProfile.linuxConfiguration.ssh.publicKeys"


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
    "given, there",
    [
        (
            {},
            {
                f"{DIAGNOSTICS}.enabled": True,
                "properties.securityProfile.securityType": None,
                "properties.osProfile.adminUsername": "core",
                "plan.product": "flatcar-container-linux-free",
            },
        ),
        (
            {
                "zones": ["2"],
                "proximity_placement_group": "NEAR",
                "priority": "Spot",
                "eviction_policy": "Delete",
                "max_price": 0.25,
                "vm_identity": {"type": "SystemAssigned"},
                "boot_diagnostics": {"enabled": False},
                "managed_disk_type": "StandardSSD_LRS",
                "os_disk_size_gb": 64,
                "os_disk_caching": "ReadOnly",
                "security_profile": {"security_type": "Standard", "encryption_at_host": True},
                "tags": {"Env": "prod", "n": 1},
            },
            {
                "zones": ["2"],
                "properties.proximityPlacementGroup.id": "/near",
                "properties.priority": "Spot",
                "properties.evictionPolicy": "Delete",
                "properties.billingProfile.maxPrice": 0.25,
                "identity.type": "SystemAssigned",
                f"{DIAGNOSTICS}.enabled": False,
                f"{SYSTEM}.managedDisk.storageAccountType": "StandardSSD_LRS",
                f"{SYSTEM}.diskSizeGB": 64,
                f"{SYSTEM}.caching": "ReadOnly",
                "properties.securityProfile.securityType": "Standard",
                "properties.securityProfile.encryptionAtHost": True,
                "tags.n": "1",
            },
        ),
        (
            {
                "availability_set": "set",
                "vm_identity": {"type": "UserAssigned", "user_assigned_identities": {"id": [identity("me")]}},
                "boot_diagnostics": {"storage_account": "logs"},
                "data_disks": DISKS,
                "admin_username": "alice",
                "ssh_public_keys": [{"key_data": KEY}],
                "ignition": ignition(),
                "ignition_in": "user_data",
            },
            {
                "properties.availabilitySet.id": "/set",
                "identity.type": "UserAssigned",
                f"{DIAGNOSTICS}.storageUri": "https://logs.blob",
                f"{DATA}.0.name": "node1-disk1",
                f"{DATA}.0.deleteOption": "Delete",
                f"{DATA}.1.lun": 7,
                f"{DATA}.1.createOption": "Attach",
                f"{DATA}.1.deleteOption": "Detach",
                "properties.osProfile.adminUsername": "alice",
                f"{KEYS}.0.keyData": KEY,
                f"{KEYS}.0.path": "/home/alice/.ssh/authorized_keys",
                "properties.osProfile.customData": None,
            },
        ),
        ({**LARGE, "ephemeral_os_disk": True}, {f"{SYSTEM}.diffDiskSettings.option": "Local"}),
        (
            {"image": {"channel": "beta", "version": "4593.1.0", "generation": "V1"}},
            {"plan.name": "beta", f"{REFERENCE}.version": "4593.1.0"},
        ),
        (
            {"image": {"channel": "lts", "arch": "arm64"}, "vm_size": "Standard_D2ps_v5"},
            {f"{REFERENCE}.offer": "flatcar-container-linux-corevm", "plan": None},
        ),
        (
            {"image": "kinvolk:flatcar-container-linux-corevm-amd64:stable-gen2:latest"},
            {f"{REFERENCE}.version": "4593.2.2", "plan": None},
        ),
        (
            {"image": {"community_gallery": "flatcar", "definition": "flatcar-stable-amd64"}},
            {f"{REFERENCE}.communityGalleryImageId": "/CommunityGalleries/flatcar-"},
        ),
    ],
)
def test_made_with(lab: Lab, given: Json, there: Json) -> None:
    """Also in check mode, and without a change the second time."""
    placed(lab)
    lab.twice(**given)
    vm = lab.there()["node1"]
    for path, value in there.items():
        if isinstance(value, str) and value.startswith(("/", "https:")):
            assert value.lower() in at(vm, path).lower()
        else:
            assert at(vm, path) == value, path


@pytest.mark.parametrize(
    "before, after, fields",
    [
        (
            {
                "tags": {"a": "1"},
                "boot_diagnostics": {"storage_account": "logs"},
                "data_disks": [{"disk_size_gb": 8}],
                "vm_identity": {"type": "UserAssigned", "user_assigned_identities": {"id": [identity("a")]}},
            },
            {
                "tags": {"A": "2", "b": "3"},
                "boot_diagnostics": {},
                "data_disks": [{"disk_size_gb": 12, "caching": "ReadWrite", "keep": True}, *DISKS[1:]],
                "vm_identity": {
                    "type": "SystemAssigned, UserAssigned",
                    "user_assigned_identities": {"id": [identity("b")], "append": False},
                },
            },
            [
                "data_disks[disk1].disk_size_gb",
                "data_disks[disk1].caching",
                "data_disks[disk1].keep",
                "data_disks[data]",
                "vm_identity",
                "boot_diagnostics",
                "tags",
            ],
        ),
        (
            {"tags": {"a": "1"}, "vm_identity": {"type": "SystemAssigned"}},
            {
                "tags": {"b": "2"},
                "append_tags": False,
                "vm_identity": {"type": "None"},
                "boot_diagnostics": {"enabled": False},
                "data_disks": DISKS,
            },
            ["data_disks[disk1]", "data_disks[data]", "vm_identity", "boot_diagnostics", "tags"],
        ),
    ],
)
def test_gets_later_while_it_runs(lab: Lab, before: Json, after: Json, fields: list[str]) -> None:
    made = lab.vm(**before)
    assert not made["failed"], made
    row = lab.twice(**after, force=True)
    assert [(change["field"], change["needs"]) for change in row["drift"]] == [(field, "live") for field in fields]
    assert row["actions"] == ["updated"]
    assert row["power_state"] == "running"


@pytest.mark.parametrize(
    "before, after",
    [
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {
                "vm_size": "Standard_D4s_v5",
                "proximity_placement_group": "near",
                "managed_disk_type": "StandardSSD_LRS",
                "os_disk_size_gb": 64,
                "os_disk_caching": "ReadOnly",
                "data_disks": [{"disk_size_gb": 8, "managed_disk_type": "StandardSSD_LRS"}],
                "security_profile": {"encryption_at_host": True},
            },
        ),
        ({"priority": "Spot"}, {"priority": "Spot", "max_price": 1.5}),
    ],
)
def test_gets_later_while_it_is_deallocated(lab: Lab, before: Json, after: Json) -> None:
    placed(lab)
    made = lab.vm(**before)
    assert not made["failed"], made
    with lab.looking():
        row = lab.vm(**after)
    assert row["error_code"] == "power_state"
    row = lab.twice(**after, force=True)
    assert {change["needs"] for change in row["drift"]} == {"deallocate"}
    assert row["actions"] == ["deallocated", "updated", "started"]
    assert row["power_state"] == "running"


def test_a_disk_that_is_kept_comes_back(lab: Lab) -> None:
    given: Json = {"data_disks": [{"name": "data", "disk_size_gb": 8, "keep": True}]}
    lab.vm(**given)
    before = lab.there("disks")["node1-data"]["properties"]["uniqueId"]
    lab.vm(state="absent", **given)
    assert "node1" not in lab.there()
    lab.twice(**given)
    assert lab.there("disks")["node1-data"]["properties"]["uniqueId"] == before


def test_a_disk_that_comes_back_grows(lab: Lab) -> None:
    lab.vm(data_disks=[{"name": "data", "disk_size_gb": 8, "keep": True}])
    lab.vm(state="absent")
    row = lab.vm(data_disks=[{"name": "data", "disk_size_gb": 4, "keep": True}])
    assert (row["error_code"], row["actions"]) == ("immutable_changed", [])
    row = lab.twice(data_disks=[{"name": "data", "disk_size_gb": 16, "keep": True}])
    assert row["disks"][1]["size_gb"] == 16


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


def test_choices_are_those_of_the_api() -> None:
    for choices, enum in (
        (vm_options.CACHING, models.CachingTypes),
        (vm_options.DISK_TYPES, models.StorageAccountTypes),
        (vm_options.MACHINE["eviction_policy"]["choices"], models.VirtualMachineEvictionPolicyTypes),
        (vm_options.MACHINE["priority"]["choices"], models.VirtualMachinePriorityTypes),
    ):
        assert set(choices) <= {each.value for each in enum}
