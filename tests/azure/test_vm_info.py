# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of VMs, at a stand-in for Azure."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request, serial, session, vm_info
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_info import Selection
from ansible_collections.flatops.flatcar.tests.azure.lab import GROUP, Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

Json = dict[str, t.Any]
PUBLIC: Json = {"outbound": "public_ip", "public_ip": "create", "ssh_sources": ["203.0.113.0/24"]}


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def known(lab: Lab, **wanted: t.Any) -> list[Json]:
    with session.open_session(lab.login) as opened, lab.looking():
        return vm_info.known(opened, Selection(**wanted))


def names(found: list[Json]) -> list[str]:
    return [vm["name"] for vm in found]


def fleet(lab: Lab, count: int, **given: t.Any) -> list[Json]:
    return lab.vms(instances=[{"name": f"node{number}"} for number in range(1, count + 1)], **given)


def test_one(lab: Lab) -> None:
    data = [{"name": "data", "disk_size_gb": 8, "keep": True}]
    made = lab.vm(**PUBLIC, ignition=ignition(), tags={"env": "prod"}, data_disks=data)
    assert not made["failed"], made
    (vm,) = known(lab, groups=[GROUP])
    assert {key: made[key] for key in vm} == vm
    assert (vm["name"], vm["resource_group"], vm["location"]) == ("node1", GROUP, "westeurope")
    assert (vm["power_state"], vm["provisioning_state"]) == ("running", "Succeeded")
    assert len(vm["public_ips"]) == len(vm["private_ips"]) == 1
    assert vm["ips"] == [*vm["public_ips"], *vm["private_ips"]]
    assert vm["image"]["exact_version"] == vm["image"]["version"]
    assert vm["tags"] == {"env": "prod"}
    assert vm["stamp"]["state"] == "complete"
    assert vm["stamp"]["ignition_sha256"] == made["ignition"]["sha256"]
    system, disk = vm["disks"]
    assert (system["os"], system["keep"], system["size_gb"]) == (True, False, 30)
    assert (disk["name"], disk["os"], disk["keep"], disk["size_gb"]) == ("node1-data", False, True, 8)


def test_which(lab: Lab) -> None:
    fleet(lab, 2, tags={"env": "prod"})
    lab.vm(name="other", resource_group="second", tags={"Env": "test"})
    lab.disown("node2")
    assert names(known(lab)) == ["node1", "node2", "other"]
    assert names(known(lab, groups=["FLEET", "fleet", "nowhere"])) == ["node1", "node2"]
    assert names(known(lab, names=["NODE1", "nobody"])) == ["node1"]
    assert names(known(lab, tags=["env"])) == ["node1", "other"]
    assert names(known(lab, tags=["ENV:test"])) == ["other"]
    assert names(known(lab, tags=["env:Test"])) == []
    assert names(known(lab, tags=["owner", "env"])) == []
    assert names(known(lab, ours=True)) == ["node1", "other"]


def test_many_cost_little_more_than_one(lab: Lab) -> None:
    fleet(lab, 8)
    before = len(lab.asked("GET", "/subscriptions/"))
    found = known(lab, groups=[GROUP])
    assert {vm["power_state"] for vm in found} == {"running"}
    assert all(vm["private_ips"] for vm in found)
    assert len(lab.asked("GET", "/subscriptions/")) - before == 5


def test_who_may_not_see_the_whole_subscription(lab: Lab, arm: Server) -> None:
    """The states of the VMs are then asked for one by one."""
    fleet(lab, 5)
    arm.control(
        fail=[
            {
                "method": "GET",
                "path": r"^/subscriptions/[^/]+/providers/Microsoft.Compute/virtualMachines$",
                "status": 403,
                "code": "AuthorizationFailed",
                "message": "The client 'a' with object id 'b' does not have authorization to perform action "
                "'Microsoft.Compute/virtualMachines/read' over scope '/subscriptions/s'.",
                "times": 9,
            }
        ]
    )
    assert {vm["power_state"] for vm in known(lab, groups=[GROUP])} == {"running"}
    with pytest.raises(AzureError) as caught:
        known(lab)
    assert caught.value.code == "no_permission"
    assert caught.value.about["action"] == "Microsoft.Compute/virtualMachines/read"


def test_an_interface_in_another_group(lab: Lab) -> None:
    lab.vm(name="first", resource_group="second")
    (first,) = lab.nics("first")
    subnet = lab.there("networkInterfaces")["first-nic"]["properties"]["ipConfigurations"][0]["properties"]["subnet"]
    address = {
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    with session.open_session(lab.login) as opened:
        ips, nics = opened.network.public_ip_addresses, opened.network.network_interfaces
        ip = request.begin(opened, "Making an address", ips.begin_create_or_update, "second", "free", address)
        inner = {"subnet": {"id": subnet["id"]}, "publicIPAddress": {"id": ip["id"]}}
        body = {"location": "westeurope", "properties": {"ipConfigurations": [{"name": "a", "properties": inner}]}}
        nic = request.begin(opened, "Making a NIC", nics.begin_create_or_update, "second", "free", body)
    made = lab.vm(network_interface_names=[nic["id"]], create_network=False, outbound=None)
    assert not made["failed"], made
    (vm,) = known(lab, groups=[GROUP])
    assert vm["network_interfaces"] == [nic["id"]] != [first["id"]]
    assert vm["private_ips"]
    assert len(vm["public_ips"]) == 1


def test_serial_log(lab: Lab, arm: Server) -> None:
    lab.vms(instances=[{"name": "node1"}, {"name": "node2", "boot_diagnostics": {"enabled": False}}])
    arm.control(serial_log="booting\nignition[1]: couldn't parse config: nonsense\n")
    with session.open_session(lab.login) as opened:
        one, two = vm_info.known(opened, Selection(), with_log=True)
    assert one["serial_log"][-1] == "ignition[1]: couldn't parse config: nonsense"
    assert one["serial_cause"].startswith("Ignition refused the config.")
    assert (two["serial_log"], two["serial_cause"]) == ([], None)


def test_a_log_that_cannot_be_had_is_none(lab: Lab, arm: Server) -> None:
    lab.vm()
    rule = {"method": "POST", "path": "retrieveBootDiagnosticsData", "status": 409, "code": "a", "message": "b"}
    arm.control(fail=[rule])
    with session.open_session(lab.login) as opened:
        assert serial.fetch(opened, GROUP, "node1") is None
        assert serial.fetch(opened, GROUP, "nobody") is None
