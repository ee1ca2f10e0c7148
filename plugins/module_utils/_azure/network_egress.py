# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What an Ignition config fetches from elsewhere, for which a VM needs a way out."""

from __future__ import annotations

import ipaddress
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NONE
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted

_REMOTE = ("http", "https", "tftp", "s3", "gs", "arn")
_SHOWN = 3


def check_egress(wanted: Wanted, ignition: t.Any, subnet: t.Mapping[str, t.Any] | None = None) -> list[str]:
    """Warnings. AzureError for a VM that could not boot, because its config fetches something and it has no way out.

    ignition is a config, None where there is none; subnet is the JSON of one that is there.
    """
    sources = remote_sources(ignition)
    if not sources or wanted.public_ip != NONE or wanted.nics:
        return []
    more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
    fetches = f"its Ignition config fetches {', '.join(sources[:_SHOWN])}{more}"
    if wanted.create and wanted.outbound == NONE:
        raise AzureError(
            "no_egress",
            f"The VM {wanted.vm} has no way out (outbound=none), and {fetches}: it would never boot. Take "
            "outbound=nat_gateway or public_ip, or put the contents into the config.",
        )
    properties = (subnet or {}).get("properties") or {}
    ways = (properties.get("natGateway"), properties.get("routeTable"), wanted.create)
    if properties.get("defaultOutboundAccess") is not False or any(ways):
        return []
    warning = (
        f"The VM {wanted.vm} is in a private subnet without NAT gateway and route table, and {fetches}: unless a load "
        "balancer or a peer lets it out, it will not boot."
    )
    return [warning]


def remote_sources(ignition: t.Any) -> list[str]:
    """The addresses in a config of any version that Ignition fetches, without users and queries, each once.

    Those with a private IP address are not among them: they may well be in the network.
    """
    return list(dict.fromkeys(_found(ignition)))


def _found(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        source = value.get("source")
        if isinstance(source, str) and _is_remote(source):
            yield _shown(source)
        for each in value.values():
            yield from _found(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _found(each)


def _is_remote(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in _REMOTE:
        return False
    try:
        return not ipaddress.ip_address(parts.hostname or "").is_private
    except ValueError:
        return True


def _shown(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
