# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How long something may take, with all its retries and waits."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt

_here = threading.local()


class _End:
    """What one patience has in common with those within it."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.error: Exception | None = None


class Patience:
    """Time that runs out. An end that another thread gives is raised where this one waits."""

    def __init__(self, what: str, seconds: float, around: Patience | None = None) -> None:
        self.what = what
        self.seconds = seconds if around is None else min(seconds, around.left)
        self._until = time.monotonic() + self.seconds
        self._end: _End = _End() if around is None else around._end

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def end(self, error: Exception) -> None:
        self._end.error = error
        self._end.event.set()

    def wait(self, seconds: float) -> None:
        """Waits so long; AzureError "timeout" at once where so much time is not left."""
        if seconds > self.left:
            raise AzureError(
                "timeout",
                f"{self.what}: this has not ended within {self.seconds:g} seconds (option timeout). What Azure has "
                "begun goes on there.",
            )
        self._end.event.wait(max(seconds, 0))
        if self._end.error is not None:
            raise self._end.error


@contextlib.contextmanager
def lasting(what: str, seconds: float, interrupt: Interrupt | None = None) -> t.Iterator[Patience]:
    """The patience of this thread for what happens within; never longer than one that is around it."""
    around: Patience | None = getattr(_here, "patience", None)
    patience = Patience(what, seconds, around)
    _here.patience = patience
    try:
        with contextlib.nullcontext() if interrupt is None else interrupt.ends(patience.end):
            yield patience
    finally:
        _here.patience = around


def current(seconds: float) -> Patience:
    """The patience of this thread, or a new one."""
    return getattr(_here, "patience", None) or Patience("A request to Azure", seconds)
