# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook vsphere_vms on a simulator: which machines there are afterwards."""

from __future__ import annotations

import pathlib
import tempfile
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.fleets import SECRET, Variables, ended, failure, stats
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import started
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import PLACE, Fleet

HOSTS: dict[str, Variables] = {"web1": {}, "web2": {"flatcar_vsphere__90_host": {"memory_mb": 4096}}, "web3": {}}
NOTHING = {name: [0, 0] for name in HOSTS}


@pytest.fixture
def fleet(server: vcsim.Server, tmp_path: pathlib.Path) -> Fleet:
    return Fleet(tmp_path, server, HOSTS)


def test_first_run_and_second(fleet: Fleet) -> None:
    checked = fleet.run("--check", "--diff")
    assert checked.rc == 0, checked.output
    assert fleet.vms() == {}
    first = fleet.run("-vvv", "--diff")
    assert first.rc == 0, first.output
    made = fleet.vms()
    assert set(made) == set(HOSTS)
    assert {vm.power for vm in made.values()} == {"poweredOn"}
    assert len({vm.ignition for vm in made.values()}) == 3
    told = stats(first)
    assert {host: vm["moid"] for host, vm in told["flatcar_vms"].items()} == {
        name: vm.moid for name, vm in made.items()
    }
    for output in (checked.output, first.output):
        assert SECRET not in output and fleet.server.password not in output
    second = fleet.run()
    assert second.rc == 0 and ended(second) == NOTHING, second.output
    assert fleet.vms() == made
    assert stats(second)["flatcar_drift"] == {name: [] for name in HOSTS}


def test_a_changed_description(fleet: Fleet) -> None:
    assert fleet.run().rc == 0
    made = fleet.vms()
    changed: Variables = {"motd": "{{ 'new' if inventory_hostname == 'web2' else 'correct-horse' }}"}
    ignored = fleet.run(**changed)
    assert ignored.rc == 0 and ended(ignored) == NOTHING, ignored.output
    assert [host for host, drift in stats(ignored)["flatcar_drift"].items() if drift] == ["web2"]
    checked = fleet.run("--check", flatcar_on_ignition_change="replace", **changed)
    assert checked.rc == 0, checked.output
    assert fleet.vms() == made
    replaced = fleet.run(flatcar_on_ignition_change="replace", **changed)
    assert replaced.rc == 0 and ended(replaced) == {**NOTHING, "web2": [1, 0]}, replaced.output
    after = fleet.vms()
    assert {name for name in HOSTS if after[name] != made[name]} == {"web2"}
    assert after["web2"].ignition != made["web2"].ignition
    assert stats(replaced)["flatcar_drift"] == {name: [] for name in HOSTS}
    again = fleet.run(flatcar_on_ignition_change="replace", **changed)
    assert again.rc == 0 and ended(again) == NOTHING, again.output


def test_each_host_fails_by_itself(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    hosts: dict[str, Variables] = {
        **HOSTS,
        # Elsewhere, from the same template.
        "web4": {"flatcar_vsphere__90_host": {"cluster": None, "host": "DC0_H0"}},
        "bad1": {"flatcar_butane__90_host": "variant: flatcar\nversion: 1.0.0\nfile: []\n"},
        "bad2": {"flatcar_vsphere__90_host": {"datastore": "nowhere"}},
        "bad3": {"flatcar_vsphere__90_host": {"on_ignition_change": "replace"}},
    }
    fleet = Fleet(tmp_path, server, hosts)
    # Its path is short: Ansible makes a socket below it.
    with tempfile.TemporaryDirectory() as temporary:
        played = fleet.run(env={"TMPDIR": temporary})
        left = list(pathlib.Path(temporary).glob("flatcar-*"))
    assert played.rc != 0
    assert set(fleet.vms()) == {*HOSTS, "web4"}, played.output
    assert "file" in failure(played, "bad1")
    assert "nowhere" in failure(played, "bad2") and "(not_found)" in failure(played, "bad2")
    assert "flatcar_on_*_change" in failure(played, "bad3")
    assert set(stats(played)["flatcar_vms"]) == {*HOSTS, "web4"}
    assert list(tmp_path.rglob("*.ign")) == left == []


@pytest.mark.one_core
def test_a_login_that_is_refused(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, server, HOSTS, flatcar_vsphere__50_login={"password": SECRET})
    played = fleet.run("-vvv")
    assert played.rc != 0 and SECRET not in played.output
    for host in HOSTS:
        assert "(login" in failure(played, host)


@pytest.mark.one_core
def test_a_missing_privilege(tmp_path: pathlib.Path) -> None:
    privilege = "VirtualMachine.Provisioning.DeployTemplate"
    with started(deny=f"CloneVM_Task={privilege}") as server:
        fleet = Fleet(tmp_path, server, HOSTS)
        played = fleet.run()
        assert played.rc != 0 and fleet.vms() == {}
    for host in HOSTS:
        assert privilege in failure(played, host) and "(no_permission)" in failure(played, host)


def test_login_by_environment(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    # What is said of machines must not be done on the controller.
    become: dict[str, t.Any] = {
        "ansible_become": True,
        "ansible_become_user": "nobody",
        "ansible_become_exe": "/bin/false",
    }
    fleet = Fleet(tmp_path, server, HOSTS, flatcar_vsphere={"ca_path": str(server.ca_path), **PLACE}, **become)
    env = {
        "VMWARE_HOST": server.host,
        "VMWARE_PORT": str(server.port),
        "VMWARE_USER": server.username,
        "VMWARE_PASSWORD": server.password,
    }
    played = fleet.run(env=env)
    assert played.rc == 0 and set(fleet.vms()) == set(HOSTS), played.output


@pytest.mark.one_core
def test_without_vcenter(esx: vcsim.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(tmp_path, esx, HOSTS, place={})
    played = fleet.run()
    assert played.rc == 0 and set(fleet.vms()) == set(HOSTS), played.output
    again = fleet.run()
    assert again.rc == 0 and ended(again) == NOTHING, again.output


@pytest.mark.one_core
def test_two_servers(server: vcsim.Server, esx: vcsim.Server, tmp_path: pathlib.Path) -> None:
    fleet = Fleet(
        tmp_path, server, {**HOSTS, "edge1": {"flatcar_vsphere__50_server": {**esx.options(), "cluster": None}}}
    )
    played = fleet.run()
    assert played.rc == 0, played.output
    assert set(fleet.vms()) == set(HOSTS)
    fleet.server = esx
    assert set(fleet.vms()) == {"edge1"}


@pytest.mark.one_core
def test_absent(fleet: Fleet) -> None:
    assert fleet.run("--limit", "web1,web2").rc == 0
    checked = fleet.run("--check", "--limit", "web1", flatcar_state="absent")
    assert checked.rc == 0 and set(fleet.vms()) == {"web1", "web2"}, checked.output
    one = fleet.run("--limit", "web1", flatcar_state="absent")
    assert one.rc == 0 and set(fleet.vms()) == {"web2"}, one.output
    rest = fleet.run(flatcar_state="absent")
    assert rest.rc == 0 and fleet.vms() == {}, rest.output
    assert ended(rest) == {**NOTHING, "web2": [1, 0]}


@pytest.mark.one_core
def test_hosts_of_other_platforms_are_left_out(server: vcsim.Server, tmp_path: pathlib.Path) -> None:
    hosts = {"bare1": {}, "web1": {"flatcar_vsphere": {**server.options(), **PLACE}}}
    fleet = Fleet(tmp_path, server, hosts, flatcar_vsphere=None)
    played = fleet.run()
    assert played.rc == 0 and set(fleet.vms()) == {"web1"}, played.output
