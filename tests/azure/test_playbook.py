# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook azure_vms on the stand-in: which machines there are afterwards."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure.fleet import MACHINE, PLAYBOOK, Fleet
from ansible_collections.flatops.flatcar.tests.fleets import SECRET, Variables, ended, failure, stats
from ansible_collections.flatops.flatcar.tests.standins.arm import client

HOSTS: dict[str, Variables] = {"web1": {}, "web2": {"flatcar_azure__90_host": {"vm_size": "Standard_B2s"}}, "web3": {}}
NOTHING = {name: [0, 0] for name in HOSTS}


@pytest.fixture
def fleet(arm: client.Server, tmp_path: pathlib.Path) -> Fleet:
    return Fleet(tmp_path, arm, HOSTS)


def test_first_run_and_second(fleet: Fleet) -> None:
    checked = fleet.run("--check", "--diff")
    assert checked.rc == 0, checked.output
    assert fleet.server.writes() == []
    first = fleet.run("-vvv", "--diff")
    assert first.rc == 0, first.output
    made = fleet.vms()
    assert set(made) == set(HOSTS)
    assert len({vm.ignition for vm in made.values()}) == 3
    told = stats(first)
    assert set(told["flatcar_vms"]) == set(HOSTS)
    assert told["flatcar_addresses"] == {name: vm["public_ips"][0] for name, vm in told["flatcar_vms"].items()}
    for output in (checked.output, first.output):
        assert SECRET not in output and fleet.server.secret not in output
    done = fleet.server.writes()
    second = fleet.run()
    assert second.rc == 0 and ended(second) == NOTHING, second.output
    assert fleet.server.writes() == done
    assert stats(second)["flatcar_drift"] == {name: [] for name in HOSTS}


def test_a_changed_description(fleet: Fleet) -> None:
    assert fleet.run().rc == 0
    made = fleet.vms()
    changed: Variables = {"motd": "{{ 'new' if inventory_hostname == 'web2' else 'correct-horse' }}"}
    ignored = fleet.run(**changed)
    assert ignored.rc == 0 and ended(ignored) == NOTHING, ignored.output
    assert [host for host, drift in stats(ignored)["flatcar_drift"].items() if drift] == ["web2"]
    # What comes after it in one run is not about these machines.
    site = fleet.play.folder / "site.json"
    site.write_text(json.dumps([{"import_playbook": PLAYBOOK}, {"import_playbook": "flatops.flatcar.vsphere_vms"}]))
    replaced = fleet.run(playbook=str(site), flatcar_on_ignition_change="replace", **changed)
    assert replaced.rc == 0 and ended(replaced) == {**NOTHING, "web2": [1, 0]}, replaced.output
    after = fleet.vms()
    assert {name for name in HOSTS if after[name] != made[name]} == {"web2"}
    assert after["web2"].ignition != made["web2"].ignition
    again = fleet.run(flatcar_on_ignition_change="replace", **changed)
    assert again.rc == 0 and ended(again) == NOTHING, again.output


def test_each_host_fails_by_itself(arm: client.Server, tmp_path: pathlib.Path) -> None:
    hosts: dict[str, Variables] = {
        "web1": {},
        "bad1": {"flatcar_butane__90_host": "variant: flatcar\nversion: 1.0.0\nfile: []\n"},
        "bad2": {"flatcar_azure__90_host": {"vm_size": "Standard_A2_v2"}},
        "bad3": {"flatcar_azure__90_host": {"on_ignition_change": "replace"}},
    }
    fleet = Fleet(tmp_path, arm, hosts)
    played = fleet.run()
    assert played.rc != 0
    assert set(fleet.vms()) == {"web1"}, played.output
    assert "file" in failure(played, "bad1")
    assert "Standard_A2_v2" in failure(played, "bad2") and "(size_unfit)" in failure(played, "bad2")
    assert "flatcar_on_*_change" in failure(played, "bad3")
    assert set(stats(played)["flatcar_vms"]) == {"web1"}
    assert list(tmp_path.rglob("*.ign")) == []


def test_a_quota_that_two_of_five_fit_into(arm: client.Server, tmp_path: pathlib.Path) -> None:
    names = [f"web{number}" for number in range(5)]
    fleet = Fleet(tmp_path, arm, {name: {} for name in names})
    arm.control(quota={"cores": 4})
    played = fleet.run()
    assert played.rc != 0
    stand = set(fleet.vms())
    assert len(stand) == 2, played.output
    assert set(stats(played)["flatcar_vms"]) == stand
    for name in set(names) - stand:
        assert "(quota)" in failure(played, name)
    # Nothing of the others is left.
    owned = [id for id in arm.resources() if any(f"/{name}" in id for name in set(names) - stand)]
    assert owned == []
    arm.control(quota={})
    rest = fleet.run()
    assert rest.rc == 0 and set(fleet.vms()) == set(names), rest.output


def test_terms_that_nobody_has_accepted(arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}}, flatcar_azure__90={"accept_terms": False})
    played = fleet.run()
    assert "(terms_required)" in failure(played, "web1"), played.output
    assert fleet.vms() == {}


def test_a_machine_that_does_not_report(arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}, "web2": {}})
    arm.control(
        fail=[{"method": "PUT", "path": "achines/web1", "where": "operation", "code": "OSProvisioningTimedOut"}]
    )
    played = fleet.run()
    said = failure(played, "web1")
    assert "(os_timeout)" in said and "Ignition 2" in said, played.output
    assert set(stats(played)["flatcar_vms"]) == {"web2"}


def test_a_login_that_is_refused(arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, HOSTS, flatcar_azure__50_login={"secret": SECRET})
    played = fleet.run("-vvv")
    assert played.rc != 0 and SECRET not in played.output
    for host in HOSTS:
        assert "(authentication)" in failure(played, host)


def test_login_by_environment(arm: client.Server, tmp_path: pathlib.Path) -> None:
    # What is said of machines must not be done on the controller.
    become: dict[str, t.Any] = {
        "ansible_become": True,
        "ansible_become_user": "nobody",
        "ansible_become_exe": "/bin/false",
    }
    fleet = Fleet(tmp_path, arm, {"web1": {"flatcar_azure": MACHINE}, "bare1": {}}, flatcar_azure=None, **become)
    played = fleet.run(env=arm.environment())
    assert played.rc == 0 and set(fleet.vms()) == {"web1"}, played.output


def test_states(arm: client.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, arm, {"web1": {}, "web2": {}})
    assert fleet.run().rc == 0
    off = fleet.run("--limit", "web1", flatcar_state="deallocated")
    assert off.rc == 0 and ended(off) == {"web1": [1, 0]}, off.output
    assert stats(off)["flatcar_vms"]["web1"]["power_state"] == "deallocated"
    checked = fleet.run("--check", "--limit", "web1", flatcar_state="absent")
    assert checked.rc == 0 and set(fleet.vms()) == {"web1", "web2"}, checked.output
    one = fleet.run("--limit", "web1", flatcar_state="absent")
    assert one.rc == 0 and set(fleet.vms()) == {"web2"}, one.output
    rest = fleet.run(flatcar_state="absent")
    assert rest.rc == 0 and ended(rest) == {"web1": [0, 0], "web2": [1, 0]}, rest.output
    assert arm.resources() == {}


def test_two_logins(arm: client.Server, tmp_path: pathlib.Path) -> None:
    """Hosts whose logins differ are made by a task each; here one of them is wrong."""
    hosts: dict[str, Variables] = {
        "web1": {},
        "web2": {"flatcar_azure__90_host": {**arm.options(), "client_id": "00000000-0000-0000-0000-000000000000"}},
    }
    fleet = Fleet(tmp_path, arm, hosts)
    played = fleet.run()
    assert set(fleet.vms()) == {"web1"}, played.output
    assert "(authentication)" in failure(played, "web2")
