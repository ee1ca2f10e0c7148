# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in of the kubelet in a real cluster: what it does as the real one, and that a wrong order shows.

They share a cluster and leave it whole; the last ones upgrade it.
"""

from __future__ import annotations

import collections.abc
import json

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import kubernetes, started
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import cluster as standin
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import programs

pytestmark = pytest.mark.one_core
OLD, NEW = "v1.33.3", "v1.34.1"


@pytest.fixture(scope="module")
def cluster() -> collections.abc.Iterator[standin.Cluster]:
    """node1 is the control plane of node2."""
    with started(2, *kubernetes()) as nodes, standin.running_cluster(nodes, OLD) as found:
        yield found


def kubelet(cluster: standin.Cluster, name: str, version: str) -> None:
    """Run the kubelet of a version on a node."""
    standin.install(cluster.nodes, name, version)
    standin.root(cluster.nodes, name, "systemctl restart kubelet")


def reboot(cluster: standin.Cluster, name: str) -> None:
    before = cluster.nodes.boot_id(name)
    cluster.nodes.run(name, "sudo systemctl reboot")
    cluster.nodes.wait_for_boot(name, before)


def test_nodes_and_pods(cluster: standin.Cluster) -> None:
    info = cluster.get("node", "node2")["status"]["nodeInfo"]
    assert info["kubeletVersion"] == OLD
    assert info["bootID"] == cluster.nodes.boot_id("node2")
    assert json.loads(cluster.kubectl("version", "--output=json"))["serverVersion"]["gitVersion"] == OLD
    # Static pods are shown; a real kubelet marks them so that a drain leaves them alone.
    names = {pod["metadata"]["name"]: pod for pod in cluster.get("pods", "--namespace=kube-system")["items"]}
    assert names["kube-apiserver-node1"]["metadata"]["annotations"]["kubernetes.io/config.mirror"]
    assert names["kube-apiserver-node1"]["status"]["phase"] == "Running"


def test_a_kubelet_has_the_rights_of_its_node_only(cluster: standin.Cluster) -> None:
    ask = "kubectl --kubeconfig=/etc/kubernetes/kubelet.conf"
    assert "node2" in standin.root(cluster.nodes, "node2", f"{ask} get node node2")
    with pytest.raises(standin.Failed, match="cannot read 'node1', only its own"):
        standin.root(cluster.nodes, "node2", f"{ask} get node node1")
    with pytest.raises(standin.Failed, match="Forbidden"):
        standin.root(cluster.nodes, "node2", f"{ask} get secrets --namespace=kube-system")


def test_a_wrong_token_joins_nobody(cluster: standin.Cluster) -> None:
    dummy, digest = standin.joining(cluster.nodes, "node1")
    document = standin.join_configuration(cluster.nodes, "node2", "abcdef.0123456789abcdef", digest)
    document["timeouts"] = {"discovery": "2s"}
    with pytest.raises(standin.Failed, match="abcdef"):
        # The phase that reads what the token shows.
        standin.kubeadm(cluster.nodes, "node2", "join phase preflight --config /run/kubeadm.yaml", [document])


def test_a_budget_keeps_pods_from_a_drain(cluster: standin.Cluster) -> None:
    cluster.deploy("guarded", 1)
    cluster.forbid_disruption("guarded")
    drain = ["drain", "node2", "--ignore-daemonsets", "--timeout=2s"]
    with pytest.raises(standin.Failed, match="disruption budget"):
        cluster.kubectl(*drain)
    cluster.kubectl("delete", "poddisruptionbudget", "guarded")
    cluster.kubectl(*drain[:-1])
    assert not cluster.pods_on("node2", "guarded")
    cluster.kubectl("delete", "deployment", "guarded")
    cluster.kubectl("uncordon", "node2")


def test_a_reboot_without_a_drain_shows(cluster: standin.Cluster) -> None:
    cluster.deploy("running", 1)
    assert cluster.pods_on("node2", "running")
    reboot(cluster, "node2")
    cluster.wait_for_reason("node2", "PodsNotDrained")
    cluster.kubectl("delete", "deployment", "running")
    cluster.wait_for_ready("node2")


def test_a_kubelet_newer_than_its_api_server_shows(cluster: standin.Cluster) -> None:
    kubelet(cluster, "node2", NEW)
    cluster.wait_for_reason("node2", "KubeletTooNew")
    kubelet(cluster, "node2", OLD)
    cluster.wait_for_ready("node2")


def test_a_lost_node_shows_and_comes_back(cluster: standin.Cluster) -> None:
    cluster.nodes.cut_power("node2")
    cluster.until(lambda: cluster.condition("node2")["status"] == "Unknown", "node2 is not lost")
    cluster.nodes.power_on("node2")
    cluster.wait_for_ready("node2")


def test_an_upgrade(cluster: standin.Cluster) -> None:
    """The nodes stay ready in the right order only."""
    new = f"/usr/{programs.PROGRAMS}/{NEW}/kubeadm"
    standin.root(cluster.nodes, "node1", f"{new} upgrade apply --yes {NEW}")
    cluster.wait_for_ready("node1", "node2")
    kubelet(cluster, "node2", NEW)
    cluster.wait_for_reason("node2", "NodeNotUpgraded")
    standin.root(cluster.nodes, "node2", f"{new} upgrade node")
    cluster.wait_for_ready("node2")
    assert cluster.get("node", "node2")["status"]["nodeInfo"]["kubeletVersion"] == NEW


def test_an_upgrade_that_is_applied_on_a_second_control_plane_shows(cluster: standin.Cluster) -> None:
    """node1 as it would be, had another one brought the cluster to the new version."""
    new = f"/usr/{programs.PROGRAMS}/{NEW}/kubeadm"
    standin.root(cluster.nodes, "node1", f"sed -i s/{NEW}/{OLD}/ /etc/kubernetes/manifests/kube-*.yaml")
    standin.root(cluster.nodes, "node1", f"{new} upgrade apply --yes {NEW}")
    cluster.wait_for_reason("node1", "AppliedTwice")
    standin.root(cluster.nodes, "node1", f"{new} upgrade node")
    cluster.wait_for_ready("node1")
