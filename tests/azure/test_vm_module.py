# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module azure_vm as Ansible runs it, against the stand-in."""

from __future__ import annotations

import pathlib
import sys
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.azure.lab import MACHINE, Lab
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

SECRET = "hunter2-correcthorse"


class Runner:
    """Runs tasks of the module, with -vvv, where no secret may be seen."""

    def __init__(self, server: Server, play: Player) -> None:
        self.server, self.play = server, play

    def played(self, *calls: dict[str, t.Any], check: bool = False) -> Played:
        found = [{"flatops.flatcar.azure_vm": {**MACHINE, **call}, "ignore_errors": True} for call in calls]
        played = self.play(
            found,
            hosts="localhost",
            variables={"ansible_python_interpreter": sys.executable},
            arguments=["-vvv"],
            check=check,
            diff=True,
        )
        assert SECRET not in played.output
        assert self.server.secret not in played.output
        return played

    def __call__(self, *calls: dict[str, t.Any], check: bool = False) -> list[dict[str, t.Any]]:
        played = self.played(*calls, check=check)
        assert len(played.results) == len(calls), played.output
        return [{"failed": result.failed, **result.result} for result in played.results]


@pytest.fixture
def run(arm: Server, play: Player) -> Runner:
    return Runner(arm, play)


def test_states(run: Runner) -> None:
    lab = Lab(run.server)
    made = {"name": "node1", "ignition": ignition(SECRET), "tags": {"n": 1}}
    gone = {"name": "node1", "state": "absent"}
    (told,) = run(made, check=True)
    assert told["changed"]
    assert lab.made() == []
    first, again, removed, absent = run(made, made, gone, gone)
    assert [each["changed"] for each in (first, again, removed, absent)] == [True, False, True, False]
    assert first["vms"][0]["actions"] == told["vms"][0]["actions"] == ["terms_accepted", "network_created", "created"]
    assert first["diff"] == told["diff"]
    assert first["diff"]["after"]["node1"]["ignition"] == first["vms"][0]["ignition"]["sha256"]
    assert first["vms"][0]["tags"] == {"n": "1"}


def test_errors(run: Runner, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "node.ign"
    path.write_text(ignition(SECRET))
    instances = [{"name": "good"}, {"name": "bad", "vm_size": "Standard_Z9"}, {"name": "b_d.", "image": "beta"}]
    given = {"instances": instances, "ignition_file": str(path)}
    failed, reported, wrong, untrusted = run(
        given,
        {**given, "on_error": "report"},
        {"name": "good", "secret": "wrong"},
        {"name": "good", "on_error": "never"},
    )
    assert (failed["failed"], failed["changed"], failed["error_code"]) == (True, True, "size_unfit")
    assert failed["msg"].startswith("2 of 3 VMs failed. bad: ")
    assert failed["candidates"]
    assert (reported["failed"], reported["changed"]) == (False, False)
    assert [vm.get("error_code") for vm in reported["vms"]] == [None, "size_unfit", "bad_option"]
    assert wrong["error_code"] == "authentication"
    assert "value of on_error" in untrusted["msg"]


def test_quota_in_a_play(run: Runner) -> None:
    """Two of five stand and go on, and the rest are told."""
    run.server.control(quota={"standardDSv5Family": 4})
    five = [{"name": f"node{number}"} for number in range(5)]
    reported, failed = run({"instances": five, "on_error": "report"}, {"instances": five})
    assert (reported["failed"], reported["changed"]) == (False, True)
    assert sorted(vm.get("error_code", "") for vm in reported["vms"]) == ["", "", "quota", "quota", "quota"]
    assert failed["failed"]
    assert failed["msg"].startswith("3 of 5 VMs failed. node")
    assert failed["azure_code"]
