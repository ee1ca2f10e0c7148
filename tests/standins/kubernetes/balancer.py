# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load balancer for the API servers of some control planes: it passes connections on to one that accepts them."""

from __future__ import annotations

import collections.abc
import contextlib
import itertools
import socket
import socketserver
import threading

from ansible_collections.flatops.flatcar.tests.standins.background import in_background

PORT = 6443
#: Seconds after which a server does not answer: one that is off does not refuse.
PATIENCE = 1


class Balancer(socketserver.ThreadingTCPServer):
    """servers are the addresses in their turn; they can be changed at any time."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: str, servers: collections.abc.Sequence[str]) -> None:
        self.servers = list(servers)
        self.turn = itertools.count()
        super().__init__((address, PORT), Connection)


class Connection(socketserver.BaseRequestHandler):
    """One from a client."""

    server: Balancer
    request: socket.socket

    def handle(self) -> None:
        other = self.reach()
        if other is None:
            return
        with other:
            back = threading.Thread(target=passed, args=(other, self.request), daemon=True)
            back.start()
            passed(self.request, other)
            back.join()

    def reach(self) -> socket.socket | None:
        servers = list(self.server.servers)
        first = next(self.server.turn)
        for number in range(len(servers)):
            with contextlib.suppress(OSError):
                address = servers[(first + number) % len(servers)]
                connection = socket.create_connection((address, PORT), timeout=PATIENCE)
                connection.settimeout(None)
                return connection
        return None


def passed(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until either has ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def balancer(address: str, servers: collections.abc.Sequence[str]) -> collections.abc.Iterator[Balancer]:
    with in_background(Balancer(address, servers)) as server:
        yield server
