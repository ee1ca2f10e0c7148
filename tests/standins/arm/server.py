# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Azure Resource Manager, on the loopback interface, over TLS with a CA of its own.

As a program it serves until its input ends or its seconds are over, and says what a client has to know in a line of
JSON: READY {...}, or in the file that --ready names. UNVERIFIED.md lists what nobody has compared with the real one.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import traceback
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.tests.standins import certificate
from ansible_collections.flatops.flatcar.tests.standins.arm import routes
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Answer, ArmError, Json, Request
from ansible_collections.flatops.flatcar.tests.standins.arm.world import (
    CLIENT_ID,
    SECRET,
    SUBSCRIPTION,
    TENANT,
    World,
    unique,
)


class Server(http.server.ThreadingHTTPServer):
    """The stand-in at a free port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, context: ssl.SSLContext, settings: Json) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"https://127.0.0.1:{self.server_port}"
        self.world = World(settings)
        self.context = context

    def get_request(self) -> tuple[t.Any, t.Any]:
        """The handshake happens in the thread of the connection, so that none waits for another's."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """A client that does not trust the certificate, or goes away, is no error of the server; all else is told."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def asked(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        address = urllib.parse.urlsplit(self.path)
        query = {name.lower(): value for name, value in urllib.parse.parse_qsl(address.query, keep_blank_values=True)}
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw.decode("latin-1")
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = urllib.parse.unquote(re.sub("/{2,}", "/", address.path)).rstrip("/")
        return Request(self.command, path, query, headers, body, self.server.url)

    def serve(self) -> None:
        request = self.asked()
        world = self.server.world
        with world.lock:
            plan = routes.plan(world, request)
        time.sleep(plan.seconds)
        if plan.cut == "before":
            self.cut(request)
            return
        try:
            with world.lock:
                answer = routes.answer(world, request)
        except ArmError as error:
            answer = error.answer()
        except Exception:
            self.send(ArmError(599, "StandInBug", traceback.format_exc(limit=-1)).answer())
            raise
        if plan.cut:
            self.cut(request)
            return
        with world.lock:
            routes.note(world, request, answer)
        self.send(answer)

    def cut(self, request: Request) -> None:
        with self.server.world.lock:
            routes.note(self.server.world, request, Answer(0))
        self.close_connection = True

    def send(self, answer: Answer) -> None:
        raw = answer.body if isinstance(answer.body, bytes) else b""
        if answer.body is not None and not isinstance(answer.body, bytes):
            raw = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(raw)),
            "x-ms-request-id": unique(),
            "x-ms-correlation-request-id": unique(),
            **answer.headers,
        }
        for name, value in headers.items():
            if answer.status != 204 or name != "Content-Type":
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)
        self.wfile.flush()

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = serve

    def log_message(self, format: str, *args: t.Any) -> None:
        """Says nothing."""


def facts(server: Server, ca: pathlib.Path) -> Json:
    """What a client has to know."""
    return {
        "url": server.url,
        "ca": str(ca),
        "subscription": SUBSCRIPTION,
        "tenant": TENANT,
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "pid": os.getpid(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for Azure Resource Manager.")
    parser.add_argument("--ready", type=pathlib.Path, help="the JSON file that says where it serves")
    parser.add_argument("--control", type=json.loads, default={}, help="fields of control.Control, as JSON")
    parser.add_argument("--seconds", type=float, help="how long it serves; else until its input ends")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix="arm-") as folder:
        context, ca = certificate.certificate(pathlib.Path(folder))
        server = Server(context, options.control)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = json.dumps(facts(server, ca))
        if options.ready:
            unfinished = options.ready.with_suffix(".new")
            unfinished.write_text(told)
            unfinished.replace(options.ready)
        else:
            print("READY", told, flush=True)
        if options.seconds is None:
            sys.stdin.read()
        else:
            time.sleep(options.seconds)


if __name__ == "__main__":
    main()
