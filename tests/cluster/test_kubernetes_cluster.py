# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook kubernetes_cluster, and kubeadm's part of the role kubernetes_sysext: one cluster, from its beginning.

The tests stand in the order of its life: each goes on with what the one before has left.
"""

from __future__ import annotations

import base64
import collections.abc
import json
import os
import pathlib
import re
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node import steps
from ansible_collections.flatops.flatcar.tests.node.booted import kubernetes, started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.standins.extensions import server
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import cluster as standin
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import programs
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as machines

PLAYBOOK = "flatops.flatcar.kubernetes_cluster"
ROLE = "flatops.flatcar.kubernetes_sysext"
VERSION = "1.34.1"
STATE = "/var/lib/flatops/kubernetes_sysext"
CONFIG = f"{STATE}/kubeadm.yaml"
TOKEN = re.compile(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b")


class Estate(t.NamedTuple):
    """The nodes, the cluster that they become, and the variables of its inventory."""

    nodes: machines.Nodes
    cluster: standin.Cluster
    variables: dict[str, t.Any]
    folder: pathlib.Path

    def play(self, hosts: dict[str, t.Any], *arguments: str, **variables: t.Any) -> Played:
        """Run the playbook with these variables of hosts."""
        return self.player.run(PLAYBOOK, variables={**self.variables, **variables}, **self.given(hosts, arguments))

    def tasks(self, tasks: list[steps.Task], hosts: dict[str, t.Any], **variables: t.Any) -> Played:
        """Run tasks on the hosts that are named."""
        given = self.given(hosts, [])
        return self.player(tasks, hosts=",".join(hosts), variables={**self.variables, **variables}, **given)

    @property
    def player(self) -> Player:
        return Player(self.nodes.inventory, self.folder)

    def given(self, hosts: dict[str, t.Any], arguments: collections.abc.Sequence[str]) -> dict[str, t.Any]:
        """The inventory of these hosts, beside that of the nodes, and the programs of the controller."""
        inventory = self.folder / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        collections = f"{machines.COLLECTIONS}{os.pathsep}{os.environ['KUBERNETES_CORE']}"
        path = f"{programs.programs('v' + VERSION)}{os.pathsep}{os.environ['PATH']}"
        env = {"PATH": path, "ANSIBLE_COLLECTIONS_PATH": collections}
        return {"arguments": ["-i", str(inventory), *arguments], "env": env}

    def root(self, name: str, script: str) -> str:
        return standin.root(self.nodes, name, script)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Estate]:
    """Machines on which nothing of Kubernetes is merged, and a load balancer for them."""
    if "KUBERNETES_CORE" not in os.environ:
        pytest.skip("kubernetes.core is missing: `make tools` fetches it, and KUBERNETES_CORE names its folder")
    folder = tmp_path_factory.mktemp("estate")
    with (
        started(3, *kubernetes()) as nodes,
        standin.front(nodes, "node1", "node2") as front,
        server.serving(nodes, folder) as images,
    ):
        tree = folder / "tree"
        programs.write_image(f"v{VERSION}", tree)
        digest = images.add(VERSION, tree)
        cluster = standin.Cluster(nodes, folder, front, f"v{VERSION}")
        network = folder / "network.json"
        network.write_text(json.dumps(standin.NETWORK))
        variables = {
            "kubernetes_sysext_version": VERSION,
            # The real Ignition does not trust the server's certificate.
            "kubernetes_sysext_url": images.url,
            "kubernetes_sysext_sha256": digest,
            "kubernetes_sysext_keyring": base64.b64encode(images.sign()).decode(),
            "kubernetes_sysext_auto_patch": False,
            "kubernetes_sysext_kubeadm_config": {
                "ClusterConfiguration": {"networking": {"podSubnet": "10.244.0.0/16"}},
            },
            "flatcar_kubeconfig": str(cluster.kubeconfig),
            "flatcar_network_manifests": [str(network)],
        }
        yield Estate(nodes, cluster, variables, folder)


def becomes(kind: str, endpoint: str = "", **more: t.Any) -> dict[str, t.Any]:
    return {
        "kubernetes_sysext_kubeadm": kind,
        **({"kubernetes_sysext_kubeadm_endpoint": endpoint} if endpoint else {}),
        **more,
    }


def all_of(estate: Estate) -> dict[str, t.Any]:
    return {
        "node1": becomes("init", standin.endpoint(estate.nodes)),
        "node2": becomes("join_control_plane"),
        "node3": becomes("join"),
    }


def failure(played: Played) -> str:
    failures = [result for result in played.results if result.failed]
    assert played.rc and failures, played.output
    return str(failures[-1].result.get("msg"))


def untouched(estate: Estate) -> None:
    for node in estate.nodes.nodes:
        assert estate.root(node.name, "ls -d /etc/kubernetes /opt/flatops /var/lib/flatops 2>/dev/null || :") == ""


#: A control plane at whose address nobody answers.
LOST = becomes("join_control_plane", ansible_host="127.0.0.1", ansible_port=1)


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("hosts", "variables", "message"),
    [
        ({"node1": becomes("init")}, {"flatcar_kubeconfig": ""}, "Set flatcar_kubeconfig to a file"),
        ({"node1": becomes("init"), "node2": becomes("init")}, {}, "kubernetes_sysext_kubeadm init: node1, node2"),
        ({"node1": becomes("join")}, {}, "No host has kubernetes_sysext_kubeadm init or"),
        ({"node1": becomes("init"), "node2": becomes("join_control_plane")}, {}, "an address in front of all"),
        ({"node2": becomes("join_control_plane"), "node3": becomes("join")}, {}, "None of node2 is a control plane"),
        ({"node1": becomes("init", "a:6443"), "lost": LOST}, {}, "but lost could not be asked"),
    ],
)
def test_what_is_no_cluster_is_refused(estate: Estate, hosts: t.Any, variables: t.Any, message: str) -> None:
    assert message in failure(estate.play(hosts, **variables))
    untouched(estate)


@pytest.mark.one_core
def test_check_mode_makes_nothing(estate: Estate) -> None:
    steps.succeeded(estate.play(all_of(estate), "--check", "--diff"))
    untouched(estate)
    assert not estate.cluster.kubeconfig.exists()


@pytest.mark.one_core
@pytest.mark.parametrize("kind", ["init", "join_control_plane"])
def test_a_first_boot_makes_the_same(estate: Estate, kind: str) -> None:
    secrets = {
        "kubernetes_sysext_kubeadm_token": "abcdef.0123456789abcdef",
        "kubernetes_sysext_kubeadm_certificate_key": "0" * 64,
    }
    variables = {**estate.variables, **becomes(kind, standin.endpoint(estate.nodes), **secrets)}
    same_tree(estate.nodes, estate.player, ROLE, variables, host="node2")


def test_first_control_plane_worker_and_network(estate: Estate) -> None:
    first = {name: host for name, host in all_of(estate).items() if name != "node2"}
    played = estate.play(first, "-vvv", "--diff")
    steps.succeeded(played)
    assert not TOKEN.findall(played.output)
    assert estate.cluster.kubeconfig.stat().st_mode & 0o777 == 0o600
    estate.cluster.wait_for_ready("node1", "node3")
    for name in first:
        assert estate.root(name, f"ls -A {STATE} | grep kubeadm || :") == ""
        assert not TOKEN.findall(estate.root(name, "journalctl -b"))
    again = estate.play(first)
    steps.succeeded(again)
    assert not [result for result in again.results if result.changed]


@pytest.mark.one_core
def test_a_machine_begins_no_second_cluster(estate: Estate) -> None:
    second = becomes("init", standin.endpoint(estate.nodes))
    wrong = {"node1": becomes("join_control_plane"), "node2": second}
    said = failure(estate.play(wrong))
    assert "node1 is a control plane already: let node2 have join_control_plane" in said
    assert estate.root("node2", f"ls {CONFIG} 2>/dev/null || :") == ""
    role = {"name": "apply", "ansible.builtin.include_role": {"name": ROLE}}
    played = estate.tasks([role], {"node2": second})
    assert played.rc
    assert "a cluster answers at" in str(played.of("node2")[-1].result["journal"])
    # The node repeats it each half minute, until it is told otherwise.
    assert estate.root("node2", f"ls {CONFIG}; ls -d {STATE}/kubeadm.unfinished").split()


@pytest.mark.one_core
def test_a_new_control_plane_joins_after_an_attempt_that_was_cut_off(estate: Estate) -> None:
    estate.root("node2", f"mkdir -p {STATE}/kubeadm.unfinished /etc/kubernetes/manifests")
    estate.root("node2", "echo cut >/etc/kubernetes/kubelet.conf; echo cut >/etc/kubernetes/manifests/etcd.yaml")
    played = estate.play(all_of(estate), "--limit", "node2", "-vvv", "--diff")
    steps.succeeded(played)
    assert not TOKEN.findall(played.output)
    estate.cluster.wait_for_ready("node2")
    planes = estate.cluster.get("nodes", "--selector=node-role.kubernetes.io/control-plane")["items"]
    assert [node["metadata"]["name"] for node in planes] == ["node1", "node2"]
    assert " joins " not in estate.root("node1", "kubeadm token list")
    again = estate.play(all_of(estate))
    steps.succeeded(again)
    assert not [result for result in again.results if result.changed]


@pytest.mark.one_core
def test_a_machine_joins_at_its_first_boot(estate: Estate) -> None:
    words = estate.root("node1", "kubeadm token create --print-join-command").split()
    key = estate.nodes.key.with_suffix(".pub").read_text().strip()
    users = {"users": [{"name": "core", "ssh_authorized_keys": [key]}]}
    host = becomes(
        "join",
        words[2],
        kubernetes_sysext_kubeadm_token=words[4],
        kubernetes_sysext_kubeadm_ca_hashes=[words[6]],
        flatcar_roles=[ROLE],
        flatcar_butane__10_login={"variant": "flatcar", "version": "1.0.0", "passwd": users},
    )
    fragments = "{{ query('flatops.flatcar.fragments') }}"
    estate.cluster.kubectl("delete", "node", "node3")
    anew = {"name": "anew", "become": True, "flatops.flatcar.node_reset": {"butane": fragments}}
    steps.succeeded(estate.tasks([anew], {"node3": host}))
    estate.cluster.wait_for_ready("node3")
    assert estate.root("node3", f"ls {CONFIG} 2>/dev/null || :") == ""
    role = {"name": "apply", "ansible.builtin.include_role": {"name": ROLE}}
    again = estate.tasks([role, steps.config(fragments, task="whole")], {"node3": host})
    steps.succeeded(again)
    assert not [result for result in again.results if result.changed]
