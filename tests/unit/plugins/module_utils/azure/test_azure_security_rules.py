# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a security group."""

from __future__ import annotations

import copy
import typing as t

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import security_rules

SOURCES = st.sampled_from(
    ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "VirtualNetwork", "AzureCloud.westeurope", "*"]
)
PORTS = st.sampled_from(["80", "443/tcp", "8000-8100", "53/udp", "51820/udp"])


def shown(rules: t.Sequence[security_rules.Json]) -> list[tuple[t.Any, ...]]:
    keys = ("sourceAddressPrefix", "sourceAddressPrefixes", "destinationPortRange", "destinationPortRanges", "protocol")
    return [
        (rule["name"], *(rule["properties"].get(key) for key in keys if key in rule["properties"])) for rule in rules
    ]


def test_what_can_stand_in_one_rule() -> None:
    made = security_rules.rules(
        ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "VirtualNetwork"], ["443", "80/tcp", "53/udp"]
    )
    assert shown(made) == [
        ("flatcar-ssh", ["192.0.2.0/24", "198.51.100.7"], "22", "Tcp"),
        ("flatcar-ssh-2", "2001:db8::/32", "22", "Tcp"),
        ("flatcar-ssh-3", "VirtualNetwork", "22", "Tcp"),
        ("flatcar-open-tcp", "*", ["443", "80"], "Tcp"),
        ("flatcar-open-udp", "*", "53", "Udp"),
    ]
    assert security_rules.rules([], None) == []


def as_azure_tells(rule: security_rules.Json) -> security_rules.Json:
    """The same, with what Azure adds, and with single ranges as lists."""
    told = copy.deepcopy(rule)
    properties = told["properties"]
    for one, many in (
        ("sourceAddressPrefix", "sourceAddressPrefixes"),
        ("destinationPortRange", "destinationPortRanges"),
    ):
        properties.setdefault(many, [properties.pop(one)] if one in properties else [])
    return {
        **told,
        "etag": "x",
        "properties": {**properties, "provisioningState": "Succeeded", "destinationPortRange": ""},
    }


@given(st.lists(SOURCES), st.lists(PORTS))
def test_what_is_there_needs_no_change(sources: list[str], ports: list[str]) -> None:
    made = security_rules.rules(sources, ports)
    other = {"name": "mine", "properties": {"priority": 200}}
    assert len({rule["properties"]["priority"] for rule in made}) == len(made)
    assert security_rules.with_rules([other, *map(as_azure_tells, made)], made) is None
    assert security_rules.with_rules([other], made) == ([other, *made] if made else None)
    assert security_rules.with_rules([other, *made], []) == ([other] if made else None)
