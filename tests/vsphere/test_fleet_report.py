# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook fleet_report on machines of a simulated vCenter, which are not asked."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.flatops.flatcar.tests.fleets import SECRET, Variables
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import Fleet

PLAYBOOK = "flatops.flatcar.fleet_report"
HOSTS: dict[str, Variables] = {
    "web1": {},
    "web2": {"flatcar_vsphere__90_host": {"power_state": "powered_off"}},
    "later": {},
    "denied": {"flatcar_vsphere__90_host": {"port": 1}},
}


@pytest.fixture
def fleet(server: vcsim.Server, tmp_path: pathlib.Path) -> Fleet:
    return Fleet(tmp_path, server, HOSTS, fleet_report_nodes=False, fleet_report_dir=str(tmp_path / "out"))


def codes(fleet: Fleet) -> dict[str, list[str]]:
    written = json.loads((fleet.play.folder / "out" / "fleet_report.json").read_text())
    return {host["name"]: [each["code"] for each in host["problems"]] for host in written["hosts"]}


def found(fleet: Fleet, **options: str) -> list[str]:
    """What is wrong with web1, of which these options say where it is."""
    played = fleet.play.run(PLAYBOOK, variables={"flatcar_vsphere__95_place": options}, arguments=["--limit", "web1"])
    assert played.rc == 0, played.output
    return codes(fleet)["web1"]


def test_machines(fleet: Fleet) -> None:
    assert fleet.run("--limit", "web1:web2").rc == 0
    made = fleet.vms()
    played = fleet.play.run(PLAYBOOK, arguments=["-vvv", "--diff"])
    assert played.rc == 0, played.output
    assert SECRET not in played.output and fleet.server.password not in played.output
    assert fleet.vms() == made
    assert codes(fleet) == {
        "web1": [],
        "web2": [],
        "later": ["vm_missing"],
        "denied": ["not_looked_up"],
    }
    assert not any(result.changed for result in played.results)
    # By its id, whatever its name is.
    assert found(fleet, moid=made["web2"].moid, name="other") == ["vm_not_running", "description_changed"]
    assert found(fleet, uuid=made["web1"].instance.upper(), name="other") == []


def test_machines_of_the_same_name(fleet: Fleet) -> None:
    for folder, power in (("attic", "powered_off"), ("prod", "powered_on")):
        place = {"folder": folder, "create_folder": True, "power_state": power}
        assert fleet.run("--limit", "web1", flatcar_vsphere__90_place=place).rc == 0
    assert found(fleet, folder="prod") == []
    assert found(fleet, folder="/DC0/vm/attic") == ["vm_not_running"]
    assert found(fleet) == ["not_looked_up"]
    assert found(fleet, datacenter="DC9") == ["not_looked_up"]
    assert found(fleet, folder="cellar") == ["vm_missing"]
