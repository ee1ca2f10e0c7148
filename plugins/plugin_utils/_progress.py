# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the companion action of a long transfer does: it shows how far the module is.

A module cannot print. It appends to a file how far it is (module_utils/_release/progress.py), and a thread of the
action reads that file while the action waits for the module. That needs a module that runs on the controller.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress

#: Seconds between two lines.
INTERVAL = 5.0
_MIB = 1 << 20
_PHASES = {
    "wait": "waits for another task that downloads the same file",
    "check": "checks what is there",
    "download": "downloads",
    "verify": "verifies the signature",
    "unpack": "unpacks",
    "upload": "uploads",
    "template": "waits for another task that imports the same template",
    "read_back": "reads back what was uploaded",
    "create": "waits for the image",
    "address": "waits for addresses",
}
#: The phases in which bytes come or go.
_MOVING = ("check", "download", "unpack", "upload", "read_back")


@contextlib.contextmanager
def follow(label: str, show: t.Callable[[str], None], interval: float = INTERVAL) -> t.Iterator[str]:
    """The path of a file for the module to append to; while the block runs, show gets a line every interval seconds."""
    handle, path = tempfile.mkstemp(prefix="flatops-progress-")
    os.close(handle)
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(path, label, show, interval, ended), daemon=True)
    thread.start()
    try:
        yield path
    finally:
        ended.set()
        thread.join()
        os.unlink(path)


def _watch(path: str, label: str, show: t.Callable[[str], None], interval: float, ended: threading.Event) -> None:
    before, since = 0, time.monotonic()
    while not ended.wait(interval):
        state = progress.last(path)
        if state:
            now = time.monotonic()
            show(line(label, state, max(state.done - before, 0) / (now - since)))
            before, since = state.done, now


def line(label: str, state: progress.State, speed: float) -> str:
    """One line for people; speed in bytes a second."""
    text = f"{label}: {_PHASES.get(state.phase, state.phase)}"
    if state.phase not in _MOVING:
        return text
    done = f"{state.done / _MIB:.1f}"
    if state.total:
        done += f" of {state.total / _MIB:.1f} MiB ({100 * state.done // state.total} %)"
    else:
        done += " MiB"
    return f"{text}, {done}, {speed / _MIB:.1f} MiB/s"
