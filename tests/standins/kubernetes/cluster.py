# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kubernetes cluster on test nodes, by the real kubeadm: the real control plane, etcd and API.

Only the kubelet and the container runtime are stand-ins, see tests/tools/kubernetes.
"""

from __future__ import annotations

import collections.abc
import contextlib
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.kubernetes import balancer, programs
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

VERSION = "v1.33.3"
#: Seconds after which what is waited for hangs.
PATIENCE = 300
API = "kubeadm.k8s.io/v1beta4"
#: A system extension may also be a folder, which needs no loop device.
EXTENSION = "/var/lib/extensions/kubernetes"
#: A network as kubeadm's users apply it: its pods write the configuration that makes nodes ready.
NETWORK = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "network", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": {"app": "network"}},
        "template": {
            "metadata": {"labels": {"app": "network"}},
            "spec": {
                "hostNetwork": True,
                "tolerations": [{"operator": "Exists"}],
                "containers": [{"name": "network", "image": "network"}],
                "volumes": [{"name": "cni", "hostPath": {"path": "/etc/cni/net.d"}}],
            },
        },
    },
}
Document = dict[str, t.Any]


class Failed(Exception):
    """A command of the cluster; the message has what it printed."""


class Cluster:
    """A cluster whose API is at an address of the machine below, through a load balancer."""

    def __init__(self, nodes: standin.Nodes, folder: pathlib.Path, front: balancer.Balancer, version: str) -> None:
        self.nodes = nodes
        self.front = front
        self.version = version
        self.kubeconfig = folder / "kubeconfig"

    def kubectl(self, *arguments: str, given: Document | None = None) -> str:
        """What kubectl prints; given is a manifest for `-f -`. Raises Failed."""
        done = subprocess.run(
            [str(programs.programs(self.version) / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments],
            input=json.dumps(given) if given else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def get(self, *arguments: str) -> Document:
        """What `kubectl get` finds."""
        return json.loads(self.kubectl("get", *arguments, "--output=json"))

    def apply(self, manifest: Document) -> None:
        self.kubectl("apply", "-f", "-", given=manifest)

    def condition(self, name: str) -> Document:
        """The condition Ready of a node."""
        conditions = self.get("node", name)["status"]["conditions"]
        return next(condition for condition in conditions if condition["type"] == "Ready")

    def until(self, wanted: collections.abc.Callable[[], bool], what: str) -> None:
        """Wait for something of the cluster, which may not answer for a while. Raises Failed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(Failed, LookupError, StopIteration):
                if wanted():
                    return
            if time.monotonic() > deadline:
                raise Failed(f"{what}: {PATIENCE} s were not enough")
            time.sleep(0.2)

    def deploy(self, name: str, replicas: int) -> None:
        """A deployment of that many pods, which a drain moves elsewhere."""
        labels = {"app": name}
        pods = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": name}]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pods}
        metadata = {"name": name, "namespace": "default"}
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
        self.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={PATIENCE}s")

    def forbid_disruption(self, name: str) -> None:
        """A PodDisruptionBudget that lets no pod of a deployment be evicted, of the deployment's name."""
        spec = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": name}}}
        metadata = {"name": name, "namespace": "default"}
        self.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec})

    def pods_on(self, name: str, app: str) -> list[str]:
        """The pods of a deployment on a node."""
        found = self.get("pods", f"--selector=app={app}", f"--field-selector=spec.nodeName={name}")
        return [pod["metadata"]["name"] for pod in found["items"]]

    def wait_for_ready(self, *names: str) -> None:
        def ready() -> bool:
            return all(self.condition(name)["status"] == "True" for name in names)

        self.until(ready, f"not all of {', '.join(names)} are ready")

    def wait_for_reason(self, name: str, reason: str) -> None:
        """Wait until a node is not ready for this reason."""
        self.until(lambda: self.condition(name)["reason"] == reason, f"{name} is not {reason}")


def root(nodes: standin.Nodes, name: str, script: str) -> str:
    """What a script prints as root on a node. Raises Failed."""
    done = nodes.run(name, f"sudo sh -e <<'END'\n{script}\nEND\n")
    if done.returncode:
        raise Failed(f"{name}: {script}\n{done.stdout}{done.stderr}")
    return done.stdout


def install(nodes: standin.Nodes, name: str, version: str) -> None:
    """Merge the system extension of a version, in place of one that is merged."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=packed, mode="w:gz") as archive:
        programs.write_image(version, pathlib.Path(folder))
        archive.add(folder, ".", filter=owned)
    unpack = f"rm -rf {EXTENSION} && mkdir -p {EXTENSION} && tar -xzf - -C {EXTENSION} && systemd-sysext refresh"
    # kubeadm asks for a node that forwards, as the role kubernetes_sysext sets it.
    start = (
        "systemctl daemon-reload && systemctl start --no-block multi-user.target && sysctl -qw net.ipv4.ip_forward=1"
    )
    target = f"core@{nodes[name].address}"
    subprocess.run(
        ["ssh", "-i", str(nodes.key), *nodes.ssh_options(), target, f"sudo sh -c '{unpack} && {start}'"],
        input=packed.getvalue(),
        capture_output=True,
        check=True,
    )


def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def init_configuration(nodes: standin.Nodes, name: str, version: str) -> list[Document]:
    """What kubeadm init takes on a node. A node that is lost is soon seen to be."""
    initial = {
        "apiVersion": API,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": nodes[name].address},
    }
    whole = {
        "apiVersion": API,
        "kind": "ClusterConfiguration",
        "kubernetesVersion": version,
        "controlPlaneEndpoint": endpoint(nodes),
        "networking": {"podSubnet": "10.244.0.0/16"},
        "controllerManager": {"extraArgs": [{"name": "node-monitor-grace-period", "value": "10s"}]},
    }
    return [initial, whole]


def join_configuration(nodes: standin.Nodes, name: str, token: str, hash_: str, key: str = "") -> Document:
    """What kubeadm join takes; with the key of the certificates the node becomes a control plane."""
    found: Document = {
        "apiVersion": API,
        "kind": "JoinConfiguration",
        "discovery": {
            "bootstrapToken": {"apiServerEndpoint": endpoint(nodes), "token": token, "caCertHashes": [hash_]}
        },
    }
    if key:
        local = {"advertiseAddress": nodes[name].address}
        found["controlPlane"] = {"certificateKey": key, "localAPIEndpoint": local}
    return found


def gateway(nodes: standin.Nodes) -> str:
    """The address of the machine below that the nodes reach."""
    return f"198.19.{nodes.number}.1"


def endpoint(nodes: standin.Nodes) -> str:
    return f"{gateway(nodes)}:{balancer.PORT}"


def kubeadm(nodes: standin.Nodes, name: str, words: str, documents: list[Document]) -> str:
    text = "\n---\n".join(json.dumps(document) for document in documents)
    return root(nodes, name, f"umask 077; cat > /run/kubeadm.yaml <<'YAML'\n{text}\nYAML\nkubeadm {words}")


@contextlib.contextmanager
def front(nodes: standin.Nodes, *control_planes: str) -> collections.abc.Iterator[balancer.Balancer]:
    """The load balancer of a cluster's control planes."""
    with balancer.balancer(gateway(nodes), [nodes[name].address for name in control_planes]) as found:
        yield found


@contextlib.contextmanager
def running_cluster(
    nodes: standin.Nodes, version: str = VERSION, *, control_planes: int = 1, installed: bool = False
) -> collections.abc.Iterator[Cluster]:
    """All the nodes as a cluster, of which the first are control planes.

    installed: a system extension of that version is merged already; else each gets one.
    """
    names = [node.name for node in nodes.nodes]
    planes = names[:control_planes]
    with tempfile.TemporaryDirectory() as folder, front(nodes, *planes) as found:
        cluster = Cluster(nodes, pathlib.Path(folder), found, version)
        for name in names if not installed else []:
            install(nodes, name, version)
        upload = " --upload-certs" if control_planes > 1 else ""
        first = names[0]
        kubeadm(nodes, first, f"init --config /run/kubeadm.yaml{upload}", init_configuration(nodes, first, version))
        cluster.kubeconfig.touch(0o600)
        cluster.kubeconfig.write_text(root(nodes, first, "cat /etc/kubernetes/admin.conf"))
        cluster.apply(NETWORK)
        token, hash_ = joining(nodes, first)
        key = ""
        if control_planes > 1:
            key = root(nodes, first, "kubeadm init phase upload-certs --upload-certs").split()[-1]
        for name in names[1:]:
            document = join_configuration(nodes, name, token, hash_, key if name in planes else "")
            kubeadm(nodes, name, "join --config /run/kubeadm.yaml", [document])
        cluster.wait_for_ready(*names)
        yield cluster


def joining(nodes: standin.Nodes, name: str) -> tuple[str, str]:
    """A new token, and the digest of the CA's key."""
    words = root(nodes, name, "kubeadm token create --print-join-command").split()
    return words[words.index("--token") + 1], words[words.index("--discovery-token-ca-cert-hash") + 1]
