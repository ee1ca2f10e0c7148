# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of azure_vm: as documented, merged for each VM, and checked before any call."""

from __future__ import annotations

import json
import pathlib
import types
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.doc_fragments import azure
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vm_described, vm_options, vm_user_data
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import CODES, AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_desired import desired
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Identity
from ansible_collections.flatops.flatcar.plugins.modules import azure_vm, azure_vm_info
from ansible_collections.flatops.flatcar.tests.options import of_documentation, of_spec
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_vm_options import (
    ED25519,
    RSA,
    id_of,
    options,
    rsa,
)

DISKS = [{"disk_size_gb": 10}, {"name": "logs", "lun": 5, "disk_size_gb": 5000, "keep": True}]


@pytest.mark.parametrize("module", [azure_vm, azure_vm_info])
def test_options_are_as_documented(module: types.ModuleType) -> None:
    documented = {}
    for text in (azure.ModuleDocFragment.DOCUMENTATION, module.DOCUMENTATION):
        documented.update(yaml.safe_load(text)["options"])
    assert of_documentation(documented) == of_spec(module.SPEC)


@pytest.mark.parametrize("module", [azure_vm, azure_vm_info])
def test_results_are_documented(module: types.ModuleType) -> None:
    contained = yaml.safe_load(module.RETURN)["vms"]["contains"]
    assert set(vm_described.BARE) <= set(contained)


def test_each_error_is_documented() -> None:
    (text,) = yaml.safe_load(azure_vm.RETURN)["error_code"]["description"]
    words = text.replace(",", " ").replace(".", " ").split()
    assert {word[2:-1] for word in words if word.startswith("V(")} == set(CODES)


def test_each_option_of_a_vm_can_be_of_an_instance() -> None:
    assert set(vm_options.INSTANCE) == set(vm_options.MACHINE) - {"ignition"}


def test_what_an_instance_leaves_out_is_the_tasks() -> None:
    task = options(vm_size="A", ignition="{}", availability_set="set", force=True)
    none = dict.fromkeys(vm_options.INSTANCE)
    task["instances"] = [
        {**none, "name": "one", "vm_size": "B", "force": False},
        {**none, "name": "two", "ignition_file": "/two", "zones": ["2"]},
    ]
    one, two = vm_options.each(task)
    assert (one["name"], one["vm_size"], one["force"], one["ignition"]) == ("one", "B", False, "{}")
    assert (one["availability_set"], one["zones"], one["resource_group"]) == ("set", None, "prod")
    assert (two["ignition"], two["ignition_file"]) == (None, "/two")
    assert (two["availability_set"], two["zones"]) == (None, ["2"])


@pytest.mark.parametrize(
    "given, said",
    [
        ({"name": "-a"}, "name '-a'"),
        ({"name": "a" * 65}, "1 to 64"),
        ({"name": "a."}, "name 'a.'"),
        ({"resource_group": None}, "node1 has no resource_group"),
        ({"resource_group": "a."}, "resource_group 'a.'"),
        ({"resource_group": "a/b"}, "resource_group 'a/b'"),
        ({"image": "stabel"}, "image 'stabel'"),
        ({"admin_username": "admin"}, "Azure reserves this name"),
        ({"admin_username": "Core"}, "small letters"),
        ({"ssh_public_keys": ["ecdsa-sha2-nistp256 AAAA"]}, r"ssh_public_keys\[0\]: Azure takes"),
        ({"ssh_public_keys": [RSA, "ssh-ed25519 AAAA"]}, r"ssh_public_keys\[1\]: the text"),
        ({"ssh_public_keys": [rsa(1024)]}, "2048 bits"),
        ({"ssh_public_keys": ["ssh-rsa " + ED25519.split()[1]]}, "not of the type ssh-rsa"),
        ({"ssh_public_keys": [{"path": "/a"}]}, "neither the text of a key nor a mapping with key_data"),
        ({"zones": ["1", "2"]}, "a VM is in one zone"),
        ({"zones": ["a"]}, "'a' is no zone"),
        ({"zones": ["1"], "availability_set": "a"}, "either in a zone"),
        ({"availability_set": id_of("virtualMachines", "a")}, "should be a Microsoft.Compute/availabilitySets"),
        ({"proximity_placement_group": "/a"}, "proximity_placement_group: '/a' is no resource id"),
        ({"eviction_policy": "Delete"}, "eviction_policy has no meaning without priority Spot"),
        ({"max_price": 1.0, "priority": "Regular"}, "max_price has no meaning"),
        ({"max_price": 0.0, "priority": "Spot"}, "max_price is 0.0"),
        ({"priority": "Spot", "availability_set": "a"}, "no spot VMs in availability sets"),
        ({"vm_identity": {"type": "UserAssigned"}}, "needs user_assigned_identities"),
        (
            {"vm_identity": {"type": "SystemAssigned", "user_assigned_identities": {"id": ["/a"]}}},
            "takes no user_assigned_identities",
        ),
        (
            {"vm_identity": {"type": "UserAssigned", "user_assigned_identities": {"id": ["me"]}}},
            r"user_assigned_identities.id\[0\]: 'me' is no resource id",
        ),
        ({"os_disk_size_gb": 0}, "os_disk_size_gb is 0"),
        ({"os_disk_size_gb": 4096}, "1 to 4095"),
        ({"ephemeral_os_disk": True, "state": "deallocated"}, "cannot be deallocated"),
        ({"ephemeral_os_disk": True, "os_disk_caching": "ReadWrite"}, "the caching ReadOnly"),
        ({"ephemeral_os_disk": True, "managed_disk_type": "Premium_LRS"}, "Standard_LRS"),
        ({"ephemeral_os_disk": True, "priority": "Spot"}, "it is Delete for a spot VM"),
        ({"data_disks": [{"disk_size_gb": 0}]}, r"data_disks\[0\].disk_size_gb is 0"),
        ({"data_disks": [{"disk_size_gb": 40000}]}, "1 to 32767"),
        ({"data_disks": [{"disk_size_gb": 1, "lun": 64}]}, r"data_disks\[0\].lun is 64"),
        ({"data_disks": [{"disk_size_gb": 1, "lun": 1}, {"disk_size_gb": 1}]}, "the same lun"),
        ({"data_disks": [{"disk_size_gb": 1, "name": "disk2"}, {"disk_size_gb": 1}]}, "the same name"),
        ({"data_disks": [{"disk_size_gb": 1, "name": "a/b"}]}, r"data_disks\[0\].name"),
        ({"data_disks": [{"disk_size_gb": 4096, "caching": "ReadOnly"}]}, "caching is ReadOnly"),
        ({"security_profile": {"uefi_settings": {"v_tpm_enabled": True}}}, "without the security_type"),
        ({"tags": {"a<b": "1"}}, "cannot be the name of a tag"),
        ({"tags": {"azure-a": "1"}}, "cannot be the name of a tag"),
        ({"tags": {"flatcar-ansible-state": "1"}}, "are for this collection"),
        ({"tags": {"a": "x" * 257}}, "a has 257 characters"),
        ({"tags": {"a": 1, "A": 2}}, "upper and lower case"),
        ({"tags": dict.fromkeys(map(str, range(50)))}, "at most 50"),
        ({"ignition_file": "/none.ign"}, "ignition_file /none.ign cannot be read"),
        ({"on_ignition_change": "update"}, "changes the custom data of no VM"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AzureError, match=said) as caught:
        desired(options(**given))
    assert caught.value.code == "bad_option"


def test_what_is_meant() -> None:
    wanted = desired(
        options(
            location="West Europe",
            image="stable",
            admin_username="alice",
            ssh_public_keys=[{"key_data": f" {ED25519}\n"}, RSA],
            zones=["3"],
            data_disks=DISKS,
            tags={"env": "prod", "n": 1, "on": True, "empty": None},
            vm_identity={"type": "SystemAssigned"},
            boot_diagnostics={"enabled": False},
            plan={"name": "p", "product": "q", "publisher": "r"},
        )
    )
    assert wanted.location == "westeurope"
    assert wanted.plan == {"name": "p", "product": "q", "publisher": "r"}
    assert wanted.tags == {"env": "prod", "n": "1", "on": "true", "empty": ""}
    settings = wanted.settings
    assert settings.ssh_keys == (ED25519, RSA)
    assert (settings.admin_username, settings.zone, settings.boot_diagnostics) == ("alice", "3", "")
    assert settings.identity == Identity("SystemAssigned", (), True)
    assert [(disk.resource, disk.lun, disk.has_lun, disk.keep) for disk in settings.data_disks] == [
        ("node1-disk1", 0, False, False),
        ("node1-logs", 5, True, True),
    ]


def test_a_vm_that_goes_needs_no_config(tmp_path: pathlib.Path) -> None:
    wanted = desired(options(state="absent", ignition_file=str(tmp_path / "none"), image="gone"))
    assert (wanted.ignition, wanted.image) == (None, None)


def ignition(size: int = 0, spec: str = "3.4.0") -> str:
    config: dict[str, t.Any] = {"ignition": {"version": spec}}
    text = json.dumps(config)
    if size:
        file = {"path": "/a", "contents": {"source": "data:,"}}
        config["storage"] = {"files": [file]}
        text = json.dumps(config)
        file["contents"] = {"source": "data:," + "a" * (size - len(text))}
        text = json.dumps(config)
    return text


@pytest.mark.parametrize("where", ["custom_data", "user_data"])
def test_size_of_a_config(where: str) -> None:
    most = ignition(vm_user_data.LIMIT)
    assert len(most) == 65535
    found = desired(options(ignition=most, ignition_in=where)).ignition
    assert found and found.data == most.encode()
    with pytest.raises(AzureError, match=r"65536 bytes.*holds 65535") as caught:
        desired(options(ignition=ignition(65536), ignition_in=where))
    assert caught.value.code == "userdata_too_large"


@pytest.mark.parametrize(
    "text, said",
    [
        ("{", "no valid Ignition config: .*unexpected end"),
        ("#cloud-config\n", "no valid Ignition config"),
        ('{"ignition":{"version":"9.0.0"}}', "unsupported config version"),
        ('{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"x"}]}}', r"storage\.files\.0\.path"),
    ],
)
def test_what_is_no_config(text: str, said: str) -> None:
    with pytest.raises(AzureError, match=said) as caught:
        desired(options(ignition=text))
    assert caught.value.code == "ignition_invalid"


def test_a_config_from_a_file_and_its_warnings(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "a.ign"
    file.write_text('{"ignition":{"version":"2.3.0"}}', encoding="utf-8")
    wanted = desired(options(ignition_file=str(file)))
    assert wanted.ignition and wanted.ignition.spec is None
    assert "specification 2" in wanted.warnings[0]


@pytest.mark.parametrize(
    "spec, version, boots",
    [
        ("3.5.0", "4593.2.5", True),
        ("3.6.0", "4593.2.5", False),
        ("3.7.0-experimental", "4593.2.5", False),
        ("3.7.0-experimental", "4799.0.0", True),
        ("3.4.0", "3374.2.5", False),
        ("3.6.0", "22.04.202301010", True),
        ("3.6.0", "latest", True),
        ("3.6.0", "1.0.0", True),
    ],
)
def test_spec_that_a_named_version_boots(spec: str, version: str, boots: bool) -> None:
    given = options(ignition=ignition(spec=spec), image=f"kinvolk:flatcar-container-linux-free:stable-gen2:{version}")
    if boots:
        desired(given)
        return
    with pytest.raises(AzureError, match=f"of the specification {spec}, and Flatcar {version} boots at most") as caught:
        desired(given)
    assert caught.value.code == "ignition_invalid"
