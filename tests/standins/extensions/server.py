# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of system extensions, which answers as extensions.flatcar.org does, with faults on demand.

It sends to another address for each file, as the public one sends to GitHub's releases (sysext-bakery,
tools/http-url-rewrite-server/Caddyfile). Beside what the public one has it can sign the digests.
"""

from __future__ import annotations

import collections.abc
import contextlib
import hashlib
import http.server
import pathlib
import re
import ssl
import threading
import time
import typing as t

import pysequoia

from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.extensions import images
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

FOLDER = "/extensions/kubernetes"
SUMS = "SHA256SUMS"
PIECE = 1 << 16
FAULTS = {
    "altered": "a byte of each image is another than when its digest was made",
    "down": "503",
    "foreign": "somebody else has signed the digests",
    "forged": "the digests have changed since they were signed",
    "slow": "0.05 seconds for each 64 KiB",
    "unsigned": "no signature",
}
#: Where curl and systemd look for authorities on a node.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


class Extensions:
    """What is served at two addresses, url and tls_url, each of which is the folder of the images.

    fault is none, or one of FAULTS. asked has the paths that were asked for, in their order.
    """

    def __init__(self, address: str, folder: pathlib.Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.key: pysequoia.Tsk | None = None
        self.fault = ""
        self.asked: list[str] = []
        context, self.authority = certificate(folder, address)
        self.servers = [Server(self, address), Server(self, address, context)]
        self.url, self.tls_url = (f"{server.url}{FOLDER}" for server in self.servers)

    def add(self, version: str, tree: pathlib.Path | None = None) -> str:
        """Offer an image of a version, of this tree or of the smallest one; its SHA-256."""
        tree = tree or images.kubernetes(self.folder / version, version)
        content = images.image(tree, self.folder / images.name(version)).read_bytes()
        self.files[images.name(version)] = content
        return hashlib.sha256(content).hexdigest()

    def sign(self) -> bytes:
        """Sign the digests from now on; the keyring that knows the key."""
        self.key = pysequoia.Tsk.generate("Extensions <test@example.com>")
        return bytes(self.key.extract_certificate())

    def trusted_by(self, nodes: Nodes, *names: str) -> None:
        """Let nodes take the certificate of tls_url for a good one."""
        for name in names:
            script = f"sudo tee -a {AUTHORITIES} <<'END'\n{self.authority.read_text()}\nEND\n"
            nodes.run(name, script).check_returncode()

    @contextlib.contextmanager
    def having(self, fault: str) -> collections.abc.Iterator[None]:
        """Have a fault for a while."""
        assert fault in FAULTS
        self.fault = fault
        try:
            yield
        finally:
            self.fault = ""

    def content(self, name: str) -> bytes | None:
        """What a file holds now; None where there is none."""
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {file}\n" for file, content in self.files.items())
        if name == SUMS:
            return (f"{sums}{'0' * 64}  more.raw\n" if self.fault == "forged" else sums).encode()
        if name == f"{SUMS}.gpg" and self.key and self.fault != "unsigned":
            key = pysequoia.Tsk.generate("Somebody <somebody@example.com>") if self.fault == "foreign" else self.key
            mode = pysequoia.SignatureMode.DETACHED
            return pysequoia.sign(key.signer(), sums.encode(), mode=mode, armor=False)
        content = self.files.get(name)
        if content is not None and self.fault == "altered":
            return content[:-1] + bytes([content[-1] ^ 1])
        return content


class Server(http.server.ThreadingHTTPServer):
    """At a free port of an address, until its process ends; with a context by HTTPS."""

    daemon_threads = True

    def __init__(self, extensions: Extensions, address: str, context: ssl.SSLContext | None = None) -> None:
        super().__init__((address, 0), Handler)
        self.extensions = extensions
        self.url = f"{'https' if context else 'http'}://{address}:{self.server_port}"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that goes away is no error of the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        extensions = self.server.extensions
        extensions.asked.append(self.path)
        name = self.path.rpartition("/")[2]
        content = extensions.content(name)
        if extensions.fault == "down":
            self.send_error(503)
        elif content is None:
            self.send_error(404)
        elif self.path.startswith("/extensions/"):
            release = re.sub(rf"-{images.ARCHITECTURE}\.raw$", "", name) if name.endswith(".raw") else "kubernetes"
            self.send_response(302)
            self.send_header("Location", f"/releases/download/{release}/{name}")
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for start in range(0, len(content), PIECE):
                time.sleep(0.05 if extensions.fault == "slow" else 0)
                self.wfile.write(content[start : start + PIECE])

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def serving(nodes: Nodes, folder: pathlib.Path) -> collections.abc.Iterator[Extensions]:
    """A server on the side of the controller, which the nodes reach and trust. folder is its own."""
    extensions = Extensions(f"198.19.{nodes.number}.1", folder)
    extensions.trusted_by(nodes, *(node.name for node in nodes.nodes))
    try:
        yield extensions
    finally:
        for server in extensions.servers:
            server.shutdown()
            server.server_close()
