# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel arguments for the network."""

from __future__ import annotations

import ipaddress
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.network_kargs import network_kargs

ADDRESSES = st.one_of(
    st.ip_addresses(network="10.0.0.0/8"), st.ip_addresses(network="2001:db8::/32"), st.ip_addresses(network="fd00::/8")
)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"method": "dhcp"}, "ip=dhcp"),
        ({"interface": "ens192"}, "ip=ens192:dhcp"),
        ({"interface": "ens192", "method": "dhcp6"}, "ip=ens192:dhcp6"),
        ({"hostname": "a", "interface": "ens192"}, "ip=::::a:ens192:dhcp"),
        ({"dns": ["1.1.1.1", "2001:db8::53"]}, "ip=::::::dhcp:1.1.1.1:[2001:db8::53]"),
        ({"address": "10.0.0.2/24"}, "ip=10.0.0.2:::255.255.255.0:::none"),
        ({"address": "10.0.0.2", "netmask": "255.255.0.0"}, "ip=10.0.0.2:::255.255.0.0:::none"),
        ({"address": "10.0.0.2", "netmask": 24, "method": "off"}, "ip=10.0.0.2:::255.255.255.0:::off"),
        (
            {
                "address": "10.0.0.2/29",
                "gateway": "10.0.0.1",
                "peer": "10.0.0.3",
                "hostname": "a.example.com",
                "interface": "ens192",
                "dns": "10.0.0.4",
            },
            "ip=10.0.0.2:10.0.0.3:10.0.0.1:255.255.255.248:a.example.com:ens192:none:10.0.0.4",
        ),
        (
            {"address": "2001:DB8:0::2/64", "gateway": "fe80::1", "interface": "ens192"},
            "ip=[2001:db8::2]::[fe80::1]:64::ens192:none",
        ),
        ({"address": "10.0.0.2/24", "method": False}, "ip=10.0.0.2:::255.255.255.0:::off"),
        ({"method": True}, "ip=on"),
        ({"address": "10.0.0.2/31"}, "ip=10.0.0.2:::255.255.255.254:::none"),
        (
            {"ip": [{"interface": "ens192", "address": "10.0.0.2/24"}, {"interface": "ens224"}]},
            "ip=10.0.0.2:::255.255.255.0::ens192:none ip=ens224:dhcp",
        ),
        ({"ip": {"interface": "ens192"}, "nameserver": "1.1.1.1"}, "ip=ens192:dhcp nameserver=1.1.1.1"),
        ({"nameserver": ["1.1.1.1", "2001:db8::53"]}, "nameserver=1.1.1.1 nameserver=[2001:db8::53]"),
        (
            {"interface": "ens192.5", "vlan": [{"name": "ens192.5", "device": "ens192"}]},
            "ip=ens192.5:dhcp vlan=ens192.5:ens192",
        ),
        ({"vlan": {"name": "vlan0005", "device": "ens192"}}, "vlan=vlan0005:ens192"),
        ({"bond": {"name": "bond0", "devices": ["ens192", "ens224"]}}, "bond=bond0:ens192,ens224"),
        (
            {
                "bond": {
                    "name": "bond0",
                    "devices": ["ens192", "ens224"],
                    "options": {"mode": "active-backup", "miimon": 100},
                    "mtu": 9000,
                }
            },
            "bond=bond0:ens192,ens224:mode=active-backup,miimon=100:9000",
        ),
        (
            {"bond": {"name": "b", "devices": ["a"], "options": "mode=802.3ad", "mtu": "1500"}},
            "bond=b:a:mode=802.3ad:1500",
        ),
        ({"bond": {"name": "b", "devices": ["a"], "mtu": 1500}}, "bond=b:a::1500"),
        ("ip=dhcp", "ip=dhcp"),
        (
            "ip=10.0.0.2::10.0.0.1:255.255.255.0:a:ens192:none:[2001:db8::53] rd.route=10.1.0.0/16:10.0.0.9:ens192",
            "ip=10.0.0.2::10.0.0.1:255.255.255.0:a:ens192:none:[2001:db8::53] rd.route=10.1.0.0/16:10.0.0.9:ens192",
        ),
    ],
)
def test_arguments(options: str | dict[str, t.Any], text: str) -> None:
    assert network_kargs(options) == text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no option is given"),
        ({"adress": "10.0.0.2/24"}, "adress: no such option"),
        ({"ip": [{"interface": "a", "nameserver": "1.1.1.1"}]}, r"ip\[0\]: nameserver: no such option"),
        ({"ip": ["10.0.0.2/24"]}, "a mapping is wanted"),
        ({"ip": [{"interface": "a"}], "address": "10.0.0.2/24"}, "or one entry without ip"),
        ({"ip": [{"interface": "a"}, {}]}, r"ip\[1\].interface: every entry needs it"),
        ({"ip": 5}, "a list is wanted"),
        ({"address": "10.0.0.2"}, "netmask: is wanted"),
        ({"address": "10.0.0.2/24", "netmask": "255.255.255.0"}, "has its prefix already"),
        ({"address": "10.0.0.2/33"}, "is neither a mask nor the length of a prefix of IPv4"),
        ({"address": "10.0.0.2", "netmask": "255.0.255.0"}, "is neither a mask nor the length of a prefix of IPv4"),
        ({"address": "10.0.0.2", "netmask": "0.0.0.255"}, "is neither a mask"),
        ({"address": "10.0.0.2", "netmask": True}, "is neither a mask"),
        ({"address": "10.0.0.2/24/8"}, "is neither a mask"),
        ({"address": "10.0.0.2/"}, "is neither a mask"),
        (
            {"address": "2001:db8::2", "netmask": "255.255.255.0"},
            "is neither a mask nor the length of a prefix of IPv6",
        ),
        ({"address": "2001:db8::2", "netmask": 129}, "is neither a mask nor the length of a prefix of IPv6"),
        ({"address": "10.0.0.0/24"}, "network or the broadcast"),
        ({"address": "10.0.0.255/24"}, "network or the broadcast"),
        ({"address": "0.0.0.0/0"}, "no address of a machine"),
        ({"address": "224.0.0.1/24"}, "no address of a machine"),
        ({"address": "fe80::1%ens192/64"}, "no address of a machine"),
        ({"address": "node1/24"}, "no address of a machine"),
        ({"address": 5, "netmask": 24}, "no address of a machine"),
        ({"address": "10.0.0.2/24", "gateway": "2001:db8::1"}, "another IP version"),
        ({"address": "10.0.0.2/24", "gateway": "10.0.0.1 x=y"}, "no address of a machine"),
        ({"address": "10.0.0.2/24", "method": "dhcp"}, "exclude each other"),
        ({"method": "none"}, "is wanted, since method is none"),
        ({"method": False}, "is wanted, since method is off"),
        ({"method": "both"}, "none of"),
        ({"gateway": "10.0.0.1"}, "needs an address"),
        ({"netmask": 24}, "needs an address"),
        ({"hostname": "a b"}, "is not a host name"),
        ({"hostname": "a:b"}, "is not a host name"),
        ({"interface": "ens192 x"}, "no name of an interface"),
        ({"interface": "a" * 16}, "no name of an interface"),
        ({"interface": "a:b"}, "no name of an interface"),
        ({"dns": ["1.1.1.1", "1.1.1.2", "1.1.1.3"]}, "two addresses are the most"),
        ({"dns": ["x"]}, r"dns\[0\]"),
        ({"dns": 5}, r"network_kargs\.dns: a list is wanted"),
        ({"nameserver": ["1.1.1.1 rd.break"]}, r"nameserver\[0\]"),
        ({"vlan": [{"name": "ens192.5"}]}, "name and device"),
        ({"vlan": [{"name": "ens192.4095", "device": "a"}]}, "VLAN id"),
        ({"vlan": [{"name": "vlan", "device": "a"}]}, "VLAN id"),
        ({"vlan": [{"name": "vlan5", "device": "a", "id": 5}]}, "id: no such option"),
        ({"vlan": ["vlan5"]}, "a mapping with name and device"),
        ({"bond": [{"name": "b", "devices": "a"}]}, "a list of interfaces"),
        ({"bond": [{"name": "b", "devices": ["a,c"]}]}, r"devices\[0\]"),
        ({"bond": [{"name": "b", "devices": ["a"], "options": "x"}]}, "mode=active-backup"),
        ({"bond": [{"name": "b", "devices": ["a"], "options": {"x y": 1}}]}, "mode=active-backup"),
        ({"bond": [{"name": "b", "devices": ["a"], "mtu": 1}]}, "no MTU"),
        ("", "divided by one space"),
        ("ip=dhcp  nameserver=1.1.1.1", "divided by one space"),
        ("ip=dhcp\nroot=/dev/sda", "no argument for the network"),
        ("ip=dhcp root=/dev/sda", "'root=/dev/sda' is no argument for the network"),
        ("ip=dhcp;reboot", "no argument for the network"),
        ("ip=$(id)", "no argument for the network"),
        ('ip="dhcp"', "no argument for the network"),
        ("rd.break", "no argument for the network"),
    ],
)
def test_refused(options: str | dict[str, t.Any], message: str) -> None:
    with pytest.raises(VsphereError, match=message) as raised:
        network_kargs(options)
    assert raised.value.code == "bad_option"
    assert str(raised.value).startswith("network_kargs")


@given(client=ADDRESSES, data=st.data())
def test_all_addresses_come_through(client: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject) -> None:
    """Read as systemd-network-generator does: brackets around IPv6, a colon between fields."""
    length = data.draw(st.integers(8, client.max_prefixlen))
    gateway, *servers = data.draw(
        st.lists(ADDRESSES.filter(lambda address: address.version == client.version), min_size=1, max_size=3)
    )
    entry = {
        "address": f"{client}/{length}",
        "gateway": str(gateway),
        "interface": "ens192",
        "dns": [str(server) for server in servers],
    }
    try:
        text = network_kargs(entry)
    except VsphereError as error:
        assert client in (ipaddress.ip_interface(f"{client}/{length}").network[index] for index in (0, -1)), error
        return
    assert network_kargs(text) == text
    fields = _fields(text.removeprefix("ip="))
    assert ipaddress.ip_address(fields[0]) == client
    assert fields[1] == ""
    assert ipaddress.ip_address(fields[2]) == gateway
    assert ipaddress.ip_interface(f"{client}/{fields[3]}").network.prefixlen == length
    assert fields[4:7] == ["", "ens192", "none"]
    assert list(map(ipaddress.ip_address, fields[7:])) == servers


def _fields(value: str) -> list[str]:
    fields = [""]
    inside = False
    for character in value:
        if character in "[]":
            inside = character == "["
        elif character == ":" and not inside:
            fields.append("")
        else:
            fields[-1] += character
    return fields
