# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kubernetes_upgrade on a control plane and two workers.

The tests stand in the order of the cluster's life: each goes on with what the one before has left.
"""

from __future__ import annotations

import collections.abc
import hashlib
import stat

import pytest

from ansible_collections.flatops.flatcar.tests.cluster.upgrading import (
    MINOR,
    OLD,
    PATCH,
    Estate,
    failures,
    hosts,
    upgradable,
)
from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.standins.kubernetes.cluster import root

NAMES = ["node1", "node2", "node3"]
#: The next reboot of the node is its end, until somebody turns it on.
OFF = """
mkdir -p /run/systemd/system/systemd-reboot.service.d
echo '[Unit]
SuccessAction=poweroff-force' >/run/systemd/system/systemd-reboot.service.d/off.conf
systemctl daemon-reload
"""


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Estate]:
    with upgradable(tmp_path_factory.mktemp("estate"), control_planes=1) as found:
        yield found


@pytest.mark.one_core
def test_refused(estate: Estate) -> None:
    nodes = estate.cluster.nodes
    nodes.run("node3", "sudo systemctl unmask locksmithd; sudo systemctl start locksmithd")
    played = estate.run("1.35.0", "--limit", "node3")
    nodes.run("node3", "sudo systemctl mask --now locksmithd")
    assert played.rc
    assert "From 1.33.3 to 1.35.0 a minor would be skipped" in played.output
    assert "node1: control planes that would stay older" in played.output
    assert "locksmithd could reboot a second node" in played.output
    assert not any(result.changed for result in played.results), played.output


def test_patch(estate: Estate) -> None:
    # Somebody else has a reason to keep pods from this one.
    estate.cluster.kubectl("cordon", "node3")
    estate.cluster.deploy("web", 3)
    steps.succeeded(estate.run(PATCH, "--check"))
    assert set(estate.kubelets().values()) == {OLD} and estate.cordoned() == ["node3"]
    played = estate.run(PATCH)
    steps.succeeded(played)
    assert set(estate.kubelets().values()) == {PATCH} and estate.servers() == {"node1": PATCH}
    assert hosts(played, "Run kubeadm upgrade") == hosts(played, "Reboot") == NAMES
    assert estate.cordoned() == ["node3"] and estate.patching() == NAMES
    # A pod that was not moved away before a reboot would have made its node sick.
    estate.cluster.wait_for_ready(*NAMES)
    assert not (estate.folder / "etcd").exists()
    again = estate.run(PATCH)
    steps.succeeded(again)
    assert not any(result.changed for result in again.results), again.output
    estate.cluster.kubectl("uncordon", "node3")


@pytest.mark.one_core
def test_minor_where_a_budget_blocks_the_drain(estate: Estate) -> None:
    estate.cluster.forbid_disruption("web")
    arguments = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=10s"]
    played = estate.run(MINOR, flatcar_drain_arguments=arguments)
    assert played.rc and set(failures(played)) == {"node2"}, played.output
    assert "Node node2 is sick and stays cordoned" in failures(played)["node2"]
    assert "default/web" in failures(played)["node2"]
    assert estate.kubelets() == {"node1": MINOR, "node2": PATCH, "node3": PATCH}
    assert estate.cordoned() == ["node2"] and estate.patching() == NAMES
    [snapshot] = (estate.folder / "etcd").iterdir()
    content = snapshot.read_bytes()
    assert stat.S_IMODE(snapshot.stat().st_mode) == 0o600
    assert hashlib.sha256(content[:-32]).digest() == content[-32:]
    estate.cluster.kubectl("delete", "poddisruptionbudget", "web")


@pytest.mark.one_core
def test_a_node_is_lost(estate: Estate) -> None:
    nodes = estate.cluster.nodes
    root(nodes, "node2", OFF)
    played = estate.run(MINOR, flatcar_reboot_timeout=10)
    assert played.rc and "Node node2 is sick and stays cordoned" in failures(played)["node2"], played.output
    assert hosts(played, "Reboot")[-1] == "node2" and estate.cordoned() == ["node2"]
    assert estate.patching() == ["node1", "node3"]
    still = estate.run(MINOR)
    assert still.rc and "node2: not reached" in still.output
    assert not any(result.changed for result in still.results), still.output
    nodes.power_on("node2")


@pytest.mark.one_core
def test_a_killed_run_and_the_next(estate: Estate) -> None:
    estate.killed(MINOR, lambda: "node3" in estate.cordoned())
    assert estate.kubelets()["node2"] == MINOR and estate.cordoned() == ["node3"]
    played = estate.run(MINOR)
    steps.succeeded(played)
    assert hosts(played, "Reboot") == ["node3"], played.output
    assert set(estate.kubelets().values()) == {MINOR}
    assert estate.cordoned() == [] and estate.patching() == NAMES
    estate.cluster.wait_for_ready(*NAMES)
    older = estate.run(PATCH)
    assert older.rc and f"{PATCH} is older than {MINOR}" in older.output
    assert not any(result.changed for result in older.results), older.output
