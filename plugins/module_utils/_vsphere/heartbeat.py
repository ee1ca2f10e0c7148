# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A thread that tells the server how far a transfer is, which keeps the lease alive also while a write blocks."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Seconds between two beats. Leases last 300 seconds.
EVERY = 30.0


class Heartbeat:
    """Calls beat() every so many seconds within its with block.

    A VsphereError of beat says that the transfer is over: it is passed to lost, once, and the beating ends. Only a
    connection that fails (connect) is tried again, with the next beat. pyvmomi takes a connection of its own for each
    thread.
    """

    def __init__(
        self, beat: t.Callable[[], None], lost: t.Callable[[VsphereError], None], every: float = EVERY
    ) -> None:
        self._beat = beat
        self._lost = lost
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *dummy: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self._beat()
            except VsphereError as error:
                if error.code != "connect":
                    self._lost(error)
                    return
