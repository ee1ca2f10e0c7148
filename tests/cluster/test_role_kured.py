# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role kured on a node, and on the cluster of which it is the only one."""

from __future__ import annotations

import collections.abc
import datetime
import json
import os
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.booted import kubernetes, started
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.same_tree import same_tree
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import cluster as machines
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

ROLE = "flatops.flatcar.kured"
LOCK = "weave.works/kured-node-lock"
KINDS = "serviceaccount,role,rolebinding,clusterrole,clusterrolebinding,daemonset,secret"
UNITS = ("locksmithd.service", "systemd-sysupdate-reboot.timer")
URL = "https://hooks.example.com/a-secret-of-ours"


@pytest.fixture(scope="module")
def nodes() -> collections.abc.Iterator[standin.Nodes]:
    with started(1, *kubernetes()) as found:
        yield found


@pytest.fixture(scope="module")
def cluster(nodes: standin.Nodes) -> collections.abc.Iterator[machines.Cluster]:
    with machines.running_cluster(nodes) as found:
        yield found


class Role:
    """The role, and what Kured then has."""

    def __init__(self, play: Player, cluster: machines.Cluster) -> None:
        self.play = play
        self.cluster = cluster

    def __call__(self, *entries: str, arguments: t.Sequence[str] = (), **variables: t.Any) -> Played:
        tasks = [{"ansible.builtin.include_role": {"name": ROLE, "tasks_from": entry}} for entry in entries]
        given = {"flatcar_kubeconfig": str(self.cluster.kubeconfig), **variables}
        collections_path = os.pathsep.join([str(standin.COLLECTIONS), os.environ["KUBERNETES_CORE"]])
        return self.play(
            tasks, variables=given, arguments=arguments, env={"ANSIBLE_COLLECTIONS_PATH": collections_path}
        )

    def changes(self, *entries: str, **options: t.Any) -> bool:
        played = self(*entries, **options)
        assert played.rc == 0, played.output
        return any(result.changed for result in played.results)

    def refuses(self, *entries: str, **options: t.Any) -> str:
        played = self(*entries, **options)
        assert played.rc == 2, played.output
        assert not any(result.changed for result in played.results), played.output
        return played.output

    def status(self) -> dict[str, t.Any]:
        played = self("status")
        assert played.rc == 0, played.output
        return next(result.result["kured_status"] for result in played.results if "kured_status" in result.result)

    @property
    def daemonset(self) -> dict[str, t.Any]:
        return self.cluster.get("daemonset", "--namespace=kube-system", "kured")

    @property
    def container(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.daemonset["spec"]["template"]["spec"]["containers"][0])

    @property
    def lock(self) -> t.Any:
        found = self.daemonset["metadata"]["annotations"].get(LOCK)
        return found and json.loads(found)

    @lock.setter
    def lock(self, value: t.Any) -> None:
        text = f"{LOCK}={json.dumps(value)}" if value else f"{LOCK}-"
        self.cluster.kubectl("annotate", "--overwrite", "--namespace=kube-system", "daemonset", "kured", text)

    def objects(self) -> list[str]:
        found = self.cluster.get(KINDS, "--all-namespaces")["items"]
        return [item["kind"] for item in found if item["metadata"]["name"] == "kured"]

    def units(self) -> list[str]:
        script = f"systemctl is-active {UNITS[0]} || true; systemctl is-enabled {' '.join(UNITS)} || true"
        return machines.root(self.cluster.nodes, "node1", script).split()

    def runs(self) -> bool:
        status = self.daemonset["status"]
        return bool(status.get("numberReady") == 1 and status.get("updatedNumberScheduled") == 1)


@pytest.fixture
def role(play: Player, cluster: machines.Cluster) -> Role:
    if "KUBERNETES_CORE" not in os.environ:
        pytest.skip("kubernetes.core is missing: `make tools` fetches it, and KUBERNETES_CORE names its folder")
    return Role(play, cluster)


@pytest.fixture
def kured(role: Role) -> Role:
    """The role, with Kured on the cluster and its lock free."""
    if "DaemonSet" not in role.objects():
        assert role.changes("install")
    role.lock = None
    return role


def held(name: str, **more: t.Any) -> dict[str, t.Any]:
    """A lock as Kured writes it."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return {"nodeID": name, "metadata": {"unschedulable": False}, "created": now, "TTL": 0, **more}


@pytest.mark.one_core
def test_same_as_first_boot(nodes: standin.Nodes, play: Player) -> None:
    same_tree(nodes, play, ROLE, {})


def test_from_first_to_last(role: Role) -> None:
    machines.root(role.cluster.nodes, "node1", f"systemctl start {UNITS[0]}")
    before = role.units()
    assert before[0] == "active"
    assert role.changes("main", arguments=["--check", "--diff"])
    assert role.units() == before and not role.objects()
    assert role.changes("main")
    assert role.units() == ["inactive", "masked", "masked"]
    assert sorted(role.objects()) == [
        "ClusterRole",
        "ClusterRoleBinding",
        "DaemonSet",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    ]
    role.cluster.until(role.runs, "Kured does not run")
    assert not role.changes("main", "verify")
    assert role.changes("hold")
    assert role.lock["nodeID"] == "hold:flatops"
    assert not role.changes("hold", "main")
    assert role.changes("resume")
    assert role.lock is None
    assert not role.changes("resume", "unlock")
    assert role.changes("remove", arguments=["--check"])
    assert len(role.objects()) == 6
    assert role.changes("remove")
    assert not role.objects()
    assert role.units()[1:] == before[1:]
    assert not role.changes("remove")


@pytest.mark.one_core
def test_locks_of_nodes(kured: Role) -> None:
    kured.lock = held("node1")
    assert "held by node1" in kured.refuses("unlock")
    assert "After 10 s" in kured.refuses("hold", kured_hold_timeout=10)
    assert "held by node1" in kured.refuses("install", kured_concurrency=2)
    assert "would stay cordoned" in kured.refuses("remove")
    assert not kured.changes("resume")
    assert kured.lock["nodeID"] == "node1"
    # One that ends while hold waits for it.
    kured.lock = held("node1", TTL=20 * 10**9)
    assert kured.changes("hold")
    assert kured.lock["nodeID"] == "hold:flatops"


@pytest.mark.one_core
def test_a_stale_lock(kured: Role) -> None:
    kured.lock = held("gone")
    (lock,) = kured.status()["locks"]
    assert lock["stale"] and not lock["node_exists"] and lock["age"] < 300
    assert "held by gone" in kured.refuses("hold")
    kured.cluster.until(kured.runs, "Kured does not run")
    assert "by gone, which is gone" in kured.refuses("verify_cluster")
    assert kured.changes("unlock")
    assert kured.lock is None


@pytest.mark.one_core
def test_holds_of_others(kured: Role) -> None:
    for value in ({"nodeID": "manual"}, held("hold:os_update")):
        kured.lock = value
        assert f"held by {value['nodeID']}" in kured.refuses("hold")
        assert f"held by {value['nodeID']}" in kured.refuses("unlock")
        assert not kured.changes("resume")
        assert kured.lock == value
    assert kured.changes("resume", kured_hold_name="os_update")
    kured.lock = {"nodeID": "manual"}
    assert kured.changes("unlock", kured_unlock_force=True)
    assert kured.lock is None


@pytest.mark.one_core
def test_two_nodes_at_once(kured: Role) -> None:
    assert kured.changes("install", "hold", kured_concurrency=2)
    assert [lock["nodeID"] for lock in kured.lock["locks"]] == ["hold:flatops"] * 2
    assert kured.lock["maxOwners"] == 2
    assert "held by hold:flatops" in kured.refuses("install")
    kured.lock = {"maxOwners": 2, "locks": [held("gone"), held("node1")]}
    assert "held by node1" in kured.refuses("unlock")
    # What Kured leaves when both are back.
    kured.lock = {"maxOwners": 2, "locks": None}
    assert not kured.changes("unlock", "resume")
    assert kured.changes("install")
    assert kured.lock is None


#: Values of all flags that Kured 1.23.0 has besides those that say where it runs.
FLAGS: dict[str, t.Any] = {
    "alert-filter-match-only": True,
    "alert-filter-regexp": "^Watchdog$",
    "alert-firing-only": True,
    "annotate-nodes": True,
    "blocking-pod-selector": ["runtime=long,cost=high", "name=a"],
    "concurrency": 3,
    "drain-delay": "1m",
    "drain-grace-period": 0,
    "drain-pod-selector": "a=b",
    "drain-timeout": "10m",
    "end-time": "4:00",
    "force-reboot": True,
    "lock-annotation": "example.com/lock",
    "lock-release-delay": "5m",
    "lock-ttl": "2h",
    "log-format": "json",
    "message-template-drain": "%s: drained",
    "message-template-reboot": "%s reboots",
    "message-template-uncordon": "%s is back",
    "metrics-host": "127.0.0.1",
    "metrics-port": 9090,
    "period": "30m",
    "post-reboot-node-labels": ["a=1"],
    "pre-reboot-node-labels": ["a=0"],
    "prefer-no-schedule-taint": "example.com/reboot",
    "reboot-command": "/bin/reboot",
    "reboot-days": ["mo", "tu"],
    "reboot-delay": "90s",
    "reboot-method": "command",
    "reboot-sentinel-command": "/bin/false",
    "reboot-signal": 40,
    "skip-wait-for-delete-timeout": 60,
    "slack-channel": "ops",
    "slack-username": "kured",
    "start-time": "22:30",
    "time-zone": "Europe/Berlin",
}
SECRETS = ("notify-url", "prometheus-url", "slack-hook-url")


def variables(values: dict[str, t.Any]) -> dict[str, t.Any]:
    return {f"kured_{flag.replace('-', '_')}": value for flag, value in values.items()}


@pytest.mark.one_core
def test_flags(kured: Role) -> None:
    assert "--drain-timeout=30m" in kured.container["args"]
    context = kured.container["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"], "add": ["KILL"]} and not context["privileged"]
    assert "--reboot-sentinel=/sentinel/reboot-required" in kured.container["args"]
    (volume,) = kured.daemonset["spec"]["template"]["spec"]["volumes"]
    assert volume["hostPath"] == {"path": "/run", "type": "Directory"}

    given = variables({**FLAGS, **{flag: f"{URL}-{flag}" for flag in SECRETS}})
    played = kured("main", "main", arguments=["-vvv", "--diff"], **given)
    assert played.rc == 0 and URL not in played.output, played.output
    texts = {flag: value if isinstance(value, list) else [value] for flag, value in FLAGS.items()}
    wanted = [
        f"--{flag}={str(text).lower() if isinstance(text, bool) else text}"
        for flag, found in texts.items()
        for text in found
    ]
    assert sorted(kured.container["args"][2:]) == sorted(wanted)
    assert kured.container["securityContext"]["privileged"]
    names = [f"KURED_{flag.upper().replace('-', '_')}" for flag in SECRETS]
    assert [entry["name"] for entry in kured.container["env"]] == ["KURED_NODE_ID", *names]
    assert sorted(kured.cluster.get("secret", "--namespace=kube-system", "kured")["data"]) == names
    assert kured.changes("install")
    assert "Secret" not in kured.objects()


@pytest.mark.one_core
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"kured_period": "1 h"}, "kured_period is 1 h"),
        # What YAML makes of 22:30 without quotes.
        ({"kured_start_time": "1350"}, "within quotes"),
        ({"kured_pre_reboot_node_labels": ["a=1"]}, "with the same labels"),
    ],
)
def test_values_that_kured_would_refuse(role: Role, value: dict[str, t.Any], words: str) -> None:
    assert words in role.refuses("main", **value)


@pytest.mark.one_core
def test_without_kubernetes_core(role: Role, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("KUBERNETES_CORE", str(tmp_path))
    assert "ansible-galaxy collection install kubernetes.core" in role.refuses("main")
