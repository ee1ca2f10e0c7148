# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done about a VM, by what it is."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp, vm_desired, vm_options, vm_seen
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Change, Desired, Drift, Seen
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_plan import ALL, STATE, Plan, plan
from ansible_collections.flatops.flatcar.tests.options import defaults

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/node1"
LIVE = Change("boot_diagnostics", "managed", "disabled", "live")
SIZE = Change("vm_size", "Standard_B2s", "Standard_B4ms", "deallocate")
ZONE = Change("zones", [], ["1"], "rebuild")
NONE = Drift((), None)


def desired(**given: t.Any) -> Desired:
    return vm_desired.desired(defaults({"name": "node1", "resource_group": "g", **given}, vm_options.MACHINE))


def seen(power: str = "running", provisioning: str = "Succeeded", state: str = stamp.COMPLETE) -> Seen:
    vm = {
        "id": ID,
        "name": "node1",
        "tags": stamp.tags(state=state) if state else {},
        "properties": {
            "provisioningState": provisioning,
            "instanceView": {"statuses": [{"code": f"PowerState/{power}"}]},
        },
    }
    return vm_seen.seen(vm)


def planned(there: Seen | None, drift: Drift = NONE, **given: t.Any) -> Plan:
    return plan(desired(**given), there, drift)


def test_a_vm_that_is_not_there() -> None:
    assert planned(None).kind == "create"
    assert planned(None, state="absent").kind == "nothing"
    assert plan(desired(state="absent"), None, NONE, has_parts=True).kind == "delete"
    assert planned(None, state="running").power is None
    assert planned(None, state="restarted").power is None
    stopped = planned(None, state="stopped")
    assert stopped.power == "stop"
    assert "billing" in stopped.warnings[0]
    assert planned(None, state="deallocated").power == "deallocate"


@pytest.mark.parametrize(
    ("state", "power", "done"),
    [
        ("present", "deallocated", None),
        ("running", "running", None),
        ("running", "starting", None),
        ("running", "stopped", "start"),
        ("running", "deallocating", "start"),
        ("stopped", "running", "stop"),
        ("stopped", "deallocated", None),
        ("deallocated", "stopped", "deallocate"),
        ("deallocated", "deallocated", None),
        ("restarted", "running", "restart"),
        ("restarted", "stopped", "start"),
    ],
)
def test_power(state: str, power: str, done: str | None) -> None:
    made = planned(seen(power), state=state)
    assert made.power == done
    assert made.kind == ("change" if done else "nothing")


def test_what_takes_a_vm_that_is_deallocated() -> None:
    drift = Drift((LIVE, SIZE), None)
    with pytest.raises(AzureError, match="has to be deallocated to get another value of vm_size") as raised:
        planned(seen(), drift)
    assert raised.value.code == "power_state"
    forced = planned(seen(), drift, force=True)
    assert (forced.kind, forced.cycle, forced.power, forced.changes) == ("change", True, "start", (LIVE, SIZE))
    assert planned(seen("stopped"), drift, force=True).power is None
    assert planned(seen("stopped"), drift, force=True, state="stopped").power is None
    assert planned(seen("stopped"), drift, force=True, state="running").power == "start"
    assert planned(seen(), drift, force=True, state="restarted").power == "start"
    off = planned(seen("deallocated"), drift)
    assert (off.kind, off.cycle, off.power) == ("change", False, None)
    going = planned(seen(), drift, state="deallocated")
    assert (going.cycle, going.power) == (True, None)


def test_a_vm_whose_system_is_on_the_host_is_not_deallocated() -> None:
    there = seen()._replace(ephemeral=True)
    with pytest.raises(AzureError, match="only a new one can have: vm_size"):
        planned(there, Drift((SIZE,), None), force=True)
    assert planned(there, Drift((LIVE,), None)).kind == "change"


def test_immutable_differences_are_named() -> None:
    drift = Drift((ZONE, SIZE), None)
    with pytest.raises(AzureError, match=r"only a new one can have: zones \(\[\] -> \['1'\]\)\.") as raised:
        planned(seen(), drift)
    assert raised.value.code == "immutable_changed"
    made = planned(seen(), drift, on_immutable_change="replace")
    assert (made.kind, made.counted) == ("replace", True)
    assert "zones" in made.reason


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"on_ignition_change": "ignore"}, Plan("nothing")),
        ({"on_ignition_change": "accept"}, Plan("change", stamps=ALL)),
        ({"on_ignition_change": "replace"}, Plan("replace", "the Ignition config", counted=True)),
    ],
)
def test_another_ignition(given: dict[str, str], expected: Plan) -> None:
    assert planned(seen(), Drift((), True), **given) == expected
    assert planned(seen(), Drift((), False), **given) == Plan("nothing")


def test_another_ignition_that_is_written_or_refused() -> None:
    with pytest.raises(AzureError, match="on_ignition_change to replace, update, accept or ignore") as raised:
        planned(seen(), Drift((), True))
    assert raised.value.code == "ignition_changed"
    made = planned(seen(), Drift((), True), on_ignition_change="update", ignition_in="user_data")
    assert (made.kind, made.user_data, made.stamps) == ("change", True, ALL)
    assert "Ignition will not run again" in made.warnings[0]


def test_recreate() -> None:
    made = planned(seen(), recreate=True)
    assert (made.kind, made.reason, made.counted) == ("replace", "recreate", True)
    assert planned(seen(), recreate=True, state="absent").kind == "delete"
    with pytest.raises(AzureError, match="is not replaced"):
        planned(seen(state=""), recreate=True, adopt=True)


def test_a_vm_of_others() -> None:
    foreign = seen(state="")
    alone = planned(foreign)
    assert alone.kind == "nothing"
    assert "left alone" in alone.warnings[0]
    for given, code in (
        ({"state": "absent"}, "not_ours"),
        ({"state": "stopped"}, "not_ours"),
        ({"recreate": True}, "not_ours"),
    ):
        with pytest.raises(AzureError) as raised:
            planned(foreign, **given)
        assert raised.value.code == code
    with pytest.raises(AzureError, match="differs from what is described: boot_diagnostics") as raised:
        planned(foreign, Drift((LIVE,), None))
    assert raised.value.code == "name_exists"
    adopted = planned(foreign, Drift((LIVE,), None), adopt=True)
    assert (adopted.kind, adopted.changes, adopted.stamps) == ("change", (LIVE,), ALL)
    assert planned(foreign, adopt=True, state="absent").kind == "delete"
    with pytest.raises(AzureError) as raised:
        planned(foreign, Drift((ZONE,), None), adopt=True, on_immutable_change="replace")
    assert raised.value.code == "immutable_changed"


def test_what_a_killed_run_left() -> None:
    assert planned(seen(state=stamp.CREATING)) == Plan("change", stamps=STATE)
    failed = planned(seen(provisioning="Failed", state=stamp.CREATING))
    assert (failed.kind, failed.counted) == ("replace", False)
    assert planned(seen(provisioning="Failed")).kind == "nothing"
