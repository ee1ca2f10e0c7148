# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way to Azurite on which requests are counted, refused, cut and slowed down.

It also compares the MD5 of what is sent, which the real service does and Azurite does not.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import http.client
import http.server
import re
import socket
import struct
import threading
import time
import typing as t


class Entry(t.NamedTuple):
    """A request that has passed, or was to: bytes is the size of its body, status 0 says that it was cut."""

    method: str
    path: str
    bytes: int
    status: int

    @property
    def is_page(self) -> bool:
        return self.method == "PUT" and "comp=page" in self.path


@dataclasses.dataclass
class Rule:
    """What becomes of some requests: those whose "METHOD path?query" has the pattern, so many times.

    status 0 cuts the connection when the request has come, otherwise code is the error code of the service. change
    alters the body on its way, seconds is how long the request waits.
    """

    pattern: str
    times: int = 1
    status: int | None = None
    code: str = ""
    change: t.Callable[[bytes], bytes] | None = None
    seconds: float = 0


class Way(http.server.ThreadingHTTPServer):
    """Leads from a free port of 127.0.0.1 to a port there. seconds is how long each page that is written takes."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, to: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.to = to
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.rules: list[Rule] = []
        self.log: list[Entry] = []
        self.seconds = 0.0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *dummy: object) -> None:
        self.shutdown()
        self.server_close()

    def pages(self) -> list[Entry]:
        """The writes of pages that have arrived."""
        with self.lock:
            return [entry for entry in self.log if entry.is_page and entry.status == 201]

    def rule(self, request: str) -> Rule | None:
        with self.lock:
            for rule in self.rules:
                if rule.times and re.search(rule.pattern, request):
                    rule.times -= 1
                    return rule
        return None

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that goes away is no error."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Way
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        rule = self.server.rule(f"{self.command} {self.path}")
        if rule and rule.seconds:
            time.sleep(rule.seconds)
        if rule and rule.status == 0:
            self.note(len(body), 0)
            self.cut()
        elif rule and rule.status:
            self.refuse(body, rule.status, rule.code)
        else:
            self.compare(rule.change(body) if rule and rule.change else body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def compare(self, body: bytes) -> None:
        digest = self.headers.get("Content-MD5")
        if digest and base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode() != digest:
            self.refuse(body, 400, "Md5Mismatch")
        else:
            self.pass_on(body)

    def refuse(self, body: bytes, status: int, code: str) -> None:
        text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>No.</Message></Error>'
        self.note(len(body), status)
        self.answer(status, {"x-ms-error-code": code, "Content-Type": "application/xml"}, text.encode())

    def pass_on(self, body: bytes) -> None:
        if self.server.seconds and Entry(self.command, self.path, 0, 0).is_page:
            time.sleep(self.server.seconds)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.to, timeout=60)
        with contextlib.closing(connection):
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "content-length"):
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
        self.note(len(body), response.status)
        headers = {
            name: value
            for name, value in response.getheaders()
            if name.lower() not in ("connection", "keep-alive", "transfer-encoding", "content-length")
        }
        self.answer(response.status, headers, content, response.getheader("Content-Length"))

    def answer(self, status: int, headers: dict[str, str], content: bytes, length: str | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def cut(self) -> None:
        # Closing it now resets the connection.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def note(self, size: int, status: int) -> None:
        with self.server.lock:
            self.server.log.append(Entry(self.command, self.path, size, status))

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""
