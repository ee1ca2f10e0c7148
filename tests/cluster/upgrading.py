# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster whose nodes have Kubernetes by the role kubernetes_sysext, and runs of kubernetes_upgrade."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import pathlib
import subprocess
import typing as t

from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.node.booted import kubernetes, started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.processes import kill
from ansible_collections.flatops.flatcar.tests.standins.extensions import server
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import cluster as standin
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import programs
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import COLLECTIONS

PLAYBOOK = "flatops.flatcar.kubernetes_upgrade"
OLD, PATCH, MINOR = "1.33.3", "1.33.4", "1.34.1"
TIMER = "flatops-kubernetes-sysupdate.timer"


class Estate(t.NamedTuple):
    """The cluster, the variables of its inventory, and a folder."""

    cluster: standin.Cluster
    variables: dict[str, t.Any]
    folder: pathlib.Path

    def run(self, version: str, *arguments: str, **variables: t.Any) -> Played:
        """Upgrade to a version."""
        return self.player.run(PLAYBOOK, variables=self.given(version, variables), arguments=arguments, env=self.env)

    def killed(self, version: str, when: collections.abc.Callable[[], bool]) -> None:
        """Begin to upgrade to a version, and end it without a chance to clean up as soon as something is so."""
        player = self.player
        command = player.command(PLAYBOOK, self.given(version, {}))
        environment = {**os.environ, **player.settings(self.folder / "killed"), **self.env}
        with (self.folder / "output").open("w") as output:
            running = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            self.cluster.until(lambda: running.poll() is not None or when(), "the moment to kill the playbook")
        finally:
            kill(running.pid)
            status = running.wait()
        assert status == -9, (self.folder / "output").read_text()

    @property
    def player(self) -> Player:
        return Player(self.cluster.nodes.inventory, self.folder)

    @property
    def env(self) -> dict[str, str]:
        """kubectl and kubernetes.core are found on the controller."""
        return {
            "PATH": f"{programs.programs('v' + MINOR)}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}{os.pathsep}{os.environ.get('KUBERNETES_CORE', '')}",
        }

    def given(self, version: str, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        return {**self.variables, "kubernetes_sysext_version": version, **variables}

    def kubelets(self) -> dict[str, str]:
        """The version that the kubelet of each node tells."""
        nodes = self.cluster.get("nodes")["items"]
        return {node["metadata"]["name"]: node["status"]["nodeInfo"]["kubeletVersion"][1:] for node in nodes}

    def servers(self) -> dict[str, str]:
        """The version of each API server, by the node on which it runs."""
        pods = self.cluster.get("pods", "--namespace=kube-system", "--selector=component=kube-apiserver")["items"]
        return {pod["spec"]["nodeName"]: pod["spec"]["containers"][0]["image"].rpartition(":v")[2] for pod in pods}

    def cordoned(self) -> list[str]:
        nodes = self.cluster.get("nodes")["items"]
        return [node["metadata"]["name"] for node in nodes if node["spec"].get("unschedulable")]

    def patching(self) -> list[str]:
        """The nodes on which the timer of patches runs."""
        names = [node.name for node in self.cluster.nodes.nodes]
        return [name for name in names if not self.cluster.nodes.run(name, f"systemctl is-active {TIMER}").returncode]


@contextlib.contextmanager
def upgradable(folder: pathlib.Path, control_planes: int) -> collections.abc.Iterator[Estate]:
    """Three nodes of the oldest version, of which the first are control planes."""
    with started(3, *kubernetes()) as nodes, server.serving(nodes, folder) as images:
        for version in (OLD, PATCH, MINOR):
            programs.write_image(f"v{version}", folder / f"tree-{version}")
            images.add(version, folder / f"tree-{version}")
        variables = {"kubernetes_sysext_url": images.tls_url, "kubernetes_sysext_version": OLD}
        tasks = [
            steps.look("systemctl mask --now locksmithd; echo 1 >/proc/sys/net/ipv4/ip_forward"),
            {"ansible.builtin.include_role": {"name": "flatops.flatcar.kubernetes_sysext"}},
        ]
        steps.succeeded(Player(nodes.inventory, folder)(tasks, variables=variables))
        running = standin.running_cluster(nodes, f"v{OLD}", control_planes=control_planes, installed=True)
        with running as cluster:
            kept = {"flatcar_kubeconfig": str(cluster.kubeconfig), "flatcar_etcd_snapshot_dir": str(folder / "etcd")}
            yield Estate(cluster, {**variables, **kept}, folder)


def failures(played: Played) -> dict[str, str]:
    """What was said of each host that has failed."""
    found: dict[str, str] = {}
    for result in played.results:
        if result.failed:
            found[result.host] = f"{found.get(result.host, '')}{result.result.get('msg')}\n"
    return found


def hosts(played: Played, task: str) -> list[str]:
    """The hosts for which a task has changed something, in the order of time."""
    return [result.host for result in played.results if result.task == task and result.changed]
