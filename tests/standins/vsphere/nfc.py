# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What takes uploads as the network file copy service of a host does, and can fail at it."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import ssl
import threading
import typing as t


class Got(t.NamedTuple):
    """A request that came to its end."""

    method: str
    path: str
    headers: dict[str, str]
    size: int
    sha1: str


class Receiver(http.server.ThreadingHTTPServer):
    """A server on the loopback interface.

    status is what it answers; stops_after is after how many bytes it reads no further: it answers at once, or waits
    for `release` when stalls is set.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.got: list[Got] = []
        self.status = 200
        self.stops_after: int | None = None
        self.stalls = False
        self.stalled = threading.Event()
        self.release = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Clients may go."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def _take(self) -> None:
        server, length, digest = self.server, int(self.headers["Content-Length"]), hashlib.sha1()
        wanted = length if server.stops_after is None else min(length, server.stops_after)
        size = 0
        while size < wanted:
            block = self.rfile.read(min(wanted - size, 1 << 16))
            if not block:
                return
            digest.update(block)
            size += len(block)
        if size < length and server.stalls:
            server.stalled.set()
            server.release.wait()
            return
        server.got.append(Got(self.command, self.path, dict(self.headers), size, digest.hexdigest()))
        self.send_response(server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    do_POST = do_PUT = _take

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def receiver(context: ssl.SSLContext) -> t.Iterator[Receiver]:
    """A server for as long as the context lasts."""
    server = Receiver(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
