# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of an API server as a node asks for: which servers a cluster has, and their version.

Where nobody has built the real one, a node of the demo learns here that it may be patched.
"""

from __future__ import annotations

import collections.abc
import contextlib
import http.server
import json
import pathlib
import ssl
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.background import in_background
from ansible_collections.flatops.flatcar.tests.standins.kubernetes.authority import ENDPOINTS, Authority


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: str, version: str, authority: Authority) -> None:
        super().__init__((address, 0), Handler)
        endpoints = {"subsets": [{"addresses": [{"ip": address}], "ports": [{"port": self.server_port}]}]}
        self.answers: dict[str, t.Any] = {"/version": {"gitVersion": f"v{version}"}, ENDPOINTS: endpoints}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.issue("server", address=address))
        context.load_verify_locations(authority.file)
        context.verify_mode = ssl.CERT_REQUIRED
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client without a certificate is no error of the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path)
        raw = json.dumps(answer or {"kind": "Status", "code": 404}, indent=2).encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def api_server(address: str, version: str, folder: pathlib.Path) -> collections.abc.Iterator[tuple[Authority, str]]:
    """A server of a version at an address: its cluster's authority, whose files are in folder, and address:port."""
    authority = Authority(folder)
    with in_background(Server(address, version, authority)) as server:
        yield authority, f"{address}:{server.server_port}"
