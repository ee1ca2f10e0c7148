# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_vm against a stand-in that throttles, fails, cuts connections, and refuses."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.tests.azure.lab import Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

VM = "virtualMachines/node1$"
TIMED_OUT = {
    "method": "PUT",
    "path": VM,
    "where": "operation",
    "status": 409,
    "code": "OSProvisioningTimedOut",
    "message": "OS Provisioning for VM 'node1' did not finish in the allotted time.",
}


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def test_throttled_for_a_minute(lab: Lab) -> None:
    lab.server.control(throttle_seconds=60, retry_after=7)
    started, cpu = time.monotonic(), time.process_time()
    row = lab.vm()
    assert not row["failed"], row
    assert time.monotonic() - started > 55
    assert time.process_time() - cpu < 10
    refused = [each for each in lab.asked() if each.endswith(" 429")]
    assert 5 < len(refused) < 60, len(refused)


def test_throttled_for_longer_than_the_time_out(lab: Lab) -> None:
    lab.login["timeout"] = 5
    lab.vm()
    lab.server.control(throttle_seconds=600, retry_after=1)
    started = time.monotonic()
    with pytest.raises(Exception, match="Listing the ") as raised:
        lab.vm()
    assert getattr(raised.value, "code", None) in ("throttled", "timeout")
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("status", [500, 502, 503])
def test_failures_of_azure_during_the_creation(lab: Lab, status: int) -> None:
    lab.server.control(
        fail=[
            {"path": "virtualMachines", "status": status, "times": 2},
            {"path": "networkInterfaces", "status": status, "times": 2},
            {"method": "PUT", "path": VM, "status": status, "times": 1},
            {"method": "GET", "path": "operations/", "status": status, "times": 2},
        ]
    )
    row = lab.vm()
    assert not row["failed"], row
    assert sorted(lab.there()) == ["node1"]
    assert lab.tags("node1")["state"] == stamp.COMPLETE


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "GET"])
def test_cut_connections_during_the_creation(lab: Lab, method: str, when: str) -> None:
    """Also where Azure has taken the request, and its answer is lost."""
    rule: dict[str, t.Any] = {"method": method, "path": "virtualMachines|networkInterfaces|operations", "times": 2}
    lab.server.control(cut=[{**rule, "when": when}] if when == "after" else [rule])
    row = lab.vm(ignition=ignition())
    assert not row["failed"], row
    assert any(each.endswith(" 0") for each in lab.asked())
    assert lab.tags("node1")["state"] == stamp.COMPLETE
    with lab.looking():
        assert not lab.vm(ignition=ignition())["changed"]


def test_a_token_that_expires_during_a_long_operation(lab: Lab) -> None:
    lab.server.control(token_seconds=2, lro_polls=6, lro_seconds=60, lro_retry_after=1)
    row = lab.vm()
    assert not row["failed"], row
    assert len([each for each in lab.asked("POST") if "/oauth2/" in each]) > 1


def test_a_token_that_is_refused_during_a_long_operation(lab: Lab) -> None:
    lab.vm()
    lab.server.control(lro_polls=3, lro_seconds=60, lro_retry_after=1)
    with lab.started(recreate=True) as task:
        lab.until(lambda: len(lab.asked("PUT", "virtualMachines/node1")) > 1)
        lab.server.control(revoke=True)
        row = task.result(300)
    assert not row["failed"], row
    assert any(each.endswith(" 401") for each in lab.asked("GET", "operations/"))


def test_quota_is_reached_at_the_third_of_five(lab: Lab) -> None:
    lab.server.control(quota={"standardDSv5Family": 4})
    names = [f"node{number}" for number in range(1, 6)]
    rows = lab.vms(instances=[{"name": name} for name in names])
    assert sorted(row["failed"] for row in rows) == [False, False, True, True, True]
    stand = {row["name"] for row in rows if not row["failed"]}
    assert set(lab.there()) == stand
    assert set(lab.there("networkInterfaces")) == {f"{name}-nic" for name in stand}
    for row in rows:
        if row["failed"]:
            assert (row["error_code"], row["changed"]) == ("quota", "terms_accepted" in row["actions"]), row
            assert "Quotas" in row["msg"]
            assert row["azure_code"]
        else:
            assert row["power_state"] == "running"
    lab.server.control(quota={})
    again = lab.vms(instances=[{"name": name} for name in names])
    assert [row["actions"] for row in again] == [[] if name in stand else ["created"] for name in names]


def test_terms_are_refused(lab: Lab) -> None:
    """They were not accepted; and where they are withdrawn meanwhile, it is the creation that says so."""
    with lab.looking():
        row = lab.vm(accept_terms=False)
    assert row["error_code"] == "terms_required"
    refusal = {
        "method": "PUT",
        "path": VM,
        "status": 400,
        "code": "MarketplacePurchaseEligibilityFailed",
        "message": "Marketplace purchase eligibilty check returned errors. See inner errors for details.",
        "details": [{"code": "BadRequest", "message": "You have not accepted the legal terms on this subscription."}],
    }
    lab.server.control(fail=[refusal])
    row = lab.vm()
    assert (row["error_code"], row["azure_code"]) == ("terms_required", "MarketplacePurchaseEligibilityFailed")
    assert "accept_terms" in row["msg"]
    assert row["details"][0]["code"] == "BadRequest"
    assert "node1-nic" not in lab.made()


def test_terms_that_nobody_may_accept(lab: Lab) -> None:
    lab.server.control(deny=["Microsoft.MarketplaceOrdering/*/write"])
    row = lab.vm()
    assert (row["error_code"], row["failed"]) == ("no_permission", True), row
    assert "MarketplaceOrdering" in row["action"]
    assert lab.made() == []


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.Compute/virtualMachines/write",
        "Microsoft.Network/networkInterfaces/write",
        "Microsoft.Network/virtualNetworks/write",
    ],
)
def test_no_permission(lab: Lab, action: str) -> None:
    lab.server.control(deny=[action])
    row = lab.vm()
    assert (row["error_code"], row["azure_code"]) == ("no_permission", "AuthorizationFailed")
    assert row["action"] == action
    assert row["scope"].lower().startswith("/subscriptions/")
    assert action in row["msg"]
    assert not {"node1", "node1-nic"} & set(lab.made())
    lab.server.control(deny=[])
    assert not lab.vm()["failed"]


def test_no_permission_to_look(lab: Lab) -> None:
    lab.vm()
    lab.server.control(deny=["Microsoft.Compute/virtualMachines/read"])
    with pytest.raises(Exception, match=r"Microsoft\.Compute/virtualMachines/read") as raised:
        lab.vm()
    assert getattr(raised.value, "code", None) == "no_permission"


def test_a_system_that_does_not_come_up(lab: Lab) -> None:
    lab.server.control(fail=[TIMED_OUT])
    row = lab.vm(ignition=ignition())
    assert (row["error_code"], row["azure_code"]) == ("os_timeout", "OSProvisioningTimedOut")
    assert any("Ignition" in line for line in row["serial_log"]), row["serial_log"]
    assert {id.rpartition("/")[2] for id in row["left_behind"]} >= {"node1", "node1-nic"}
    assert lab.tags("node1")["state"] == stamp.CREATING
    first = lab.there()["node1"]["properties"]["vmId"]
    row = lab.twice(ignition=ignition(), max_replacements=0)
    assert row["actions"] == ["deleted", "created"]
    assert lab.there()["node1"]["properties"]["vmId"] != first


def test_a_system_without_a_serial_log(lab: Lab) -> None:
    lab.server.control(fail=[TIMED_OUT])
    row = lab.vm(boot_diagnostics={"enabled": False})
    assert row["error_code"] == "os_timeout"
    assert "serial_log" not in row


def test_a_vm_for_which_there_is_no_room(lab: Lab) -> None:
    """What fails later is removed, and nothing of it is left."""
    lab.vm(name="other")
    before = lab.made()
    lab.server.control(fail=[{**TIMED_OUT, "code": "AllocationFailed", "message": "No room."}])
    row = lab.vm(data_disks=[{"name": "kept", "disk_size_gb": 4, "keep": True}])
    assert (row["error_code"], row["changed"], row["created"]) == ("capacity", False, [])
    assert lab.made() == before


def test_what_cannot_be_removed_is_told(lab: Lab) -> None:
    refusal = {**TIMED_OUT, "code": "AllocationFailed", "message": "No room."}
    lab.server.control(fail=[refusal], deny=["Microsoft.Compute/virtualMachines/delete"])
    row = lab.vm()
    assert row["error_code"] == "capacity"
    assert {id.rpartition("/")[2] for id in row["left_behind"]} == {"node1", "node1-nic"}
    assert "virtualMachines/delete" in row["msg"]
    lab.server.control(deny=[])
    assert lab.vm()["actions"] == ["deleted", "created"]


def test_something_changes_the_vm_meanwhile(lab: Lab) -> None:
    lab.vm()
    refusal = {"method": "PATCH", "path": VM, "status": 412, "code": "ConditionNotMet"}
    lab.server.control(fail=[refusal])
    row = lab.vm(boot_diagnostics={"enabled": False})
    assert row["error_code"] == "conflict"
    assert "run it again" in row["msg"]


def test_no_secret_is_told(lab: Lab) -> None:
    lab.server.control(fail=[TIMED_OUT])
    text = str(lab.vm(ignition=ignition("correct-horse"))) + str(lab.diff)
    text += str(lab.vm(ignition=ignition("battery-staple"), on_ignition_change="replace")) + str(lab.diff)
    for secret in ("correct-horse", "battery-staple", lab.server.secret, "sig="):
        assert secret not in text
