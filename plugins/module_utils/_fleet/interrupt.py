# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""SIGTERM ends this process with its cleaning up, and what it does in other threads as well."""

from __future__ import annotations

import contextlib
import signal
import threading
import typing as t


class Interrupted(Exception):
    """Somebody asked this process to end."""


class Interrupt:
    """Whether the work of all threads is to end. Set it where the threads are waited for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._enders: list[t.Callable[[Exception], None]] = []
        self._set = False

    def set(self) -> None:
        with self._lock:
            self._set = True
            for end in self._enders:
                end(Interrupted())

    @contextlib.contextmanager
    def ends(self, end: t.Callable[[Exception], None]) -> t.Iterator[None]:
        """While the context lasts, an interrupt calls end with an Interrupted. One that has come already raises it."""
        with self._lock:
            if self._set:
                raise Interrupted
            self._enders.append(end)
        try:
            yield
        finally:
            with self._lock:
                self._enders.remove(end)


@contextlib.contextmanager
def terminable() -> t.Iterator[None]:
    """SIGTERM raises SystemExit within; only the main thread of a program can have that, in others nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, frame: object) -> t.NoReturn:
    raise SystemExit(128 + number)
