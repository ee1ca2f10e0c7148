# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The address ranges of a network that is made."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

_DEFAULT = "10.10.0.0/16"


def ranges(prefixes: t.Sequence[str], subnet: str | None, private_ip: str | None) -> tuple[tuple[str, ...], str]:
    """Those of a network and of a subnet, by what of them is said; AzureError where they do not fit."""
    outer = [_range_of(each, "address_prefixes") for each in prefixes or (_DEFAULT,)]
    if subnet:
        inner = _range_of(subnet, "subnet_prefix")
    else:
        inner = outer[0] if outer[0].num_addresses <= 256 else next(iter(outer[0].subnets(new_prefix=_bits(outer[0]))))
    if not any(_contains(each, inner) for each in outer):
        raise AzureError(
            "bad_option", f"subnet_prefix {inner} is not in address_prefixes {', '.join(map(str, outer))}."
        )
    if private_ip and ipaddress.ip_address(private_ip) not in inner:
        raise AzureError("bad_option", f"private_ip {private_ip} is not in the subnet {inner}.")
    return tuple(map(str, outer)), str(inner)


def _bits(network: t.Any) -> int:
    """The prefix length of 256 addresses; IPv6 subnets of Azure have 64 bits."""
    return 24 if network.version == 4 else 64


def _contains(outer: t.Any, inner: t.Any) -> bool:
    return bool(outer.version == inner.version and inner.subnet_of(outer))


def _range_of(text: str, option: str) -> t.Any:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise AzureError("bad_option", f"{option}: {text!r} is no address range: {error}.") from error


def check_address(text: str, option: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        raise AzureError("bad_option", f"{option}: {text!r} is no IP address.") from error
