# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator has of our own: its proxy, which a fault of would look like a server that does not answer."""

from __future__ import annotations

import socket
import ssl

from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim


def tunnel(server: vcsim.Server) -> socket.socket:
    """A connection through the proxy."""
    connection = socket.create_connection((server.host, server.proxy_port), timeout=60)
    connection.sendall(f"CONNECT {server.host}:{server.port} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        said += connection.recv(1)
    assert said.startswith(b"HTTP/1.1 200 ")
    return connection


def test_nothing_is_lost_at_the_begin(server: vcsim.Server) -> None:
    context = ssl.create_default_context(cafile=server.ca_path)
    for dummy in range(300):
        with tunnel(server) as connection, context.wrap_socket(connection, server_hostname=server.host) as wrapped:
            assert wrapped.version()


def test_the_end_of_the_server_is_told(server: vcsim.Server) -> None:
    with tunnel(server) as connection:
        connection.sendall(b"This is no TLS.\r\n\r\n")
        while connection.recv(1024):
            pass


def test_the_end_of_the_client_is_told(server: vcsim.Server) -> None:
    with tunnel(server) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
