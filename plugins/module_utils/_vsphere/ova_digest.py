# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Digests that are made while the bytes go on their way.

hashlib and sockets both let other threads run, so that hashing costs next to no time beside an upload.
"""

from __future__ import annotations

import concurrent.futures
import hashlib


class Digest:
    """A digest that one of threads makes, a piece at a time: no more than two pieces are held."""

    def __init__(self, algorithm: str, threads: concurrent.futures.Executor) -> None:
        self.digest = hashlib.new(algorithm, usedforsecurity=False)
        self.threads = threads
        self.pending: concurrent.futures.Future[None] | None = None

    def update(self, piece: bytes) -> None:
        self._wait()
        self.pending = self.threads.submit(self.digest.update, piece)

    def hexdigest(self) -> str:
        self._wait()
        return self.digest.hexdigest()

    def _wait(self) -> None:
        if self.pending:
            self.pending.result()
