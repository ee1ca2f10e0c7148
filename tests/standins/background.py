# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers in the process of a test."""

from __future__ import annotations

import collections.abc
import contextlib
import socketserver
import threading
import typing as t

Server = t.TypeVar("Server", bound=socketserver.BaseServer)


@contextlib.contextmanager
def in_background(server: Server) -> collections.abc.Iterator[Server]:
    """The server, in a thread of its own, for as long as the context lasts."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
