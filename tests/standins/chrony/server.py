# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An NTP server that tells the time of this machine (RFC 5905)."""

from __future__ import annotations

import collections.abc
import contextlib
import socketserver
import struct
import time

from ansible_collections.flatops.flatcar.tests.standins.background import in_background

#: From the beginning of NTP's era, 1900, to that of Unix, in seconds.
ERA = 2208988800
#: No leap second, version 4, a server; stratum 1; every 8 s; about a microsecond.
HEAD = struct.pack(">BBbb", 0x24, 1, 3, -20)
REFERENCE = b"PPS\0"


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        asked, connection = self.request
        now = stamp()
        # Delay and dispersion; when the clock was set; when the client asked, and when that came and is answered.
        answer = HEAD + bytes(8) + REFERENCE + now + asked[40:48] + now + stamp()
        connection.sendto(answer, self.client_address)


def stamp() -> bytes:
    return struct.pack(">Q", int((time.time() + ERA) * 2**32))


@contextlib.contextmanager
def serving(address: str) -> collections.abc.Iterator[int]:
    """A server at an address; its port."""
    with in_background(socketserver.UDPServer((address, 0), Handler)) as server:
        yield server.server_address[1]
