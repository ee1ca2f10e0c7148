# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The network of one VM as its options describe it, checked as far as that goes without a call."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import (
    CREATE,
    NONE,
    PUBLIC_IP,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_ranges import check_address, ranges
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.security_rules import check_rules

VNET = "Microsoft.Network/virtualNetworks"
SUBNET = f"{VNET}/subnets"
NIC = "Microsoft.Network/networkInterfaces"
ADDRESS = "Microsoft.Network/publicIPAddresses"
SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups"
GATEWAY = "Microsoft.Network/natGateways"
#: Microsoft's naming rules for network resources (resource-name-rules).
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
#: Options that make an interface: useless beside interfaces that are there.
_MAKING = (
    "virtual_network_name",
    "subnet_name",
    "create_network",
    "security_group_name",
    "ssh_sources",
    "open_ports",
    "accelerated_networking",
    "private_ip",
)


class Wanted(t.NamedTuple):
    """group is the VM's resource group; nics are ids of interfaces that are there, () where one is made.

    vnet is None where nothing is said of the network, subnet "" where the only one of it is meant. public_ip is none,
    create or an id. sources and ports are None where the security group is not ours to fill. None of the rest is not
    asked for. tags are those of the user, for what is made.
    """

    subscription: str
    vm: str
    group: str
    location: str | None = None
    create_group: bool = False
    nics: tuple[str, ...] = ()
    vnet: ResourceId | None = None
    subnet: str = ""
    create: bool = False
    address_prefixes: tuple[str, ...] = ()
    subnet_prefix: str | None = None
    outbound: str | None = None
    public_ip: str = NONE
    security_group: ResourceId | None = None
    sources: tuple[str, ...] | None = None
    ports: tuple[str, ...] | None = None
    accelerated: bool | None = None
    private_ip: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def owner(self) -> str:
        return stamp.owner_of(self.group, self.vm)

    @property
    def nic(self) -> ResourceId:
        """The interface that is made."""
        return resource_id.make(self.subscription, self.group, NIC, f"{self.vm}-nic")

    @property
    def address(self) -> ResourceId:
        """The public IP address that is made."""
        return resource_id.make(self.subscription, self.group, ADDRESS, f"{self.vm}-ip")

    @property
    def has_rules(self) -> bool:
        return self.sources is not None or self.ports is not None

    @property
    def groups(self) -> tuple[str, ...]:
        """The resource groups that it reaches into, the VM's first."""
        return tuple(dict.fromkeys((self.group, *((self.vnet.group,) if self.vnet else ()))))

    def ranges(self) -> tuple[tuple[str, ...], str]:
        """The address ranges of a network that is made, and of its subnet."""
        return ranges(self.address_prefixes, self.subnet_prefix, self.private_ip)


def wanted(options: t.Mapping[str, t.Any], subscription: str) -> Wanted:
    """AzureError for options that cannot be meant. With state absent none of them is needed."""
    group = options["resource_group"]
    nics = tuple(
        _identity(name, subscription, group, NIC, "network_interface_names")
        for name in options["network_interface_names"] or ()
    )
    if nics:
        _check_only_interfaces(options)
    vnet, subnet = _place(options, subscription)
    found = Wanted(
        subscription,
        options["name"],
        group,
        options["location"],
        options["create_resource_group"],
        nics,
        vnet,
        subnet,
        options["create_network"],
        tuple(options["address_prefixes"] or ()),
        options["subnet_prefix"],
        options["outbound"],
        _public_ip(options["public_ip"], subscription, group),
        None,
        None if options["ssh_sources"] is None else tuple(options["ssh_sources"]),
        None if options["open_ports"] is None else tuple(options["open_ports"]),
        options["accelerated_networking"],
        options["private_ip"],
        tuple(sorted((name, str(value)) for name, value in (options["tags"] or {}).items())),
    )
    found = found._replace(security_group=_security_group(options["security_group_name"], found))
    if options["state"] != "absent":
        _check(found)
    return found


def _place(options: t.Mapping[str, t.Any], subscription: str) -> tuple[ResourceId | None, str]:
    vnet, subnet = options["virtual_network_name"], options["subnet_name"] or ""
    group = options["virtual_network_resource_group"] or options["resource_group"]
    if resource_id.is_id(subnet):
        identity = resource_id.parse(subnet, "subnet_name", SUBNET)
        if vnet:
            raise AzureError(
                "bad_option", "subnet_name is an id and says which network: leave out virtual_network_name."
            )
        return identity.parent, identity.name
    if not vnet and not options["create_network"]:
        if subnet:
            raise AzureError("bad_option", f"Which network has the subnet {subnet}? Give virtual_network_name.")
        return None, ""
    identity = resource_id.parse(
        _identity(vnet or f"{group}-vnet", subscription, group, VNET, "virtual_network_name"), type=VNET
    )
    if options["create_network"]:
        subnet = subnet or "default"
        if identity.subscription.lower() != subscription.lower():
            raise AzureError("bad_option", f"{identity} is in another subscription: leave out create_network.")
    if subnet:
        _check_name(subnet, "subnet_name")
    return identity, subnet


def _public_ip(given: str, subscription: str, group: str) -> str:
    return given if given in (NONE, CREATE) else _identity(given, subscription, group, ADDRESS, "public_ip")


def _security_group(given: str | None, found: Wanted) -> ResourceId | None:
    if not given and found.has_rules:
        if found.vnet is None:
            raise AzureError("bad_option", "ssh_sources and open_ports need a network: give virtual_network_name.")
        given = f"{found.vnet.name}-nsg"
    if not given:
        return None
    return resource_id.parse(
        _identity(given, found.subscription, found.group, SECURITY_GROUP, "security_group_name"), type=SECURITY_GROUP
    )


def _identity(given: str, subscription: str, group: str, kind: str, option: str) -> str:
    """The id of what is given by name, in that group, or by id."""
    if resource_id.is_id(given):
        return str(resource_id.parse(given, option, kind))
    _check_name(given, option)
    return str(resource_id.make(subscription, group, kind, given))


def _check_name(name: str, option: str) -> None:
    if not _NAME.fullmatch(name):
        raise AzureError(
            "bad_option",
            f"{option}: {name!r} is no name that Azure takes: 1 to 80 letters, digits, '_', '.' and '-', with a letter "
            "or digit first and no '.' or '-' last.",
        )


def _check_only_interfaces(options: t.Mapping[str, t.Any]) -> None:
    useless = [name for name in _MAKING if options[name] not in (None, False)]
    useless += ["public_ip"] if options["public_ip"] != NONE else []
    if useless:
        raise AzureError(
            "bad_option",
            f"network_interface_names takes interfaces as they are; {', '.join(useless)} would make or change one.",
        )


def _check(found: Wanted) -> None:
    if found.create and not found.outbound:
        raise AzureError(
            "bad_option",
            "create_network needs outbound: nat_gateway (costs money), public_ip (of each VM), or none (no way out).",
        )
    if not found.create and (found.outbound or found.address_prefixes or found.subnet_prefix):
        raise AzureError(
            "bad_option",
            "outbound, address_prefixes and subnet_prefix are for a network that is made: they need create_network.",
        )
    if found.outbound == PUBLIC_IP and found.public_ip == NONE:
        raise AzureError("bad_option", "outbound=public_ip needs an address: give public_ip, such as create.")
    if found.outbound == NONE and found.public_ip != NONE:
        raise AzureError(
            "bad_option", "A public IP address is a way out: give outbound=public_ip, or leave out public_ip."
        )
    if found.public_ip == CREATE and found.sources is None and (found.security_group is None or found.has_rules):
        raise AzureError(
            "bad_option",
            "public_ip=create needs ssh_sources (from where ssh is let in, [] for nowhere) or security_group_name: "
            "without a security group nothing reaches the address.",
        )
    check_rules(found.sources, found.ports)
    if found.private_ip:
        check_address(found.private_ip, "private_ip")
    if found.create:
        found.ranges()
