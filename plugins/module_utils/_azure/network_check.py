# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a VM uses of networks that are there: whether it is, and whether it can be used."""

from __future__ import annotations

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_look import Network
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import CREATE, NONE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted


def check(wanted: Wanted, network: Network) -> None:
    """AzureError where a VM that is to be made lacks something that the options say is there."""
    if not wanted.create_group:
        for name in wanted.groups if _is_seen(wanted, network) else (wanted.group,):
            if network.group(name) is None:
                raise AzureError(
                    "not_found",
                    f"There is no resource group {name} in the subscription {wanted.subscription}: make it, or set "
                    "create_resource_group to true.",
                )
    location = network.location(wanted)
    for identity in wanted.nics:
        nic = network.get(identity)
        if nic is None:
            raise AzureError("not_found", f"network_interface_names: there is no {identity}.")
        holder = (nic["properties"].get("virtualMachine") or {}).get("id", "")
        if holder and holder.rpartition("/")[2].lower() != wanted.vm.lower():
            raise AzureError("in_use", f"The network interface {nic['name']} belongs to {holder}.")
    if wanted.nics:
        return
    if wanted.vnet is None:
        raise AzureError(
            "bad_option",
            f"The VM {wanted.vm} needs a network: give virtual_network_name and subnet_name, network_interface_names, "
            "or create_network.",
        )
    _check_address(wanted, network)
    _check_group(wanted, network)
    if wanted.create:
        return
    if _is_seen(wanted, network):
        _check_network(wanted, network, location)
    elif not wanted.subnet:
        raise AzureError(
            "bad_option", f"The network {wanted.vnet} cannot be looked at: name its subnet in subnet_name."
        )


def _is_seen(wanted: Wanted, network: Network) -> bool:
    """Whether the network is in the subscription that was looked at, where the account may look."""
    if wanted.vnet is None:
        return True
    is_here = wanted.vnet.subscription.lower() == wanted.subscription.lower()
    return is_here and wanted.vnet.group.lower() not in network.unseen


def _check_network(wanted: Wanted, network: Network, location: str) -> None:
    vnet = network.get(wanted.vnet)
    if vnet is None:
        raise AzureError(
            "not_found",
            f"There is no virtual network {wanted.vnet}: make it, or set create_network to true.",
        )
    if vnet["location"].lower() != location:
        raise AzureError(
            "bad_option",
            f"The virtual network {vnet['name']} is in {vnet['location']}, and the VM {wanted.vm} is to be in "
            f"{location}: both must be in one region.",
        )
    if network.subnet(wanted) is None:
        names = [each["name"] for each in network.subnets(wanted.vnet)]
        raise AzureError(
            "not_found" if wanted.subnet or not names else "ambiguous",
            f"The virtual network {vnet['name']} has "
            + (f"no subnet {wanted.subnet}" if wanted.subnet else f"{len(names) or 'no'} subnets")
            + f"; give one in subnet_name ({', '.join(names) or 'there is none'}).",
            candidates=names,
        )


def _check_address(wanted: Wanted, network: Network) -> None:
    if wanted.public_ip in (NONE, CREATE):
        return
    address = network.get(wanted.public_ip)
    if address is None:
        raise AzureError("not_found", f"public_ip: there is no {wanted.public_ip}.")
    holder = ((address["properties"].get("ipConfiguration") or {}).get("id") or "").lower()
    if holder and not holder.startswith(f"{wanted.nic}/".lower()):
        raise AzureError("in_use", f"The public IP address {address['name']} belongs to {holder}.")


def _check_group(wanted: Wanted, network: Network) -> None:
    if wanted.security_group and not wanted.has_rules and network.get(wanted.security_group) is None:
        raise AzureError(
            "not_found", f"security_group_name: there is no {wanted.security_group}; ssh_sources would make it."
        )
