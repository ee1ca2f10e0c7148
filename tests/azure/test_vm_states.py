# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_vm against the stand-in: each state twice and in check mode, VMs of others, and what is deleted."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.tests.azure.lab import Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def test_present(lab: Lab) -> None:
    row = lab.twice(ignition=ignition(), tags={"team": "a"})
    assert row["actions"] == ["terms_accepted", "network_created", "created"]
    assert (row["power_state"], row["provisioning_state"]) == ("running", "Succeeded")
    assert row["private_ips"]
    assert row["image"]["exact_version"] == "4593.2.2"
    assert row["ignition"] == {
        "sha256": row["stamp"]["ignition_sha256"],
        "bytes": len(ignition()),
        "where": "custom_data",
        "changed": None,
    }
    assert {id.rpartition("/")[2] for id in row["created"]} == set(lab.made())
    assert any("NAT gateway" in cost for cost in row["costs"])
    assert lab.tags("node1")["state"] == stamp.COMPLETE
    assert row["tags"] == {"team": "a"}
    assert "/etc/word" not in str(lab.diff)


@pytest.mark.parametrize(
    ("state", "power", "actions"),
    [
        ("running", "running", ["created"]),
        ("stopped", "stopped", ["created", "stopped"]),
        ("deallocated", "deallocated", ["created", "deallocated"]),
    ],
)
def test_a_state_of_power(lab: Lab, state: str, power: str, actions: list[str]) -> None:
    row = lab.twice(state=state)
    assert row["actions"][2:] == actions
    assert row["power_state"] == power


def test_from_state_to_state(lab: Lab) -> None:
    lab.vm()
    assert lab.twice(state="stopped")["actions"] == ["stopped"]
    assert lab.twice(state="running")["actions"] == ["started"]
    assert lab.twice(state="deallocated")["actions"] == ["deallocated"]
    assert lab.twice(state="present")["power_state"] == "deallocated"
    for action in ("started", "restarted", "restarted"):
        assert lab.vm(check=True, state="restarted")["actions"] == [action]
        assert lab.vm(state="restarted")["actions"] == [action]


def test_absent_takes_what_was_made_and_nothing_else(lab: Lab) -> None:
    lab.vm(check=True, state="absent")
    assert lab.twice(state="absent")["actions"] == []
    lab.vms(instances=[{"name": "node1"}, {"name": "node2"}])
    assert lab.twice(state="absent", create_network=False, outbound=None)["actions"] == ["deleted"]
    assert sorted(lab.there()) == ["node2"]
    assert sorted(lab.there("networkInterfaces")) == ["node2-nic"]
    assert len(lab.there("disks")) == 1
    assert lab.twice(name="node2", state="absent")["actions"] == ["deleted", "network_deleted"]
    assert lab.made() == []


def test_parts_without_a_vm_are_deleted(lab: Lab) -> None:
    """As a run leaves them that was killed before it made the VM."""
    lab.vms(instances=[{"name": "node1"}, {"name": "node2"}])
    lab.delete("node1", release=True)
    assert "node1-nic" in lab.there("networkInterfaces")
    assert lab.twice(state="absent", create_network=False, outbound=None)["actions"] == ["deleted"]
    assert "node1-nic" not in lab.there("networkInterfaces")


def test_a_vm_of_others_is_left_alone(lab: Lab) -> None:
    lab.vm()
    lab.disown("node1")
    row = lab.twice()
    assert (row["actions"], row["failed"]) == ([], False)
    assert "was not made by this collection and is left alone" in row["warnings"][0]
    for given in ({"state": "absent"}, {"state": "stopped"}, {"recreate": True}):
        with lab.looking():
            row = lab.vm(**given)
        assert row["error_code"] == "not_ours", row


def test_a_name_that_exists_with_other_properties(lab: Lab) -> None:
    lab.vm()
    lab.disown("node1")
    with lab.looking():
        row = lab.vm(vm_size="Standard_D4s_v5", tags={"team": "b"})
    assert row["error_code"] == "name_exists"
    assert "vm_size (Standard_D2s_v5 -> Standard_D4s_v5), tags" in row["msg"]


def test_adopt(lab: Lab) -> None:
    lab.vm()
    lab.disown("node1")
    row = lab.twice(adopt=True, ignition=ignition())
    assert row["actions"] == ["stamped"]
    assert lab.tags("node1")["ignition"] == row["ignition"]["sha256"]
    assert lab.tags("node1")["state"] == stamp.COMPLETE
    lab.disown("node1")
    assert lab.vm(adopt=True, state="absent")["actions"] == ["deleted", "network_deleted"]


def test_live_changes(lab: Lab) -> None:
    lab.vm()
    given: dict[str, t.Any] = {
        "tags": {"team": "a"},
        "boot_diagnostics": {"enabled": False},
        "vm_identity": {"type": "SystemAssigned"},
        "data_disks": [{"name": "data", "disk_size_gb": 8}, {"name": "kept", "disk_size_gb": 4, "keep": True}],
    }
    row = lab.twice(**given)
    assert row["actions"] == ["updated"]
    assert {change["field"] for change in row["drift"]} == {
        "tags",
        "boot_diagnostics",
        "vm_identity",
        "data_disks[data]",
        "data_disks[kept]",
    }
    assert {"node1-data", "node1-kept"} <= set(lab.there("disks"))
    given["data_disks"][0]["disk_size_gb"] = 16
    assert lab.twice(**given)["actions"] == ["updated"]
    assert lab.there("disks")["node1-data"]["properties"]["diskSizeGB"] == 16


def test_what_takes_a_vm_that_is_deallocated(lab: Lab) -> None:
    lab.vm()
    with lab.looking():
        row = lab.vm(vm_size="Standard_D4s_v5")
    assert row["error_code"] == "power_state"
    row = lab.twice(vm_size="Standard_D4s_v5", force=True)
    assert row["actions"] == ["deallocated", "updated", "started"]
    assert (row["vm_size"], row["power_state"]) == ("Standard_D4s_v5", "running")
    with lab.looking():
        row = lab.vm(vm_size="Standard_D2ps_v5", force=True)
    assert row["error_code"] == "size_unfit", row


def test_a_vm_runs_again_after_a_change_that_fails(lab: Lab) -> None:
    lab.vm()
    lab.server.control(fail=[{"method": "PATCH", "path": "virtualMachines/node1$", "status": 409, "code": "Refused"}])
    row = lab.vm(vm_size="Standard_D4s_v5", force=True)
    assert (row["error_code"], row["azure_code"]) == ("fault", "Refused")
    assert row["actions"] == ["deallocated", "started"]
    assert row["power_state"] == "running"


def test_a_public_address_that_comes_and_goes(lab: Lab) -> None:
    given = {"outbound": "public_ip", "public_ip": "create", "ssh_sources": ["192.0.2.0/24"]}
    row = lab.twice(**given)
    assert len(row["public_ips"]) == 1
    assert any("public IP" in cost for cost in row["costs"])
    assert lab.twice(state="absent", **given)["actions"] == ["deleted", "network_deleted"]
    assert lab.made() == []


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"image": None}, "bad_option", "needs image"),
        ({"vm_size": None, "image": None}, "bad_option", "needs image and vm_size"),
        ({"vm_size": "Standard_Z9"}, "size_unfit", "These fit: "),
        ({"vm_size": "Standard_D2ps_v5"}, "size_unfit", "Arm64"),
        ({"image": {"channel": "stable", "generation": "V1"}, "vm_size": "Standard_D2s_v6"}, "size_unfit", "V1"),
        ({"image": "kinvolk:flatcar-container-linux-free:stable-gen2:1.2.3"}, "not_found", "1.2.3"),
        ({"accept_terms": False}, "terms_required", "azure_image_terms"),
        ({"location": None}, "bad_option", "location"),
        ({"create_resource_group": False}, "not_found", "create_resource_group"),
        ({"ignition": "{}"}, "ignition_invalid", "no valid Ignition"),
    ],
)
def test_what_is_refused_before_anything_is_made(lab: Lab, given: dict[str, t.Any], code: str, said: str) -> None:
    with lab.looking():
        checked = lab.vm(check=True, **given)
        row = lab.vm(**given)
    assert (row["error_code"], checked["error_code"]) == (code, code), row
    assert said in row["msg"]


def test_no_way_out(lab: Lab) -> None:
    source = {"ignition": {"version": "3.4.0", "config": {"merge": [{"source": "https://example.com/a.ign?sig=s"}]}}}
    with lab.looking():
        row = lab.vm(ignition=str(source).replace("'", '"'), outbound="none")
    assert row["error_code"] == "no_egress"
    assert "sig=s" not in str(row)
