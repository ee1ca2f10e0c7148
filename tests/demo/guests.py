# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines that can be logged in to: test nodes in place of the guests of a cloud, and what they fetch."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.chrony import clock
from ansible_collections.flatops.flatcar.tests.standins.chrony import server as ntp
from ansible_collections.flatops.flatcar.tests.standins.extensions import images as extensions
from ansible_collections.flatops.flatcar.tests.standins.extensions.server import Extensions, serving
from ansible_collections.flatops.flatcar.tests.standins.kubernetes import versions
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

#: The machines of the example on vSphere, in the order of the nodes; the last one is a node of Kubernetes.
HOSTS = ("app1", "app2", "worker1")
CHRONY = "chrony-4.8-x86-64.raw"
#: What the image of Flatcar has, and the tree of the test nodes has not.
UNITS = {"containerd.service": "[Service]\nExecStart=/usr/bin/sleep infinity\n"}


class Guests(t.NamedTuple):
    """The nodes, the server of images, and that of the time: its address and port."""

    nodes: standin.Nodes
    images: Extensions
    time: tuple[str, int]

    def variables(self) -> dict[str, t.Any]:
        """Who may log in, and where things come from."""
        key = self.nodes.key.with_suffix(".pub").read_text(encoding="utf-8").strip()
        return {
            "admin_keys": [key],
            "chrony_servers": [self.time[0]],
            "chrony_server_options": f"iburst port {self.time[1]}",
            "chrony_sysext_url": self.images.tls_url,
            "kubernetes_sysext_url": self.images.tls_url,
        }

    def inventory(self) -> dict[str, t.Any]:
        """The hosts, with their addresses."""
        return {"hosts": {host: _at(node.address) for host, node in zip(HOSTS, self.nodes.nodes, strict=True)}}

    def login(self) -> dict[str, t.Any]:
        """How Ansible logs in to them."""
        return {
            "ansible_ssh_private_key_file": str(self.nodes.key),
            "ansible_ssh_common_args": " ".join(self.nodes.ssh_options()),
        }

    def release(self, version: str) -> None:
        """Offer a version of Kubernetes, unless it is offered."""
        if not any(f"-v{version}-" in name for name in self.images.files):
            self.images.add(version)


def _at(address: str) -> dict[str, t.Any]:
    """What leads to a guest; the simulator's VM reports its address."""
    guest = {"extra_config": {"SET.guest.ipAddress": address}}
    return {"ansible_host": address, "flatcar_vsphere__95_guest": guest}


@contextlib.contextmanager
def running(folder: pathlib.Path, version: str) -> collections.abc.Iterator[Guests]:
    """The guests, with a server of images that has one version of Kubernetes, and a cluster of that version.

    Raises CannotStart, and of these Missing where test nodes cannot run.
    """
    if not extensions.MKFS.exists():
        raise standin.Missing("test nodes need the Debian package e2fsprogs")
    usr = folder / "usr"
    units = usr / "lib" / "systemd" / "system"
    for made in (units, folder / "images", folder / "cluster"):
        made.mkdir(parents=True)
    for name, text in UNITS.items():
        (units / name).write_text(text, encoding="utf-8")
    with standin.running(len(HOSTS), extra=(usr,)) as nodes:
        below = f"198.19.{nodes.number}.1"
        with (
            serving(nodes, folder / "images") as images,
            versions.api_server(below, version, folder / "cluster") as (authority, server),
            ntp.serving(below) as port,
        ):
            # The node of Kubernetes has joined.
            script = authority.kubeconfig(HOSTS[-1], server)
            nodes.run(nodes.nodes[-1].name, f"sudo sh <<'END'\n{script}\nEND\n").check_returncode()
            guests = Guests(nodes, images, (below, port))
            chrony = extensions.image(clock.bakery(folder / "chrony"), folder / "chrony.raw", "chrony")
            images.files[CHRONY] = chrony.read_bytes()
            guests.release(version)
            yield guests
