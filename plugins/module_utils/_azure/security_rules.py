# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of a security group that this collection fills: who may ssh, and what is open to everybody."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

Json = dict[str, t.Any]
#: Rules of other names are others' and stay.
PREFIX = "flatcar-"
_FIRST = 1000
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_PORT = re.compile(r"(\d+)(?:-(\d+))?(?:/(tcp|udp))?")
_ANY = "*"


def check_rules(sources: t.Sequence[str] | None, ports: t.Sequence[str] | None) -> None:
    """AzureError for what is no source or no port."""
    rules(sources, ports)


def rules(sources: t.Sequence[str] | None, ports: t.Sequence[str] | None) -> list[Json]:
    """The rules as the REST API has them.

    One rule takes many ranges of one family, or one service tag (learn.microsoft.com,
    network-security-groups-overview).
    """
    families: dict[str, list[str]] = {}
    for each in dict.fromkeys(sources or ()):
        families.setdefault(_family(each), []).append(each)
    found = [
        _rule("ssh" if number == 0 else f"ssh-{number + 1}", _FIRST + number, "Tcp", {"22"}, each)
        for number, each in enumerate(families.values())
    ]
    for number, protocol in enumerate(("tcp", "udp")):
        ranges = {_ports(each)[0] for each in ports or () if _ports(each)[1] == protocol}
        if ranges:
            found.append(_rule(f"open-{protocol}", _FIRST + 500 + number, protocol.title(), ranges, [_ANY]))
    return found


def with_rules(seen: t.Sequence[Json], ours: t.Sequence[Json]) -> list[Json] | None:
    """The rules of a group with ours put in place; None where they are there already."""
    others = [rule for rule in seen if not _is_ours(rule)]
    before = {rule["name"]: _meaning(rule) for rule in seen if _is_ours(rule)}
    if before == {rule["name"]: _meaning(rule) for rule in ours}:
        return None
    return [*others, *ours]


def _is_ours(rule: Json) -> bool:
    return str(rule["name"]).startswith(PREFIX)


def _rule(name: str, priority: int, protocol: str, ports: t.Iterable[str], sources: t.Sequence[str]) -> Json:
    return {
        "name": PREFIX + name,
        "properties": {
            "priority": priority,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": protocol,
            "sourcePortRange": _ANY,
            "destinationAddressPrefix": _ANY,
            **_one_or_many("sourceAddressPrefix", "sourceAddressPrefixes", sources),
            **_one_or_many("destinationPortRange", "destinationPortRanges", sorted(ports)),
        },
    }


def _one_or_many(one: str, many: str, values: t.Sequence[str]) -> Json:
    return {one: values[0]} if len(values) == 1 else {many: list(values)}


def _meaning(rule: Json) -> tuple[t.Any, ...]:
    """What a rule does, whichever of the two ways its ranges are written."""
    given = rule["properties"]

    def ranges(one: str, many: str) -> frozenset[str]:
        return frozenset(each.lower() for each in (*(given.get(many) or ()), given.get(one)) if each)

    return (
        *(str(given.get(name)).lower() for name in ("priority", "direction", "access", "protocol")),
        ranges("sourceAddressPrefix", "sourceAddressPrefixes"),
        ranges("destinationAddressPrefix", "destinationAddressPrefixes"),
        ranges("sourcePortRange", "sourcePortRanges"),
        ranges("destinationPortRange", "destinationPortRanges"),
    )


def _family(source: str) -> str:
    """What can stand in one rule together."""
    if source == _ANY or _TAG.fullmatch(source):
        return source
    try:
        return str(ipaddress.ip_network(source).version)
    except ValueError as error:
        raise AzureError(
            "bad_option", f"ssh_sources: {source!r} is no address, no range and no service tag: {error}."
        ) from error


def _ports(text: str) -> tuple[str, str]:
    """The range, and tcp or udp."""
    found = _PORT.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not found or not 0 < first <= last < 65536:
        raise AzureError("bad_option", f"open_ports: {text!r} is no port; one is such as 443, 8000-8100 or 53/udp.")
    return found[1] if found[2] is None else f"{first}-{last}", found[3] or "tcp"
