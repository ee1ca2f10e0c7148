# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_vm against the stand-in: many VMs, runs that are killed, and several runs at the same time."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.tests.azure.lab import MACHINE, Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import ROOT, Server

MODULE = "ansible_collections.flatops.flatcar.plugins.modules.azure_vm"
#: Requests that a run makes however many VMs there are.
LOOKS = 15


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def nodes(count: int, **given: t.Any) -> list[dict[str, t.Any]]:
    return [{"name": f"node{number:02}", **given} for number in range(count)]


def module(lab: Lab, folder: pathlib.Path, **given: t.Any) -> subprocess.Popen[bytes]:
    """The module by itself, as Ansible runs it."""
    arguments = folder / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**MACHINE, "timeout": 300, **given}}))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, str(arguments)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def told(process: subprocess.Popen[bytes]) -> dict[str, t.Any]:
    out, err = process.communicate(timeout=300)
    assert out, err.decode()
    result: dict[str, t.Any] = json.loads(out)
    return result


def test_many(lab: Lab, tmp_path: pathlib.Path) -> None:
    files = []
    for number in range(8):
        files.append(tmp_path / f"{number}.ign")
        files[-1].write_text(ignition(str(number)))
    instances = [{**node, "ignition_file": str(file)} for node, file in zip(nodes(8), files)]
    rows = lab.vms(check=True, instances=instances)
    assert [row["actions"] for row in rows] == [["terms_accepted", "network_created", "created"], *[["created"]] * 7]
    assert lab.made() == []
    rows = lab.vms(instances=instances)
    assert [row["name"] for row in rows] == [node["name"] for node in instances]
    assert not any(row["failed"] for row in rows)
    assert len({row["ignition"]["sha256"] for row in rows}) == 8
    assert len({ip for row in rows for ip in row["private_ips"]}) == 8
    with lab.looking():
        assert not any(row["changed"] for row in lab.vms(instances=instances))
        assert not any(row["changed"] for row in lab.vms(check=True, instances=instances))
    files[3].write_text(ignition("changed"))
    rows = lab.vms(instances=instances, on_ignition_change="replace")
    assert [row["changed"] for row in rows] == [number == 3 for number in range(8)]
    rows = lab.vms(instances=instances, state="absent")
    assert [row["actions"] for row in rows] == [["deleted"]] * 7 + [["deleted", "network_deleted"]]
    assert lab.made() == []


def test_looks_do_not_grow_with_the_vms(lab: Lab) -> None:
    lab.vms(instances=nodes(10))
    before = len(lab.asked())
    lab.vms(instances=nodes(10))
    assert len(lab.asked()) - before <= LOOKS, lab.asked()[before:]


def test_requests_of_a_creation(lab: Lab) -> None:
    """What is made is PUT, looked at until it is there, and stamped; nothing else is asked for each VM."""
    lab.vm(name="first")
    before = len(lab.asked())
    lab.vms(instances=nodes(10))
    asked = lab.asked()[before:]
    each = [request for request in asked if "/node0" in request]
    assert len(each) <= 10 * 5, each
    assert len([request for request in asked if "/operations/" not in request]) - len(each) <= 2 * LOOKS


def test_the_same_name_twice(lab: Lab) -> None:
    rows = lab.vms(instances=[{"name": "node1"}, {"name": "NODE1"}, {"name": "node1", "resource_group": "other"}])
    assert [row.get("error_code") for row in rows] == [None, "bad_option", None]
    assert "is there twice" in rows[1]["msg"]


def test_one_fails_and_the_others_go_on(lab: Lab) -> None:
    instances = nodes(4)
    instances[1]["vm_size"] = "Standard_Z9"
    instances[2]["image"] = "kinvolk:none:none:latest"
    rows = lab.vms(instances=instances)
    assert [row.get("error_code") for row in rows] == [None, "size_unfit", "not_found", None]
    assert sorted(lab.there()) == ["node00", "node03"]


def test_a_run_is_killed_in_the_middle_of_twenty(lab: Lab, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "node.ign"
    file.write_text(ignition())
    given: dict[str, t.Any] = {"instances": nodes(20, ignition_file=str(file)), "threads": 8}
    lab.server.control(lro_polls=4, lro_seconds=3, delay=0.02)
    process = module(lab, tmp_path, **given)
    lab.until(lambda: len(lab.there()) > 7)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = lab.there()
    assert 7 < len(there) < 20
    assert any(lab.tags(name)["state"] == stamp.CREATING for name in there)
    rows = lab.vms(**given)
    assert not any(row["failed"] for row in rows), rows
    done = collections.Counter(action for row in rows for action in row["actions"])
    assert set(done) <= {"created", "stamped"}
    assert done["created"] >= 20 - len(there)
    assert len(lab.there()) == len(lab.there("networkInterfaces")) == len(lab.there("disks")) == 20
    assert all(lab.tags(name)["state"] == stamp.COMPLETE for name in lab.there())
    with lab.looking():
        assert not any(row["changed"] for row in lab.vms(**given))


def test_a_run_is_asked_to_end(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab.vm(name="first")
    lab.server.control(lro_polls=100, lro_seconds=5, lro_retry_after=4)
    process = module(lab, tmp_path, instances=nodes(4))
    lab.until(lambda: len(lab.there()) > 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    assert process.returncode != 0
    lab.server.control(lro_polls=1, lro_retry_after=0)
    assert not any(row["failed"] for row in lab.vms(instances=nodes(4)))


def test_two_runs_make_one_network(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab.server.control(lro_polls=2, delay=0.01)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = module(lab, tmp_path / "one", instances=[{"name": f"one{number}"} for number in range(3)])
    other = module(lab, tmp_path / "other", instances=[{"name": f"other{number}"} for number in range(3)])
    results = [told(process) for process in (one, other)]
    for result in results:
        assert not result.get("failed"), result
        assert not any(vm["failed"] for vm in result["vms"])
    assert len(lab.there()) == 6
    assert len(lab.there("virtualNetworks")) == len(lab.there("natGateways")) == 1
    assert len({ip for result in results for vm in result["vms"] for ip in vm["private_ips"]}) == 6


def test_two_runs_make_the_same_vm(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab.server.control(lro_polls=3, delay=0.01)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    results = [told(process) for process in [module(lab, tmp_path / name, name="node1") for name in ("one", "other")]]
    assert not any(result.get("failed") for result in results), results
    assert sorted(lab.there()) == ["node1"]
    assert len(lab.there("networkInterfaces")) == 1
    assert lab.tags("node1")["state"] == stamp.COMPLETE


def test_deletion_while_another_run_creates(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab.vm(name="other")
    lab.server.control(lro_polls=6, lro_seconds=60, lro_retry_after=1)
    process = module(lab, tmp_path, instances=[{"name": "node1"}, {"name": "node2"}], on_error="report")
    lab.until(lambda: len(lab.there()) > 2)
    lab.server.control(lro_retry_after=0)
    row = lab.vm(state="absent", create_network=False, outbound=None)
    assert (row["failed"], row["actions"]) == (False, ["deleted"]), row
    first, second = told(process)["vms"]
    assert not second["failed"], second
    assert first["error_code"] in ("conflict", "not_found"), first
    assert sorted(lab.there()) == ["node2", "other"]
    assert lab.vm(name="node1")["failed"] is False
    assert sorted(lab.there("networkInterfaces")) == ["node1-nic", "node2-nic", "other-nic"]


def test_what_another_run_makes_is_awaited(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab.vm(name="other")
    lab.server.control(lro_polls=4, lro_seconds=60, lro_retry_after=1)
    process = module(lab, tmp_path, name="node1")
    lab.until(lambda: len(lab.there()) > 1)
    row = lab.vm()
    assert (row["failed"], row["provisioning_state"]) == (False, "Succeeded")
    assert set(row["actions"]) <= {"stamped"}
    assert not told(process).get("failed")
