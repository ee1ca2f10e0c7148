# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks that several processes make, change and delete at once."""

from __future__ import annotations

import concurrent.futures
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    network_delete,
    network_look,
    network_own,
    network_shared,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_wanted import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session, open_session
from ansible_collections.flatops.flatcar.tests.azure.conftest import SPEC
from ansible_collections.flatops.flatcar.tests.azure.network import PUBLIC, wanted
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

ALL = {"create_resource_group": True, **PUBLIC, "outbound": "nat_gateway"}
OPTIONS = {**{name: spec.get("default") for name, spec in SPEC.items()}, "timeout": 120}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_shared, "PAUSE", 0.05)


def make(session: Session, *vms: Wanted) -> None:
    network = network_look.look(session, vms)
    network_shared.shared(session, vms, network)
    for vm in vms:
        network_own.own(session, vm, network)


def together(*works: t.Callable[[Session], None]) -> None:
    """Each in a thread with a login of its own, as in a process of its own; the first error is raised."""

    def work(each: t.Callable[[Session], None]) -> None:
        with open_session(OPTIONS) as session:
            each(session)

    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(work, each) for each in works]:
            future.result()


def check_whole(arm: Server, *vms: Wanted) -> None:
    """All that these VMs need is there."""
    there = arm.resources()
    for vm in vms:
        nic = there[str(vm.nic)]["properties"]
        assert nic["provisioningState"] == "Succeeded"
        assert str(vm.address) in there
        subnet = there[nic["ipConfigurations"][0]["properties"]["subnet"]["id"]]
        assert subnet["properties"]["natGateway"]["id"] in there
        assert nic["networkSecurityGroup"]["id"] in there


@pytest.mark.usefixtures("azure_env")
@pytest.mark.parametrize("subnets", [("default", "default"), ("front", "back")])
def test_two_make_one_network(arm: Server, subnets: tuple[str, str]) -> None:
    arm.control(lro_polls=3, delay=0.01)
    prefixes = ("10.10.0.0/24", "10.10.0.0/24" if subnets[0] == subnets[1] else "10.10.1.0/24")
    vms = [
        [wanted(name=f"{subnet}{number}-{side}", subnet_name=subnet, subnet_prefix=prefix, **ALL) for number in (1, 2)]
        for side, (subnet, prefix) in enumerate(zip(subnets, prefixes))
    ]
    together(*(lambda session, each=each: make(session, *each) for each in vms))
    check_whole(arm, *vms[0], *vms[1])
    with open_session(OPTIONS) as session:
        everything = [*vms[0], *vms[1]]
        before = arm.writes()
        make(session, *everything)
        assert arm.writes() == before


@pytest.mark.usefixtures("azure_env")
def test_deletion_while_another_creates(arm: Server) -> None:
    old, new = wanted(name="old", **ALL), [wanted(name=f"new{number}", **ALL) for number in range(3)]
    with open_session(OPTIONS) as session:
        make(session, old)

    def delete(session: Session) -> None:
        network_delete.delete_own(session, "rg1", "old")
        for _turn in range(5):
            network_delete.delete_shared(session, [old])

    arm.control(lro_polls=2, delay=0.01)
    together(delete, *(lambda session, each=each: make(session, each) for each in new))
    check_whole(arm, *new)
    assert str(old.nic) not in arm.resources()


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 409, "code": "AnotherOperationInProgress", "path": "virtualNetworks/rg1-vnet$"},
        {"status": 429, "code": "RetryableError", "path": "networkInterfaces/node1-nic$"},
        {"status": 409, "code": "Canceled", "path": "natGateways/", "where": "operation"},
        {"status": 409, "code": "ReferencedResourceNotProvisioned", "path": "networkInterfaces/node1-nic$"},
        {"status": 412, "code": "PreconditionFailed", "path": "networkSecurityGroups/"},
        {
            "status": 409,
            "code": "CanceledAndSupersededDueToAnotherOperation",
            "path": "node1-nic$",
            "where": "operation",
        },
    ],
    ids=lambda rule: rule["code"],
)
def test_conflicts_are_waited_for(arm: Server, session: Session, rule: dict[str, t.Any]) -> None:
    arm.control(fail=[{"method": "PUT", "times": 3, **rule}])
    vm = wanted(**ALL)
    make(session, vm)
    check_whole(arm, vm)


def test_other_errors_are_not(arm: Server, session: Session) -> None:
    arm.control(fail=[{"method": "PUT", "path": "natGateways", "status": 403, "code": "RequestDisallowedByPolicy"}])
    with pytest.raises(AzureError, match="Making the NAT gateway rg1-vnet-nat") as caught:
        make(session, wanted(**ALL))
    assert caught.value.code == "policy"
    make(session, wanted(**ALL))
    check_whole(arm, wanted(**ALL))


@pytest.mark.parametrize("gone", ["network", "group"])
def test_what_another_has_deleted_is_made_again(arm: Server, session: Session, gone: str) -> None:
    vm = wanted(**ALL)
    network = network_look.look(session, [vm])
    network_shared.shared(session, [vm], network)
    other = wanted(**{**ALL, "create_resource_group": gone == "group"})
    assert network_delete.delete_shared(session, [other])
    network_own.own(session, vm, network)
    check_whole(arm, vm)
    network_delete.delete_own(session, "rg1", "node1")


def test_what_comes_into_use_stays(arm: Server, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody takes it between the look and the deletion."""
    vm = wanted(**ALL)
    make(session, vm)
    known = network_look.look(session, [vm])
    network_delete.delete_own(session, "rg1", "node1")
    empty = network_look.look(session, [vm])
    network_own.own(session, vm, empty)
    monkeypatch.setattr(network_look, "look", lambda *given: empty)
    assert network_delete.delete_shared(session, [vm]) == []
    check_whole(arm, vm)
    assert known.get(vm.nic) is not None
