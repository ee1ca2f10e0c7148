# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real API servers of several versions with one etcd."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import pathlib
import socket
import ssl
import subprocess
import time
import typing as t
import urllib.request

from ansible_collections.flatops.flatcar.tests.standins.kubernetes import programs
from ansible_collections.flatops.flatcar.tests.standins.kubernetes.authority import (
    ENDPOINTS,
    MASTERS,
    Authority,
    private,
)
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

#: Seconds after which what is waited for hangs.
PATIENCE = 300


class Servers:
    """API servers by their addresses, all at port 6443."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "accounts.pem").write_bytes(private(self.authority.key))
        self.context = ssl.create_default_context(cafile=str(self.authority.file))
        self.context.load_cert_chain(self.authority.issue("admin", MASTERS))
        self.store, peers = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        urls = {"client": self.store, "peer": peers}
        options = [
            f"--data-dir={folder}/etcd",
            "--unsafe-no-fsync",
            *(f"--listen-{kind}-urls={url}" for kind, url in urls.items()),
            f"--advertise-client-urls={self.store}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ]
        self.etcd = self._run(programs.programs("v1.34.2") / "etcd", options)

    def start(self, address: str, version: str) -> None:
        """Start a server, and wait until the others know it."""
        served = self.authority.issue(f"server-{address}", address=address)
        options = [
            f"--advertise-address={address}",
            "--authorization-mode=Node,RBAC",
            f"--bind-address={address}",
            f"--client-ca-file={self.authority.file}",
            f"--etcd-servers={self.store}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.folder}/accounts.pem",
            f"--service-account-signing-key-file={self.folder}/accounts.pem",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--tls-cert-file={served}",
            f"--tls-private-key-file={served}",
        ]
        self.running[address] = self._run(programs.programs(version) / "kube-apiserver", options)
        self._until_known(address, address, True)

    def stop(self, address: str) -> None:
        """End a server, which the others then forget."""
        process = self.running.pop(address)
        process.terminate()
        process.wait()
        for other in self.running:
            self._until_known(address, other, False)

    def ask(self, address: str, path: str, body: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """What a server answers the administrator."""
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"https://{address}:6443{path}", data, headers)
        with urllib.request.urlopen(request, context=self.context, timeout=PATIENCE) as answer:
            return json.load(answer)

    def known(self, address: str) -> list[str]:
        """The addresses of the servers that one of them knows."""
        try:
            subsets = self.ask(address, ENDPOINTS).get("subsets", [])
        except OSError:
            return []
        return [each["ip"] for subset in subsets for each in subset["addresses"]]

    def end(self) -> None:
        for process in [*self.running.values(), self.etcd]:
            process.kill()
            process.wait()

    def _run(self, program: pathlib.Path, options: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(program), *options], stdout=log, stderr=log, preexec_fn=standin.die_with_parent
            )

    def _until_known(self, address: str, by: str, wanted: bool) -> None:
        """Wait until one server knows another, or has forgotten it. Raises CannotStart."""
        deadline = time.monotonic() + PATIENCE
        while (address in self.known(by)) is not wanted:
            if self.running[by].poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace").splitlines()[-15:]
                raise standin.CannotStart("an API server does not come up\n" + "\n".join(said))
            time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for dummy in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def api_servers(folder: pathlib.Path) -> collections.abc.Iterator[Servers]:
    """No server yet, and an etcd for them. folder is theirs. Raises CannotStart."""
    servers = Servers(folder)
    try:
        yield servers
    finally:
        servers.end()
