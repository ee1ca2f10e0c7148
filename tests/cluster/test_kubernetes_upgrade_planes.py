# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kubernetes_upgrade on three control planes that Kured would reboot."""

from __future__ import annotations

import contextlib
import pathlib
import threading
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.cluster.upgrading import MINOR, Estate, hosts, upgradable
from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.standins.kubernetes.cluster import Failed

pytestmark = pytest.mark.one_core
NAMES = ["node1", "node2", "node3"]
LOCK = "weave.works/kured-node-lock"
#: Its lock is all that counts here.
KURED = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "kured", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": {"name": "kured"}},
        "template": {
            "metadata": {"labels": {"name": "kured"}},
            "spec": {"containers": [{"name": "kured", "image": "ghcr.io/kubereboot/kured:1.23.0"}]},
        },
    },
}


class Watch(threading.Thread):
    """Looks again and again at the cluster, until it is told to stop.

    away has the sets of nodes that could take no pods at a time, and unheld those while Kured was not held.
    """

    def __init__(self, estate: Estate) -> None:
        super().__init__(daemon=True)
        self.estate = estate
        self.ended = threading.Event()
        self.away: set[frozenset[str]] = set()
        self.unheld: set[frozenset[str]] = set()

    def run(self) -> None:
        while not self.ended.wait(0.5):
            with contextlib.suppress(Failed):
                nodes = self.estate.cluster.get("nodes")["items"]
                away = frozenset(node["metadata"]["name"] for node in nodes if is_away(node))
                self.away.add(away)
                if not held(self.estate):
                    self.unheld.add(away)


def is_away(node: dict[str, t.Any]) -> bool:
    ready = next(found["status"] for found in node["status"]["conditions"] if found["type"] == "Ready")
    return bool(node["spec"].get("unschedulable")) or ready != "True"


def held(estate: Estate) -> bool:
    kured = estate.cluster.get("daemonset", "kured", "--namespace=kube-system")
    return "hold:kubernetes_upgrade" in kured["metadata"].get("annotations", {}).get(LOCK, "")


def test_minor(tmp_path: pathlib.Path) -> None:
    with upgradable(tmp_path, control_planes=3) as estate:
        estate.cluster.apply(KURED)
        watch = Watch(estate)
        watch.start()
        played = estate.run(MINOR, flatcar_reboot_authority="kured")
        watch.ended.set()
        watch.join()
        steps.succeeded(played)
        # The kubelets follow when no API server is older any longer.
        assert hosts(played, "Run kubeadm upgrade") == hosts(played, "Reboot") == NAMES
        assert set(estate.servers().values()) == set(estate.kubelets().values()) == {MINOR}
        assert hosts(played, "Save a snapshot of etcd") == ["node1"]
        assert watch.away == {frozenset(), *(frozenset({name}) for name in NAMES)}
        assert watch.unheld == {frozenset()} and not held(estate)
        estate.cluster.wait_for_ready(*NAMES)
