# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kubernetes_upgrade on three control planes."""

from __future__ import annotations

import contextlib
import pathlib
import threading

import pytest

from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.node.upgrading import MINOR, Estate, hosts, upgradable
from ansible_collections.flatops.flatcar.tests.standins.kubernetes.cluster import Failed

pytestmark = pytest.mark.one_core
NAMES = ["node1", "node2", "node3"]


class Watch(threading.Thread):
    """Looks again and again until it is told to stop; seen has the sets of nodes that could take no pods."""

    def __init__(self, estate: Estate) -> None:
        super().__init__(daemon=True)
        self.estate = estate
        self.ended = threading.Event()
        self.seen: set[frozenset[str]] = set()

    def run(self) -> None:
        while not self.ended.wait(0.5):
            with contextlib.suppress(Failed):
                nodes = self.estate.cluster.get("nodes")["items"]
                self.seen.add(frozenset(node["metadata"]["name"] for node in nodes if away(node)))


def away(node: dict) -> bool:
    ready = next(found["status"] for found in node["status"]["conditions"] if found["type"] == "Ready")
    return bool(node["spec"].get("unschedulable")) or ready != "True"


def test_minor(tmp_path: pathlib.Path) -> None:
    with upgradable(tmp_path, control_planes=3) as estate:
        watch = Watch(estate)
        watch.start()
        played = estate.run(MINOR)
        watch.ended.set()
        watch.join()
        steps.succeeded(played)
        # The kubelets follow when no API server is older any longer.
        assert hosts(played, "Run kubeadm upgrade") == hosts(played, "Reboot") == NAMES
        assert set(estate.servers().values()) == set(estate.kubelets().values()) == {MINOR}
        assert hosts(played, "Save a snapshot of etcd") == ["node1"]
        assert watch.seen == {frozenset(), *(frozenset({name}) for name in NAMES)}
        estate.cluster.wait_for_ready(*NAMES)
