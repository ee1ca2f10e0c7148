# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node with the role kubernetes_sysext, a server of images, and API servers that its kubelet may ask."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib
import re
import subprocess
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.steps import Task, of, succeeded
from ansible_collections.flatops.flatcar.tests.standins.extensions.server import Extensions, serving
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import servers
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import PATIENCE, CannotStart, Nodes

ROLE = "flatops.flatcar.kubernetes_sysext"
LINK = "/etc/extensions/kubernetes.raw"
FLAG = "/run/reboot-required"
SERVICE = "flatops-kubernetes-sysupdate.service"
#: So that the timer of a test fires soon, and not so often that systemd starts the service no longer.
SOON = {"kubernetes_sysext_patch_interval": "3s", "kubernetes_sysext_patch_jitter": "0"}


class Site:
    """node1 of nodes, the images that it gets, and the API servers. images is the server's address for it."""

    def __init__(self, nodes: Nodes, images: Extensions, api: servers.Servers) -> None:
        self.nodes, self.images, self.api = nodes, images, api
        self.name = "node1"

    def address(self, number: int = 1) -> str:
        """An address of the machine below for an API server."""
        return f"198.19.{self.nodes.number}.{number}"

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return self.nodes.run(self.name, f"sudo sh <<'END'\n{script}\nEND\n")

    def out(self, script: str) -> str:
        """What a script prints as root that succeeds."""
        done = self.run(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def serve(self, number: int, version: str) -> None:
        """Have an API server of a version at an address."""
        if number > 1:
            own = f"{self.address(number)}/24"
            subprocess.run(["ip", "address", "replace", own, "dev", self.nodes.bridge], check=True)
        self.api.start(self.address(number), version)

    def join(self, number: int = 1) -> None:
        """Give the node the credentials of a kubelet, which asks the API server at an address."""
        self.out(self.api.authority.kubeconfig(self.name, f"{self.address(number)}:6443"))

    def runs(self, version: str) -> None:
        """Let the cluster have the node, with a kubelet of a version."""
        node = {"metadata": {"name": self.name}, "status": {"nodeInfo": {"kubeletVersion": f"v{version}"}}}
        self.api.ask(self.address(), "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", **node})

    def staged(self) -> str:
        return self.out(f"readlink -f {LINK}").partition("-v")[2].partition("-x86")[0]

    def merged(self) -> str:
        return self.out("kubelet --version").removeprefix("Kubernetes v")

    def flagged(self) -> bool:
        return self.run(f"test -e {FLAG}").returncode == 0

    def installed(self) -> list[str]:
        return re.findall(r"kubernetes-v(.*)-x86-64.raw", self.out("ls -v /opt/extensions/kubernetes"))

    def everything(self) -> list[str]:
        """Where the role may leave something."""
        found = self.out("find /etc /opt /var/lib/flatops/kubernetes_sysext 2>/dev/null || true")
        return sorted(found.splitlines())

    def told(self, since: str = "") -> str:
        """What the service has written to the journal, since a cursor."""
        after = f"--after-cursor='{since}'" if since else ""
        return self.out(f"journalctl --no-pager -o cat -u {SERVICE} {after}")

    def cursor(self) -> str:
        return self.out("journalctl -n 0 --show-cursor").partition("cursor: ")[2]

    def look(self) -> tuple[int, str]:
        """Have the service look for a patch: the exit status of systemctl, and what the service has told."""
        since = self.cursor()
        return self.run(f"systemctl reset-failed; systemctl start {SERVICE}").returncode, self.told(since)

    def until(self, wanted: t.Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not wanted():
            assert time.monotonic() < deadline, self.out("journalctl --no-pager -n 60")
            time.sleep(0.1)

    def reboot(self) -> None:
        before = self.nodes.boot_id(self.name)
        self.nodes.run(self.name, "sudo systemctl reboot")
        self.nodes.wait_for_boot(self.name, before)


@contextlib.contextmanager
def site(nodes: Nodes, folder: pathlib.Path) -> collections.abc.Iterator[Site]:
    """folder is its own. There is no API server yet."""
    (folder / "images").mkdir()
    (folder / "api").mkdir()
    try:
        with serving(nodes, folder / "images") as images, servers.api_servers(folder / "api") as api:
            yield Site(nodes, images, api)
    except CannotStart as reason:
        pytest.skip(str(reason))


def role(entry: str, task: str = "", **variables: t.Any) -> Task:
    """Apply an entry point of the role."""
    given = {"name": ROLE, "tasks_from": entry}
    return {"name": task or entry, "ansible.builtin.include_role": given, "vars": variables}


def changes(played: Played) -> list[str]:
    """The tasks that have changed something, without the name of their role."""
    return [result.task.rpartition(" : ")[2] for result in played.results if result.changed]


def failure(played: Played) -> str:
    """The message of the one task that has failed."""
    (failed,) = [result for result in played.results if result.failed]
    return str(failed.result["msg"])


def status(play: Player) -> dict[str, t.Any]:
    """The fact of the entry point status."""
    played = play([role("status")])
    succeeded(played)
    found: dict[str, t.Any] = of(played, f"{ROLE} : Show it")["kubernetes_sysext_status"]
    return found
