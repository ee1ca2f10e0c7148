# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids taken apart and put together, and the tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.resource_id import ResourceId

NAMES = st.text("abcXYZ019-_.() ", min_size=1, max_size=9)
SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/a"


@given(NAMES, NAMES, st.lists(st.tuples(NAMES, NAMES), max_size=3))
def test_there_and_back(subscription: str, group: str, path: list[tuple[str, str]]) -> None:
    identity = ResourceId(subscription, group, "Microsoft.Network" if path else "", tuple(path))
    assert resource_id.parse(str(identity)) == identity
    assert resource_id.parse(str(identity).lower()).path == tuple((a.lower(), b.lower()) for a, b in path)


def test_parts() -> None:
    found = resource_id.parse(SUBNET, type="microsoft.network/VirtualNetworks/subnets")
    assert (found.name, found.names, found.type) == ("a", ("v", "a"), "Microsoft.Network/virtualNetworks/subnets")
    assert str(found.parent.child("subnets", "a")) == SUBNET
    assert str(found.parent.parent) == "/subscriptions/s/resourceGroups/rg"
    assert found.parent.parent.type == "Microsoft.Resources/resourceGroups"
    assert resource_id.make("s", "rg", "Microsoft.Network/virtualNetworks/subnets", "v", "a") == found
    assert resource_id.same(SUBNET, SUBNET.upper() + "/")
    assert not resource_id.same(SUBNET, None)


@pytest.mark.parametrize("text", ["", "name", "/subscriptions/s", SUBNET + "/x", SUBNET.replace("/rg/", "//")])
def test_none(text: str) -> None:
    with pytest.raises(AzureError, match=r"subnet_name: .* is no resource id") as caught:
        resource_id.parse(text, "subnet_name")
    assert caught.value.code == "bad_option"


def test_of_another_type() -> None:
    with pytest.raises(AzureError, match=r"is a Microsoft.Network/virtualNetworks/subnets, and it should be a"):
        resource_id.parse(SUBNET, type="Microsoft.Network/virtualNetworks")


def test_tags() -> None:
    tags = stamp.tags(state=stamp.CREATING, ignition="a" * 64, owner=stamp.owner_of("RG", "Node1"))
    assert tags == {
        "flatcar-ansible-state": "creating",
        "flatcar-ansible-ignition": "a" * 64,
        "flatcar-ansible-owner": "rg/node1",
    }
    found = stamp.read({"tags": {"team": "web", **{name.upper(): value for name, value in tags.items()}}})
    assert found == stamp.Stamp("creating", ignition="a" * 64, owner="rg/node1")
    assert (found.is_unfinished, found.is_ours) == (True, True)
    assert stamp.others({"team": "web", **tags}) == {"team": "web"}
    assert not stamp.read({"tags": None}).is_ours
    assert len(stamp.tags(source="x" * 999)["flatcar-ansible-source"]) == 256
