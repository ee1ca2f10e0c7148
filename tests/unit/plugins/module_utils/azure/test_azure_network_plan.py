# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a network is missing, differs, contradicts, or belongs to somebody else."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_plan, security_rules
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_network import (
    GROUP,
    NAT,
    PUBLIC,
    network,
    subnet,
    thing,
    vnet,
    wanted,
)

NSG = "networkSecurityGroups"
GATEWAY = network_plan.gateway_id(t.cast(t.Any, wanted(**NAT).vnet))


def kinds(steps: t.Sequence[network_plan.Step]) -> list[tuple[str, str, bool]]:
    return [(step.kind, step.id.name, step.makes) for step in steps]


def nat() -> list[dict[str, t.Any]]:
    return [thing("natGateways", "rg1-vnet-nat"), thing("publicIPAddresses", "rg1-vnet-nat-ip")]


def test_from_nothing() -> None:
    vms = [wanted(name=name, create_resource_group=True, **PUBLIC, tags={"team": "web", "n": name}) for name in "ab"]
    steps = network_plan.steps(vms, network(group=None))
    assert kinds(steps) == [
        ("resource group", "rg1", True),
        ("security group", "rg1-vnet-nsg", True),
        ("virtual network", "rg1-vnet", True),
    ]
    assert all(step.body["tags"] == {"team": "web", "flatcar-ansible-owner": "network"} for step in steps)
    assert steps[2].body["properties"]["subnets"] == [
        {"name": "default", "properties": {"addressPrefix": "10.10.0.0/24", "defaultOutboundAccess": False}}
    ]


def test_a_gateway_comes_before_the_network_that_names_it() -> None:
    steps = network_plan.steps([wanted(**NAT)], network())
    assert [step.kind for step in steps] == ["public IP address", "NAT gateway", "virtual network"]
    assert steps[2].body["properties"]["subnets"][0]["properties"]["natGateway"] == {"id": str(GATEWAY)}
    assert steps[1].body["properties"]["publicIpAddresses"] == [{"id": str(steps[0].id)}]


def test_nothing_to_do() -> None:
    there = network(vnet(subnet(natGateway={"id": str(GATEWAY).lower()})), *nat())
    assert network_plan.steps([wanted(**NAT), wanted(name="node2", **NAT)], there) == []
    assert (
        network_plan.steps([wanted(virtual_network_name="v"), wanted(network_interface_names=["n"])], network()) == []
    )


def test_what_is_missing_of_a_network() -> None:
    there = network(vnet(subnet()))
    front = wanted(**NAT, subnet_name="front", subnet_prefix="10.10.1.0/24")
    steps = network_plan.steps([wanted(**NAT), front], there)
    assert kinds(steps) == [
        ("public IP address", "rg1-vnet-nat-ip", True),
        ("NAT gateway", "rg1-vnet-nat", True),
        ("subnet", "default", False),
        ("subnet", "front", True),
    ]
    assert steps[2].etag == 'W/"default"'
    assert steps[2].body["properties"]["addressPrefix"] == "10.10.0.0/24"
    assert "id" not in steps[2].body


def test_rules_are_changed_with_those_of_others_kept() -> None:
    mine = {"name": "mine", "properties": {"priority": 200}}
    old = security_rules.rules(["198.51.100.0/24"], None)
    there = network(vnet(subnet()), thing(NSG, "rg1-vnet-nsg", securityRules=[mine, *old]))
    (step,) = network_plan.steps([wanted(**PUBLIC)], there)
    assert (step.kind, step.etag) == ("security group", 'W/"rg1-vnet-nsg"')
    assert step.body["properties"]["securityRules"] == [mine, *security_rules.rules(["192.0.2.0/24"], None)]


def test_what_has_failed_is_written_again() -> None:
    failed = {"provisioningState": "Failed"}
    there = network(
        vnet(subnet(natGateway={"id": str(GATEWAY)}, **failed), **failed),
        thing("natGateways", "rg1-vnet-nat", **failed),
        thing("publicIPAddresses", "rg1-vnet-nat-ip", **failed),
    )
    assert [step.kind for step in network_plan.steps([wanted(**NAT)], there)] == [
        "public IP address",
        "NAT gateway",
        "virtual network",
        "subnet",
    ]


@pytest.mark.parametrize(
    ("there", "given", "code", "said"),
    [
        (network(vnet(owner=None)), NAT, "not_ours", "virtual network rg1-vnet that this collection has not made"),
        (network(thing("natGateways", "rg1-vnet-nat", None)), NAT, "not_ours", "NAT gateway rg1-vnet-nat"),
        (network(thing(NSG, "rg1-vnet-nsg", None)), PUBLIC, "not_ours", "leave out ssh_sources"),
        (
            network(vnet(subnet()), *nat()),
            {**NAT, "subnet_prefix": "10.10.0.0/25"},
            "immutable_changed",
            "10.10.0.0/24",
        ),
        (network(vnet(subnet())), {**NAT, "address_prefixes": ["10.0.0.0/8"]}, "immutable_changed", "10.10.0.0/16"),
        (
            network(vnet(subnet(natGateway={"id": str(GATEWAY)}))),
            PUBLIC,
            "immutable_changed",
            "has the NAT gateway rg1-vnet-nat",
        ),
        (network(group={**GROUP, "properties": {"provisioningState": "Deleting"}}), NAT, "conflict", "being deleted"),
        (network(group=None), {**NAT, "create_resource_group": True, "location": None}, "bad_option", "give location"),
    ],
)
def test_refused(there: t.Any, given: dict[str, t.Any], code: str, said: str) -> None:
    with pytest.raises(AzureError, match=said) as caught:
        network_plan.steps([wanted(**given)], there)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (NAT, {**NAT, "subnet_prefix": "10.10.9.0/24"}, "describe the subnet rg1-vnet/default differently"),
        (NAT, {**PUBLIC, "security_group_name": "g"}, "describe the subnet rg1-vnet/default differently"),
        (PUBLIC, {**PUBLIC, "open_ports": ["443"]}, "the security group rg1-vnet-nsg differently: give each kind"),
        (NAT, {**NAT, "address_prefixes": ["10.10.0.0/15"]}, "describe the network rg1-vnet differently"),
    ],
)
def test_vms_that_contradict_each_other(one: dict[str, t.Any], other: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AzureError, match=f"^node1 and node2 .*{said}") as caught:
        network_plan.steps([wanted(**one), wanted(name="node2", **other)], network())
    assert caught.value.code == "bad_option"
