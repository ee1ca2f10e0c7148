# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of a network mean, and what cannot be meant."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_egress
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_network import (
    NAT,
    PUBLIC,
    SUBSCRIPTION,
    wanted,
)

VNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/v"


def test_names_of_what_is_made() -> None:
    found = wanted(**PUBLIC)
    assert found.vnet and found.security_group
    assert (found.vnet.name, found.subnet, found.security_group.name) == ("rg1-vnet", "default", "rg1-vnet-nsg")
    assert (found.nic.name, found.address.name, found.owner) == ("node1-nic", "node1-ip", "rg1/node1")
    assert found.groups == ("rg1",)


def test_places() -> None:
    assert wanted().vnet is None
    by_name = wanted(virtual_network_name="v", virtual_network_resource_group="hub", subnet_name="s")
    by_id = wanted(virtual_network_name=VNET, subnet_name="s")
    of_subnet = wanted(subnet_name=f"{VNET}/subnets/s")
    assert by_name == by_id == of_subnet
    assert str(by_name.vnet) == VNET
    assert by_name.groups == ("rg1", "hub")
    assert wanted(virtual_network_name="v").subnet == ""


@pytest.mark.parametrize(
    ("given", "outer", "inner"),
    [
        ({}, "10.10.0.0/16", "10.10.0.0/24"),
        ({"address_prefixes": ["192.168.4.0/26"]}, "192.168.4.0/26", "192.168.4.0/26"),
        ({"address_prefixes": ["172.16.0.0/12"]}, "172.16.0.0/12", "172.16.0.0/24"),
        ({"subnet_prefix": "10.10.128.0/17"}, "10.10.0.0/16", "10.10.128.0/17"),
        ({"address_prefixes": ["fd00::/48"]}, "fd00::/48", "fd00::/64"),
    ],
)
def test_ranges(given: dict[str, t.Any], outer: str, inner: str) -> None:
    assert wanted(**NAT, **given).ranges() == ((outer,), inner)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"create_network": True}, "create_network needs outbound"),
        ({"outbound": "none"}, "they need create_network"),
        ({"subnet_prefix": "10.0.0.0/24"}, "they need create_network"),
        ({**NAT, "outbound": "public_ip"}, "outbound=public_ip needs an address"),
        ({**PUBLIC, "outbound": "none"}, "A public IP address is a way out"),
        ({**NAT, "public_ip": "create"}, "public_ip=create needs ssh_sources"),
        ({"virtual_network_name": "v", "public_ip": "create"}, "public_ip=create needs ssh_sources"),
        ({**NAT, "public_ip": "create", "open_ports": ["443"]}, "public_ip=create needs ssh_sources"),
        ({**NAT, "address_prefixes": ["10.0.0.1/16"]}, "is no address range"),
        ({**NAT, "subnet_prefix": "10.20.0.0/24"}, "is not in address_prefixes 10.10.0.0/16"),
        ({**NAT, "private_ip": "10.10.9.9"}, "is not in the subnet 10.10.0.0/24"),
        ({"virtual_network_name": "v", "private_ip": "10.10.9"}, "is no IP address"),
        ({"subnet_name": "s"}, "Which network has the subnet s"),
        ({"subnet_name": f"{VNET}/subnets/s", "virtual_network_name": "v"}, "leave out virtual_network_name"),
        ({"subnet_name": VNET}, "should be a Microsoft.Network/virtualNetworks/subnets"),
        ({"virtual_network_name": "a/b"}, "is no name that Azure takes"),
        ({"virtual_network_name": "v", "security_group_name": "-x"}, "security_group_name: '-x' is no name"),
        ({"network_interface_names": ["n"], "public_ip": "create"}, "public_ip would make or change one"),
        ({"network_interface_names": ["n"], "subnet_name": "s", "open_ports": ["1"]}, "subnet_name, open_ports would"),
        ({"network_interface_names": [VNET]}, "should be a Microsoft.Network/networkInterfaces"),
        ({"ssh_sources": ["10.0.0.0/8"]}, "need a network"),
        ({**PUBLIC, "ssh_sources": ["10.0.0.0/33"]}, "is no address, no range and no service tag"),
        ({**PUBLIC, "open_ports": ["70000"]}, "is no port"),
        ({**NAT, "virtual_network_name": VNET.replace("0000-", "1111-", 1)}, "is in another subscription"),
    ],
)
def test_refused(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AzureError, match=said) as caught:
        wanted(**given)
    assert caught.value.code == "bad_option"


def test_absent_needs_less() -> None:
    assert wanted(state="absent", create_network=True).create


REMOTE = {
    "ignition": {
        "version": "3.4.0",
        "config": {"merge": [{"source": "https://user:pw@a.example/b.ign?sig=secret"}]},
        "security": {"tls": {"certificateAuthorities": [{"source": "data:,x"}]}},
    },
    "storage": {
        "files": [
            {"path": "/a", "contents": {"source": "http://10.0.0.4/x"}},
            {"path": "/b", "contents": {"source": "s3://bucket/key"}},
            {"path": "/c", "append": [{"source": "https://a.example/b.ign"}]},
        ]
    },
}


def test_remote_sources() -> None:
    assert network_egress.remote_sources(REMOTE) == ["https://a.example/b.ign", "s3://bucket/key"]
    assert network_egress.remote_sources(None) == []


def test_egress() -> None:
    closed = {"create_network": True, "outbound": "none"}
    with pytest.raises(AzureError, match=r"fetches https://a.example/b.ign, s3://bucket/key: it would never") as caught:
        network_egress.check_egress(wanted(**closed), REMOTE)
    assert caught.value.code == "no_egress"
    assert network_egress.check_egress(wanted(**closed), {"ignition": {"version": "3.4.0"}}) == []
    assert network_egress.check_egress(wanted(**NAT), REMOTE) == []
    existing = wanted(virtual_network_name="v")
    private = {"properties": {"defaultOutboundAccess": False}}
    assert network_egress.check_egress(existing, REMOTE, {"properties": {}}) == []
    assert "is in a private subnet" in network_egress.check_egress(existing, REMOTE, private)[0]
    routed = {"properties": {"defaultOutboundAccess": False, "routeTable": {"id": "x"}}}
    assert network_egress.check_egress(existing, REMOTE, routed) == []
