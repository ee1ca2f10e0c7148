# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the stand-in: throttled, failing, cut off, too late, interrupted, with tokens that end."""

from __future__ import annotations

import concurrent.futures
import json
import threading
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import network_bodies, patience, request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session, open_session
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, Interrupted
from ansible_collections.flatops.flatcar.tests.azure.conftest import SPEC
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

OPTIONS = {name: spec.get("default") for name, spec in SPEC.items()}


def make_group(session: Session) -> t.Any:
    making = session.resources.resource_groups.create_or_update
    return request.get(session, "Making rg1", making, "rg1", {"location": "westeurope"})


def make_address(session: Session, name: str = "ip1", interrupt: Interrupt | None = None) -> t.Any:
    making = session.network.public_ip_addresses.begin_create_or_update
    body = network_bodies.address("westeurope", "test", {})
    return request.begin(session, f"Making {name}", making, "rg1", name, body, interrupt=interrupt)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited; nobody waits them."""
    waited: list[float] = []
    real = patience.Patience.wait

    def wait(self: patience.Patience, seconds: float) -> None:
        waited.append(seconds)
        self._until -= seconds
        real(self, min(seconds, 0.01))

    monkeypatch.setattr(patience.Patience, "wait", wait)
    return waited


def test_a_minute_of_throttling(arm: Server, session: Session, waits: list[float]) -> None:
    with open_session({**OPTIONS, "timeout": 90}) as patient:
        arm.control(throttle=30, retry_after=2)
        make_group(patient)
        assert waits == [2] * 30


def test_throttled_for_longer_than_the_timeout(arm: Server, session: Session, waits: list[float]) -> None:
    arm.control(throttle=100, retry_after=7)
    with pytest.raises(AzureError, match="Give it more time in timeout") as caught:
        make_group(session)
    assert caught.value.code == "throttled"
    assert waits == [7] * 8


def test_throttled_in_a_long_operation(arm: Server, session: Session, waits: list[float]) -> None:
    make_group(session)
    arm.control(lro_polls=3, lro_retry_after=4)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(make_address, session)
        arm.control(throttle=5, retry_after=1)
        assert future.result()["properties"]["provisioningState"] == "Succeeded"
    assert waits.count(4) >= 3


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_transient_failures(arm: Server, session: Session, waits: list[float], status: int) -> None:
    arm.control(fail=[{"method": "PUT", "status": status, "times": 4}])
    make_group(session)
    make_address(session)
    assert len([seconds for seconds in waits if seconds >= 0.3]) == 4
    assert waits[2] > 1.5


def test_failures_that_last(arm: Server, session: Session, waits: list[float]) -> None:
    arm.control(fail=[{"status": 503, "code": "ServiceUnavailable", "message": "Come back later.", "times": 1000}])
    with pytest.raises(AzureError, match=r"Making rg1: Come back later \(ServiceUnavailable\)") as caught:
        make_group(session)
    assert caught.value.code == "fault"
    assert 25 < sum(waits) <= 60


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["PUT", "GET", "POST", "DELETE"])
@pytest.mark.usefixtures("waits")
def test_cut_connections(arm: Server, session: Session, method: str, when: str) -> None:
    make_group(session)
    arm.control(cut=[{"method": method, "when": when, "times": 3}], lro_seconds=0.02)
    make_address(session)
    request.get(session, "Registering", session.resources.providers.register, "Microsoft.Compute")
    deleting = session.network.public_ip_addresses.begin_delete
    request.begin(session, "Deleting ip1", deleting, "rg1", "ip1")
    assert list(arm.resources()) == [f"/subscriptions/{arm.subscription_id}/resourceGroups/rg1"]


def test_tokens_that_expire_during_a_long_operation(arm: Server, azure_env: dict[str, str]) -> None:
    arm.control(token_seconds=0.5, lro_polls=3, lro_seconds=60, lro_retry_after=1)
    with open_session({**OPTIONS, "timeout": 60}) as session:
        make_group(session)
        assert make_address(session)["properties"]["provisioningState"] == "Succeeded"


def test_tokens_that_are_revoked(arm: Server, session: Session) -> None:
    make_group(session)
    arm.control(revoke=True)
    assert make_address(session)


def test_tokens_that_are_always_refused(arm: Server, session: Session) -> None:
    rule = {"path": "resourcegroups", "status": 401, "code": "InvalidAuthenticationTokenTenant", "times": 99}
    arm.control(fail=[{**rule, "message": "The access token is from the wrong issuer."}])
    with pytest.raises(AzureError, match="Check that tenant is the tenant of the subscription") as caught:
        make_group(session)
    assert caught.value.code == "authentication"
    assert len([each for each in arm.log() if "resourcegroups" in each["path"]]) == 2


def test_one_token_for_all_threads(arm: Server, azure_env: dict[str, str]) -> None:
    with open_session({**OPTIONS, "timeout": 60}) as session, concurrent.futures.ThreadPoolExecutor(16) as pool:
        make_group(session)
        list(pool.map(lambda number: make_address(session, f"ip{number}"), range(32)))
    assert len([each for each in arm.log() if each["path"].endswith("/token")]) == 1


def test_timeout_of_a_long_operation(arm: Server, session: Session, waits: list[float]) -> None:
    make_group(session)
    arm.control(lro_polls=1000, lro_seconds=1000, lro_retry_after=8)
    with pytest.raises(AzureError, match="Making ip1: this has not ended within 60 seconds") as caught:
        make_address(session)
    assert caught.value.code == "timeout"
    assert waits == [8] * 8


def test_an_interrupt_ends_the_wait(arm: Server, session: Session) -> None:
    make_group(session)
    arm.control(lro_polls=1000, lro_seconds=1000, lro_retry_after=30)
    interrupt = Interrupt()
    threading.Timer(0.3, interrupt.set).start()
    start = time.monotonic()
    with pytest.raises(Interrupted):
        make_address(session, interrupt=interrupt)
    assert time.monotonic() - start < 10
    with pytest.raises(Interrupted):
        make_address(session, interrupt=interrupt)


def test_a_failed_operation_says_why(arm: Server, session: Session) -> None:
    make_group(session)
    rule = {"where": "operation", "status": 400, "code": "SomethingWrong", "message": "It did not work."}
    arm.control(fail=[{**rule, "target": "ip1", "details": [{"code": "Inner", "message": "The reason."}]}])
    with pytest.raises(AzureError, match=r"Making ip1: It did not work .*The reason \(Inner\)") as caught:
        make_address(session)
    assert caught.value.code == "fault"
    assert caught.value.about["azure_code"] == "SomethingWrong"
    assert caught.value.about["details"] == [{"code": "Inner", "message": "The reason.", "target": None}]


def test_what_is_missing(session: Session) -> None:
    reading = session.network.virtual_networks.get
    assert request.get(session, "Reading v1", reading, "rg1", "v1", missing_ok=True) is None
    make_group(session)
    assert request.get(session, "Reading v1", reading, "rg1", "v1", missing_ok=True) is None
    listing = session.network.virtual_networks.list
    assert request.listed(session, "Listing", listing, "rg9", missing_ok=True) == []
    with pytest.raises(AzureError) as caught:
        request.get(session, "Reading v1", reading, "rg1", "v1")
    assert caught.value.code == "not_found"


def test_a_provider_that_is_not_registered(arm: Server, azure_env: dict[str, str], waits: list[float]) -> None:
    arm.control(unregistered=["Microsoft.Network"], registering=3)
    for given, check in (({}, False), ({"register_providers": True}, True)):
        with open_session({**OPTIONS, **given}, check) as session:
            make_group(session)
            with pytest.raises(AzureError, match="az provider register -n Microsoft") as caught:
                make_address(session)
        assert (caught.value.code, caught.value.about["namespace"]) == ("not_registered", "Microsoft.Network")
    assert not any("/register" in each for each in arm.writes())
    with open_session({**OPTIONS, "register_providers": True}) as session:
        assert make_address(session)
    assert waits.count(5) == 4


def test_a_provider_that_may_not_be_registered(arm: Server, azure_env: dict[str, str]) -> None:
    arm.control(unregistered=["Microsoft.Network"], deny=["*/register/action"])
    with open_session({**OPTIONS, "register_providers": True}) as session:
        make_group(session)
        with pytest.raises(AzureError, match="register/action") as caught:
            make_address(session)
    assert caught.value.code == "no_permission"


def test_a_missing_permission_is_named(arm: Server, session: Session) -> None:
    make_group(session)
    arm.control(deny=["Microsoft.Network/publicIPAddresses/write"])
    with pytest.raises(AzureError, match="a role with the action Microsoft") as caught:
        make_address(session)
    assert caught.value.code == "no_permission"
    assert caught.value.about["action"] == "Microsoft.Network/publicIPAddresses/write"
    assert caught.value.about["scope"].endswith("/publicIPAddresses/ip1")


def test_an_answer_that_is_none(session: Session) -> None:
    with pytest.raises(AzureError, match="Trying: the answer is none that Azure gives") as caught:
        request.get(session, "Trying", lambda **given: json.loads("<html>Please log in.</html>"))
    assert caught.value.code == "connect"
