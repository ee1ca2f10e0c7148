# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook os_update on the nodes of a cluster with Kured."""

from __future__ import annotations

import collections.abc
import os
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import kubernetes, started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import cluster, programs
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import COLLECTIONS, Nodes

pytestmark = pytest.mark.one_core
PLAYBOOK = "flatops.flatcar.os_update"
NEWER = "4790.2.0"
LOCK = "weave.works/kured-node-lock"
#: What a pod of Kured is for the node: a process of that name, at each boot.
PROCESS = f"""\
cp /bin/sleep /opt/kured
printf '[Service]\\nExecStart=/opt/kured infinity\\n' >/etc/systemd/system/kured.service
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -sf ../kured.service /etc/systemd/system/multi-user.target.wants/
systemctl mask --now locksmithd
systemctl daemon-reload
systemctl start kured
echo VERSION={NEWER} >/boot/standin/offer
"""


KURED = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "kured", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": {"app": "kured"}},
        "template": {
            "metadata": {"labels": {"app": "kured"}},
            "spec": {"containers": [{"name": "kured", "image": "kured"}]},
        },
    },
}


class Fleet:
    """A control plane node1 and two workers, and the playbook on them."""

    def __init__(self, play: Player, nodes: Nodes, found: cluster.Cluster) -> None:
        self.play = play
        self.nodes = nodes
        self.cluster = found

    def run(self, *arguments: str) -> Played:
        variables = {
            "flatcar_reboot_authority": "kured",
            "flatcar_kubeconfig": str(self.cluster.kubeconfig),
            "flatcar_drain_arguments": ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=10s"],
        }
        env = {
            "PATH": os.pathsep.join([str(programs.programs(self.cluster.version)), os.environ["PATH"]]),
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(COLLECTIONS), os.environ["KUBERNETES_CORE"]]),
        }
        return self.play.run(PLAYBOOK, variables=variables, arguments=arguments, env=env)

    @property
    def versions(self) -> list[str]:
        names = [node.name for node in self.nodes.nodes]
        return [self.nodes.run(name, '. /etc/os-release; echo "$VERSION"').stdout.strip() for name in names]

    @property
    def cordoned(self) -> list[str]:
        found = self.cluster.get("nodes")["items"]
        return [node["metadata"]["name"] for node in found if node["spec"].get("unschedulable")]

    @property
    def lock(self) -> str | None:
        found = self.cluster.get("daemonset", "kured", "--namespace=kube-system")
        return t.cast("str | None", found["metadata"]["annotations"].get(LOCK))


@pytest.fixture
def nodes() -> collections.abc.Iterator[Nodes]:
    with started(3, *kubernetes()) as found:
        yield found


def rebooted(played: Played) -> list[str]:
    """The nodes that the playbook has rebooted, in their order."""
    return [result.host for result in played.results if result.result.get("rebooted")]


def test_update(play: Player, nodes: Nodes) -> None:
    with cluster.running_cluster(nodes) as found:
        for node in nodes.nodes:
            cluster.root(nodes, node.name, PROCESS)
        found.apply(KURED)
        found.deploy("web", 2)
        found.forbid_disruption("web")
        fleet = Fleet(play, nodes, found)

        blocked = fleet.run()
        assert blocked.rc == 2, blocked.output
        assert rebooted(blocked) == ["node1"] and len(fleet.cordoned) == 1, blocked.output
        (sick,) = fleet.cordoned
        (named,) = [result for result in blocked.results if result.failed and result.task == "Name what failed"]
        assert named.host == sick and "default/web" in named.result["msg"]
        assert fleet.lock is None

        found.kubectl("delete", "poddisruptionbudget", "web")
        (last,) = {"node2", "node3"} - {sick}
        found.kubectl("cordon", last)
        found.kubectl("uncordon", "node1")
        done = fleet.run()
        assert done.rc == 0, done.output
        assert rebooted(done) == [sick, last]
        assert fleet.versions == [NEWER] * 3
        assert fleet.cordoned == [last]
        assert fleet.lock is None
        found.wait_for_ready("node1", "node2", "node3")

        again = fleet.run()
        assert again.rc == 0, again.output
        assert rebooted(again) == []
