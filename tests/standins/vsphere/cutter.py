# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way to a server on which connections that carry much are cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading


class Cutter:
    """Passes connections on to a port of 127.0.0.1, and resets each that has carried after bytes to the server."""

    def __init__(self, to: int, after: int) -> None:
        self.to = to
        self.after = after
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Cutter:
        return self

    def __exit__(self, *dummy: object) -> None:
        self.listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, dummy = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                threading.Thread(target=self._pass, args=(client, server, self.after), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, None), daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket, most: int | None) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                to.sendall(block)
                carried += len(block)
                if most is not None and carried >= most:
                    self.cuts += 1
                    for each in (source, to):
                        # Closing it now resets the connection.
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
        for each in (source, to):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
