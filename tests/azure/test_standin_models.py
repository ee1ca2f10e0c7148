# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's traffic against the models of the official SDK, and that what is unlike them is found."""

from __future__ import annotations

import collections.abc
import copy
import re
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure import bodies
from ansible_collections.flatops.flatcar.tests.azure.tour import Tour
from ansible_collections.flatops.flatcar.tests.standins.arm import models, shapes

Json = dict[str, t.Any]
Plant = collections.abc.Callable[[Json], object]


@pytest.fixture(scope="module")
def traffic() -> list[Json]:
    """Filled by the first test, for the others."""
    return []


def test_every_kind_of_traffic_is_like_the_models(arm, session, traffic):
    Tour(session).all()
    traffic += arm.log()
    assert models.problems(traffic) == []
    used = {shapes.shape_of(each["path"]) for each in traffic if each["status"] < 300}
    assert [each.path for each in shapes.SHAPES if each not in used] == []


VM, NIC, VNET = "virtualMachines/node1$", "networkInterfaces/nic$", "virtualNetworks/vnet$"


@pytest.mark.parametrize(
    ("method", "path", "plant", "expected"),
    [
        ("PUT", VM, lambda e: e["body"]["properties"].update(vmSize="x"), "sent.properties.vmSize: no such key"),
        ("PUT", VM, lambda e: e["body"].pop("location"), "sent.location: is missing"),
        ("PUT", VM, lambda e: e["body"].update(zones="1"), "sent.zones: '1' is no list"),
        ("PUT", VM, lambda e: e["body"].update(tags={"a": 1}), "sent.tags.a: 1 is no str"),
        ("PUT", VM, lambda e: e["body"]["properties"].update(priority="Cheap"), "sent.properties.priority: 'Cheap'"),
        (
            "PUT",
            VM,
            lambda e: e["body"]["properties"]["storageProfile"]["dataDisks"][0].update(diskSizeGB="8"),
            "dataDisks[].diskSizeGB: '8' is no int",
        ),
        (
            "PUT",
            VM,
            lambda e: e["body"]["properties"]["storageProfile"]["dataDisks"][0].pop("lun"),
            "dataDisks[].lun: is missing",
        ),
        (
            "PUT",
            VM,
            lambda e: e["body"]["properties"]["networkProfile"]["networkInterfaces"][0].update(deleteOption="Delete"),
            "networkInterfaces[].deleteOption: no such key",
        ),
        ("PATCH", VM, lambda e: e["body"].update(location="x"), "sent.location: no such key"),
        ("GET", VM, lambda e: e["answer"]["properties"].update(power="on"), "answered.properties.power: no such key"),
        ("GET", VM, lambda e: e["answer"]["properties"].update(timeCreated="now"), "timeCreated: 'now' is no time"),
        ("GET", VM, lambda e: e["answer"].update(properties=[]), "answered.properties: [] is no mapping"),
        ("PUT", NIC, lambda e: e["body"]["properties"].update(subnet={}), "sent.properties.subnet: no such key"),
        (
            "PUT",
            NIC,
            lambda e: e["body"]["properties"].update(enableAcceleratedNetworking="true"),
            "enableAcceleratedNetworking: 'true' is no bool",
        ),
        ("PUT", VNET, lambda e: e["body"].update(resourceGroup="rg"), "sent.resourceGroup: no such key"),
        ("GET", "Compute/skus$", lambda e: e.update(answer=e["answer"]["value"]), "answered: no list"),
        ("GET", "gen2/versions$", lambda e: e["answer"][0].pop("name"), "answered.name: is missing"),
        ("PUT", "/current$", lambda e: e["body"]["properties"].update(accepted="yes"), "accepted: 'yes' is no bool"),
        ("PUT", "/current$", lambda e: e["body"].update(accepted=True), "sent.accepted: no such key"),
        ("POST", "node1/start$", lambda e: e.update(body={}), "sent: a body where none is expected"),
        ("POST", "node1/start$", lambda e: e.update(answer={}), "answered: a body where none is expected"),
        ("PUT", "/vnet$", lambda e: e.update(path=e["path"].replace("/vnet", "/vnet/x/y")), "no model is known"),
        ("PUT", "/vnet$", lambda e: e.update(status=400, answer={"message": "no"}), "an error without code"),
        ("PUT", "/vnet$", lambda e: e.update(status=409, answer={"error": {"code": 409}}), "an error without code"),
    ],
)
def test_what_is_unlike_them_is_found(traffic, method, path, plant: Plant, expected):
    found = [each for each in traffic if each["method"] == method and re.search(path, each["path"])]
    entry = copy.deepcopy(found[0])
    assert models.problems([entry]) == []
    plant(entry)
    assert any(expected in each for each in models.problems([entry])), models.problems([entry])


def test_a_fault_of_a_client_is_found_in_the_log(arm, session):
    bodies.group(session)
    bodies.network(session, nat_gateway={"id": "x"})
    assert any("nat_gateway: no such key" in each for each in models.problems(arm.log()))
    arm.reset()
