# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks on the stand-in: made, found as made, used as they are, deleted."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_bodies,
    network_delete,
    network_drift,
    network_look,
    network_own,
    network_shared,
    request,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_own import Own
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_shared import Made
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure.network import NAT, PUBLIC, wanted
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server


@pytest.fixture
def group(session: Session) -> None:
    make_group(session, "rg1")


def make_group(session: Session, name: str) -> None:
    request.get(
        session,
        "Making a group",
        session.resources.resource_groups.create_or_update,
        name,
        {"location": "westeurope"},
    )


def run(session: Session, *vms: Wanted, check: bool = False) -> tuple[Made, list[Own]]:
    """What azure_vm does for the network of VMs."""
    network = network_look.look(session, vms)
    made = network_shared.shared(session, vms, network, check)
    return made, [network_own.own(session, each, network, check) for each in vms]


def thing(arm: Server, identity: object) -> dict[str, t.Any]:
    return arm.resources()[str(identity)]


def names(identities: t.Iterable[str]) -> list[str]:
    return ["/".join(identity.split("/")[-2:]) for identity in identities]


@pytest.mark.usefixtures("group")
def test_made_once(arm: Server, session: Session) -> None:
    vms = [wanted(name=name, **NAT) for name in ("node1", "node2")]
    made, owns = run(session, *vms)
    assert names(made.created) == [
        "publicIPAddresses/rg1-vnet-nat-ip",
        "natGateways/rg1-vnet-nat",
        "virtualNetworks/rg1-vnet",
    ]
    assert len(made.costs) == 2
    assert [names(own.created) for own in owns] == [
        ["networkInterfaces/node1-nic"],
        ["networkInterfaces/node2-nic"],
    ]
    subnet = thing(arm, f"{vms[0].vnet}/subnets/default")
    assert subnet["properties"]["defaultOutboundAccess"] is False
    assert subnet["properties"]["addressPrefix"] == "10.10.0.0/24"
    before = arm.writes()
    again, owns = run(session, *vms)
    assert again == Made()
    assert [own.created for own in owns] == [(), ()]
    assert arm.writes() == before


@pytest.mark.usefixtures("group")
def test_lists_of_many_pages(arm: Server, session: Session) -> None:
    arm.control(page=2)
    vms = [wanted(name=f"node{number}", **PUBLIC) for number in range(5)]
    run(session, *vms)
    before = arm.writes()
    assert run(session, *vms)[0] == Made()
    assert arm.writes() == before


@pytest.mark.usefixtures("group")
def test_check_writes_nothing(arm: Server, session: Session) -> None:
    before = arm.writes()
    made, owns = run(session, wanted(**PUBLIC), check=True)
    assert names(made.created) == ["networkSecurityGroups/rg1-vnet-nsg", "virtualNetworks/rg1-vnet"]
    assert names(owns[0].created) == ["publicIPAddresses/node1-ip", "networkInterfaces/node1-nic"]
    assert owns[0].costs == ("public IP address node1-ip: billed by the hour",)
    assert arm.writes() == before


def test_from_nothing_and_back(arm: Server, session: Session) -> None:
    vm = wanted(create_resource_group=True, tags={"team": "web"}, **PUBLIC)
    made, owns = run(session, vm)
    assert made.created[0] == f"/subscriptions/{arm.subscription_id}/resourceGroups/rg1"
    assert all(thing["tags"]["team"] == "web" for thing in arm.resources().values() if "tags" in thing)
    assert owns[0].nics == ({"id": str(vm.nic), "deleteOption": "Delete"},)
    assert names(network_delete.delete_own(session, "rg1", "node1")) == [
        "networkInterfaces/node1-nic",
        "publicIPAddresses/node1-ip",
    ]
    told = network_delete.delete_shared(session, [vm], check=True)
    assert network_delete.delete_shared(session, [vm]) == told
    assert names(told) == [
        "networkSecurityGroups/rg1-vnet-nsg",
        "virtualNetworks/rg1-vnet",
        "resourceGroups/rg1",
    ]
    assert arm.resources() == {}
    assert network_delete.delete_shared(session, [vm]) == []
    assert network_delete.delete_own(session, "rg1", "node1") == []


def test_what_others_use_or_made_stays(arm: Server, session: Session) -> None:
    vms = [wanted(name=name, create_resource_group=True, **NAT) for name in ("node1", "node2")]
    run(session, *vms)
    network_delete.delete_own(session, "rg1", "node1")
    assert network_delete.delete_shared(session, vms[:1]) == []
    network_delete.delete_own(session, "rg1", "node2")
    request.begin(
        session,
        "Making a foreign address",
        session.network.public_ip_addresses.begin_create_or_update,
        "rg1",
        "foreign",
        network_bodies.address("westeurope", "somebody", {}),
    )
    assert names(network_delete.delete_shared(session, vms)) == [
        "virtualNetworks/rg1-vnet",
        "natGateways/rg1-vnet-nat",
        "publicIPAddresses/rg1-vnet-nat-ip",
    ]
    assert names(arm.resources()) == ["resourceGroups/rg1", "publicIPAddresses/foreign"]


@pytest.mark.usefixtures("group")
def test_an_existing_network_is_used_as_it_is(arm: Server, session: Session) -> None:
    run(session, wanted(name="other", **NAT))
    vnet = wanted(**NAT).vnet
    before = arm.writes()
    for given in (
        {"virtual_network_name": "rg1-vnet"},
        {"virtual_network_name": str(vnet), "subnet_name": "DEFAULT"},
        {"subnet_name": f"{vnet}/subnets/default"},
    ):
        made, owns = run(session, wanted(**given), check=True)
        assert made == Made()
        assert names(owns[0].created) == ["networkInterfaces/node1-nic"]
    assert arm.writes() == before
    nics = [str(wanted(name="other").nic)]
    with pytest.raises(AzureError, match=r"there is no .*/nosuch"):
        run(session, wanted(network_interface_names=["nosuch"]))
    assert run(session, wanted(network_interface_names=nics))[1][0].nics == ({"id": nics[0], "deleteOption": "Detach"},)


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"resource_group": "rg9", "virtual_network_name": "v"}, "not_found", "no resource group rg9"),
        ({"virtual_network_name": "v9"}, "not_found", "no virtual network .*/v9"),
        ({"virtual_network_name": "rg1-vnet", "subnet_name": "s9"}, "not_found", r"no subnet s9; .*\(default\)"),
        ({"virtual_network_name": "rg1-vnet", "location": "northeurope"}, "bad_option", "both must be in one region"),
        ({"virtual_network_name": "rg1-vnet", "public_ip": "ip9"}, "not_found", "public_ip: there is no .*/ip9"),
        ({"virtual_network_name": "rg1-vnet", "public_ip": "other-ip"}, "in_use", "other-ip belongs to"),
        ({"virtual_network_name": "rg1-vnet", "security_group_name": "g9"}, "not_found", "there is no .*/g9"),
        ({}, "bad_option", "needs a network"),
    ],
)
def test_what_is_not_there(session: Session, given: dict[str, t.Any], code: str, said: str) -> None:
    run(session, wanted(name="other", **PUBLIC))
    with pytest.raises(AzureError, match=said) as caught:
        run(session, wanted(**given))
    assert caught.value.code == code


@pytest.mark.usefixtures("group")
def test_a_subnet_where_nobody_may_look(arm: Server, session: Session) -> None:
    make_group(session, "hub")
    run(session, wanted(name="other", virtual_network_resource_group="hub", **NAT))
    vnet = wanted(virtual_network_resource_group="hub", **NAT).vnet
    arm.control(deny=["Microsoft.Network/virtualNetworks/read"])
    owns = run(session, wanted(subnet_name=f"{vnet}/subnets/default"))[1]
    assert names(owns[0].created) == ["networkInterfaces/node1-nic"]
    with pytest.raises(AzureError, match="name its subnet in subnet_name"):
        run(session, wanted(name="node2", virtual_network_name=str(vnet)))
    with pytest.raises(AzureError, match="virtualNetworks/read") as caught:
        run(session, wanted(name="node2", virtual_network_resource_group="hub", **NAT))
    assert caught.value.code == "no_permission"


@pytest.mark.usefixtures("group")
def test_a_network_of_others_is_not_made_ours(session: Session) -> None:
    request.begin(
        session,
        "Making a foreign network",
        session.network.virtual_networks.begin_create_or_update,
        "rg1",
        "rg1-vnet",
        {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/8"]}}},
    )
    with pytest.raises(AzureError, match="rg1-vnet that this collection has not made") as caught:
        run(session, wanted(**NAT))
    assert caught.value.code == "not_ours"


@pytest.mark.usefixtures("group")
def test_names_that_exist_with_other_properties(session: Session) -> None:
    run(session, wanted(**NAT))
    for given, said in (
        ({**NAT, "subnet_prefix": "10.10.1.0/24"}, "has the range 10.10.0.0/24"),
        ({**NAT, "address_prefixes": ["10.20.0.0/16"]}, "has the ranges 10.10.0.0/16"),
        ({"create_network": True, "outbound": "none"}, "has the NAT gateway rg1-vnet-nat"),
    ):
        with pytest.raises(AzureError, match=said) as caught:
            run(session, wanted(**given))
        assert caught.value.code == "immutable_changed"
    nic = request.get(session, "Reading", session.network.network_interfaces.get, "rg1", "node1-nic")
    writing = session.network.network_interfaces.begin_create_or_update
    request.begin(session, "Changing", writing, "rg1", "node1-nic", {**nic, "tags": {}})
    with pytest.raises(AzureError, match="was not made for the VM node1"):
        run(session, wanted(**NAT))


@pytest.mark.usefixtures("group")
def test_rules_and_gateway_follow_the_options(arm: Server, session: Session) -> None:
    run(session, wanted(**PUBLIC))
    changed = wanted(**{**PUBLIC, "outbound": "nat_gateway"}, open_ports=["443"])
    made, dummy = run(session, changed)
    assert made.changed == ("security group rg1-vnet-nsg", "subnet default")
    rules = thing(arm, wanted(**PUBLIC).security_group)["properties"]["securityRules"]
    assert [rule["name"] for rule in rules] == ["flatcar-ssh", "flatcar-open-tcp"]
    assert run(session, changed)[0] == Made()
    # What was written again is known to be unused, as what is new.
    network_delete.delete_own(session, "rg1", "node1")
    network_delete.delete_shared(session, [changed])
    assert names(arm.resources()) == ["resourceGroups/rg1"]


@pytest.mark.usefixtures("group")
def test_changes_of_an_interface(arm: Server, session: Session) -> None:
    start = {**PUBLIC, "outbound": "nat_gateway"}
    run(session, wanted(**start))
    for given, fields in (
        ({**start, "public_ip": "none"}, ["public_ip"]),
        (start, ["public_ip"]),
        ({**start, "security_group_name": "strict"}, ["security_group_name"]),
        (
            {**start, "accelerated_networking": True, "private_ip": "10.10.0.77"},
            ["security_group_name", "accelerated_networking", "private_ip"],
        ),
    ):
        vm = wanted(**given)
        network = network_look.look(session, [vm])
        network_shared.shared(session, [vm], network)
        changes = network_drift.changes(vm, network.of(vm))
        assert [change.field for change in changes] == fields
        network_own.change(session, vm, network, changes)
        assert network_drift.changes(vm, network_look.look(session, [vm]).of(vm)) == ()
        assert (str(vm.address) in arm.resources()) == (vm.public_ip == "create")


@pytest.mark.usefixtures("group")
def test_another_subnet_takes_another_interface(arm: Server, session: Session) -> None:
    run(session, wanted(**NAT))
    moved = wanted(**NAT, virtual_network_name="v2")
    owns = run(session, moved)[1]
    assert names(owns[0].created) == ["networkInterfaces/node1-nic"]
    nic = thing(arm, moved.nic)
    assert nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] == f"{moved.vnet}/subnets/default"
