# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook vsphere_vms replaces machines: how many at a time, which first, and the Kubernetes nodes on them."""

from __future__ import annotations

import json
import os
import pathlib
import re
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.fleets import Variables, ended, failure
from ansible_collections.flatops.flatcar.tests.node.play import Played
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import kubectl
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.fleet import Fleet

pytestmark = pytest.mark.one_core
NAMES = ("node1", "node2", "node3")
NEW: Variables = {"motd": "new", "flatcar_on_ignition_change": "replace"}


@pytest.fixture
def fleet(server: vcsim.Server, tmp_path: pathlib.Path) -> Fleet:
    found = Fleet(tmp_path, server, {name: {} for name in NAMES})
    made = found.run()
    assert made.rc == 0, made.output
    return found


class Kubernetes:
    """A cluster, and runs of the playbook with its kubeconfig."""

    def __init__(self, folder: pathlib.Path, cluster: kubectl.Cluster) -> None:
        self.file = folder / "cluster.json"
        self.file.write_text(json.dumps(cluster))
        self.config = folder / "kubeconfig"
        self.config.touch()
        kubectl.install(folder / "bin")
        self.env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "FLATOPS_CLUSTER": str(self.file)}

    def run(self, fleet: Fleet, *arguments: str, **variables: t.Any) -> Played:
        return fleet.run(*arguments, env=self.env, flatcar_kubeconfig=str(self.config), **variables)

    @property
    def cluster(self) -> kubectl.Cluster:
        found: kubectl.Cluster = json.loads(self.file.read_text())
        return found


def batches(played: Played) -> list[list[str]]:
    """The hosts of each batch of replacements."""
    tasks = re.findall(r"TASK \[Let it be replaced\].*?\n\n", played.output, re.DOTALL)
    return [re.findall(r"(?m)^ok: \[(\w+)\]", task) for task in tasks]


@pytest.mark.parametrize("serial, sizes", [(None, [1, 1, 1]), (2, [2, 1])])
def test_some_at_a_time(fleet: Fleet, serial: int | None, sizes: list[int]) -> None:
    before = fleet.vms()
    variables = NEW if serial is None else {**NEW, "flatcar_replace_serial": serial}
    played = fleet.run(**variables)
    assert played.rc == 0, played.output
    assert [len(batch) for batch in batches(played)] == sizes, played.output
    after = fleet.vms()
    assert all(after[name].ignition != before[name].ignition for name in NAMES)


def test_anew(fleet: Fleet) -> None:
    before = fleet.vms()
    played = fleet.run("--limit", "node1", flatcar_recreate=True)
    assert played.rc == 0, played.output
    after = fleet.vms()
    assert {name for name in NAMES if after[name] != before[name]} == {"node1"}


def test_what_only_a_new_machine_can_have(fleet: Fleet) -> None:
    before = fleet.vms()
    larger, smaller = {"disk_gb": 20}, {"disk_gb": 16}
    assert fleet.run("--limit", "node1,node2", flatcar_vsphere__50_disk=larger).rc == 0
    refused = fleet.run("--limit", "node1", flatcar_vsphere__50_disk=smaller)
    assert "(immutable_changed)" in failure(refused, "node1"), refused.output
    replace = {"flatcar_on_immutable_change": "replace", "flatcar_vsphere__50_disk": smaller}
    played = fleet.run("--limit", "node1", env=None, **replace)
    assert played.rc == 0 and ended(played) == {"node1": [1, 0]}, played.output
    after = fleet.vms()
    assert {name for name in NAMES if after[name] != before[name]} == {"node1"}


def test_nodes_are_drained(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    kubernetes = Kubernetes(tmp_path, kubectl.cluster("node1", "node2", "worker9"))
    checked = kubernetes.run(fleet, "--check", **NEW)
    assert checked.rc == 0 and kubernetes.cluster["done"] == [], checked.output
    played = kubernetes.run(fleet, **NEW)
    assert played.rc == 0, played.output
    found = kubernetes.cluster
    assert found["lost"] == [] and list(found["nodes"]) == ["worker9"]
    assert len(found["nodes"]["worker9"]) == 6
    assert [name for action, name in found["done"] if action == "drain"] == ["node1", "node2"]
    # The third is no node.
    assert ended(played)["node3"] == [1, 0]


def test_the_first_failure_ends_it(fleet: Fleet, tmp_path: pathlib.Path) -> None:
    before = fleet.vms()
    kubernetes = Kubernetes(tmp_path, kubectl.cluster(*NAMES, "worker9", stuck=["node2"]))
    played = kubernetes.run(fleet, **NEW)
    assert played.rc != 0
    assert "disruption budget" in json.dumps([result.result for result in played.of("node2")])
    after = fleet.vms()
    assert {name for name in NAMES if after[name] != before[name]} == {"node1"}, played.output
    assert set(kubernetes.cluster["nodes"]) == {"node2", "node3", "worker9"}
    # Once the cause is mended, the next run goes on where this one ended.
    kubernetes.file.write_text(json.dumps({**kubernetes.cluster, "stuck": []}))
    rest = kubernetes.run(fleet, **NEW)
    assert rest.rc == 0 and ended(rest)["node1"] == [0, 0], rest.output
    assert kubernetes.cluster["lost"] == []


def test_none_is_replaced_after_a_failure(fleet: Fleet) -> None:
    before = fleet.vms()
    bad = {"networks": {"VM Network": "nowhere"}}
    other = "{{ bad if inventory_hostname == 'node3' else {} }}"
    played = fleet.run(**NEW, bad={**bad, "name": "other"}, flatcar_vsphere__99_bad=other)
    assert played.rc != 0
    assert fleet.vms() == before, played.output
    assert "node3" in failure(played, "node1")
