# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a test can ask the stand-in to do wrong, seen without the retries of the modules."""

from __future__ import annotations

import collections.abc
import http.client
import json
import ssl
import time
import typing as t
import urllib.parse

import pytest

from ansible_collections.flatops.flatcar.tests.standins.arm import world
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

Json = dict[str, t.Any]
GROUPS = f"/subscriptions/{world.SUBSCRIPTION}/resourcegroups"
VERSION = "api-version=2026-04-01"


class Wire:
    """One request at a time, as it is."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.context = ssl.create_default_context(cafile=server.ca_path)
        self.token = self.login()[1].get("access_token")

    def login(self, **more: str) -> tuple[int, Json]:
        form = {"grant_type": "client_credentials", "client_id": world.CLIENT_ID, "client_secret": world.SECRET, **more}
        path = f"/{world.TENANT}/oauth2/v2.0/token"
        status, answer, dummy = self._sent("POST", path, urllib.parse.urlencode(form), {})
        return status, answer

    def __call__(self, method: str, path: str, body: Json | None = None, **headers: str) -> tuple[int, Json, Json]:
        """Status, body, and headers by names in small letters."""
        address = path if "?" in path else f"{path}?{VERSION}"
        return self._sent(
            method, address, json.dumps(body) if body else "", {"Authorization": f"Bearer {self.token}", **headers}
        )

    def _sent(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, Json, Json]:
        connection = http.client.HTTPSConnection(self.server.url.removeprefix("https://"), context=self.context)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return (
            answer.status,
            json.loads(raw) if raw else {},
            {name.lower(): value for name, value in answer.getheaders()},
        )

    def code(self, method: str, path: str, body: Json | None = None, **headers: str) -> tuple[int, str]:
        status, answer, dummy = self(method, path, body, **headers)
        return status, answer.get("error", {}).get("code", "")

    def group(self) -> None:
        assert self("PUT", f"{GROUPS}/rg", {"location": "westeurope"})[0] == 201

    def network(self, **headers: str) -> tuple[int, Json, Json]:
        body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
        return self("PUT", NETWORK, body, **headers)


NETWORK = f"{GROUPS}/rg/providers/Microsoft.Network/virtualNetworks/vnet"


@pytest.fixture
def wire(arm: Server) -> collections.abc.Iterator[Wire]:
    yield Wire(arm)
    arm.reset()


def test_logins(wire):
    assert wire.login()[0] == 200
    assert wire.login(client_secret="wrong")[1]["error_codes"] == [7000215]
    assert wire.login(client_id="x")[1]["error_codes"] == [700016]


def test_tokens_end(arm, wire):
    assert wire.code("GET", GROUPS) == (200, "")
    arm.control(revoke=True)
    assert wire.code("GET", GROUPS) == (401, "InvalidAuthenticationToken")
    arm.control(token_seconds=0)
    wire.token = wire.login()[1]["access_token"]
    assert wire.code("GET", GROUPS) == (401, "ExpiredAuthenticationToken")
    wire.token = ""
    assert wire("GET", GROUPS)[2]["www-authenticate"].startswith("Bearer authorization_uri=")


def test_requests_that_are_none(wire):
    assert wire.code("GET", f"{GROUPS}?x=1") == (400, "MissingApiVersionParameter")
    assert wire.code("GET", f"/subscriptions/{world.TENANT}") == (404, "SubscriptionNotFound")
    assert wire.code("GET", f"{GROUPS}/none") == (404, "ResourceGroupNotFound")
    wire.group()
    assert wire.code("GET", NETWORK) == (404, "ResourceNotFound")
    assert wire.code("PUT", f"{GROUPS}/rg", {"location": "eastus"}) == (409, "InvalidResourceGroupLocation")


def test_throttling(arm, wire):
    arm.control(throttle=2, retry_after=7)
    status, answer, headers = wire("GET", GROUPS)
    assert (status, answer["error"]["code"], headers["retry-after"]) == (429, "OperationNotAllowed", "7")
    assert [wire.code("GET", GROUPS)[0] for dummy in range(2)] == [429, 200]
    arm.control(throttle_seconds=0.3)
    assert wire.code("GET", GROUPS)[0] == 429
    time.sleep(0.4)
    assert wire.code("GET", GROUPS)[0] == 200


def test_failures_are_counted(arm, wire):
    rule = {"method": "PUT", "path": "resourcegroups/rg$", "status": 503, "code": "ServerBusy", "times": 2}
    arm.control(fail=[rule])
    wanted = ("PUT", f"{GROUPS}/rg", {"location": "westeurope"})
    assert wire.code("GET", GROUPS)[0] == 200
    assert [wire.code(*wanted)[0] for dummy in range(3)] == [503, 503, 201]


@pytest.mark.parametrize(("when", "there"), [("before", False), ("after", True)])
def test_connections_are_cut(arm, wire, when, there):
    arm.control(cut=[{"method": "PUT", "path": "resourcegroups", "when": when}])
    with pytest.raises((http.client.HTTPException, OSError)):
        wire.group()
    assert (f"{GROUPS}/rg".lower() in {each.lower() for each in arm.resources()}) == there


def test_long_operations(arm, wire):
    wire.group()
    arm.control(lro_polls=2, lro_retry_after=3)
    status, made, headers = wire.network()
    assert (status, made["properties"]["provisioningState"], headers["retry-after"]) == (201, "Creating", "3")
    follow = headers["azure-asyncoperation"].removeprefix(arm.url)
    assert [wire("GET", follow)[1]["status"] for dummy in range(3)] == ["InProgress", "InProgress", "Succeeded"]
    assert wire("GET", NETWORK)[1]["properties"]["provisioningState"] == "Succeeded"


def test_operations_end_without_a_look(arm, wire):
    wire.group()
    arm.control(lro_seconds=0.2)
    wire.network()
    time.sleep(0.3)
    assert wire("GET", NETWORK)[1]["properties"]["provisioningState"] == "Succeeded"


def test_operations_that_fail(arm, wire):
    wire.group()
    arm.control(fail=[{"path": "vnet", "where": "operation", "code": "Canceled", "message": "no"}], lro_polls=0)
    follow = wire.network()[2]["azure-asyncoperation"].removeprefix(arm.url)
    answer = wire("GET", follow)[1]
    assert (answer["status"], answer["error"]["code"]) == ("Failed", "Canceled")
    assert wire("GET", NETWORK)[1]["properties"]["provisioningState"] == "Failed"


def test_what_is_busy_cannot_be_changed(arm, wire):
    wire.group()
    wire.network()
    assert wire.network()[1]["error"]["code"] == "AnotherOperationInProgress"


def test_etags(arm, wire):
    wire.group()
    arm.control(lro_seconds=0)
    tag = wire.network()[1]["etag"]
    assert wire.network(**{"If-None-Match": "*"})[0] == 412
    assert wire.network(**{"If-Match": 'W/"x"'})[0] == 412
    assert wire.network(**{"If-Match": tag})[0] == 200
    assert wire.network(**{"If-Match": tag})[0] == 412


def test_what_is_late_is_found_in_the_end(arm, wire):
    wire.group()
    wire.network()
    arm.control(late=[{"path": "vnet$", "times": 2}])
    assert [wire("GET", NETWORK)[0] for dummy in range(3)] == [404, 404, 200]


def test_rights(arm, wire):
    arm.control(deny=["Microsoft.Network/*/write"])
    wire.group()
    status, answer, dummy = wire.network()
    assert (status, answer["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.Network/virtualNetworks/write' over scope '/subscriptions/" in answer["error"]["message"]
    arm.control(deny=[], allow=["Microsoft.Resources/subscriptions/resourceGroups/*"])
    assert wire.network()[0] == 403
    assert wire("GET", f"{GROUPS}/rg")[0] == 200


def test_providers_are_registered(arm, wire):
    wire.group()
    arm.control(unregistered=["Microsoft.Network"])
    assert wire.network()[1]["error"]["code"] == "MissingSubscriptionRegistration"
    place = f"/subscriptions/{world.SUBSCRIPTION}/providers/Microsoft.Network"
    assert wire("POST", f"{place}/register")[1]["registrationState"] == "Registering"
    assert [wire("GET", place)[1]["registrationState"] for dummy in range(2)] == ["Registering", "Registered"]
    assert wire.network()[0] == 201


def test_quota(arm, wire):
    wire.group()
    arm.control(quota={"PublicIPAddresses": 1})
    body = {"location": "westeurope", "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    place = f"{GROUPS}/rg/providers/Microsoft.Network/publicIPAddresses"
    assert wire.code("PUT", f"{place}/a", body) == (201, "")
    assert wire.code("PUT", f"{place}/b", body) == (400, "PublicIPCountLimitReached")


def test_settings_that_are_none(arm):
    with pytest.raises(OSError, match="400"):
        arm.control(thorttle=1)


def test_pages(arm, wire):
    for name in "abc":
        wire("PUT", f"{GROUPS}/{name}", {"location": "westeurope"})
    arm.control(page=2)
    first = wire("GET", GROUPS)[1]
    second = wire("GET", first["nextLink"].removeprefix(arm.url))[1]
    assert [each["name"] for each in first["value"] + second["value"]] == ["a", "b", "c"]
    assert "nextLink" not in second
