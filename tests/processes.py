# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes and those below them: Ansible's workers have sessions of their own, so that no signal to a group ends all.

From /proc/<number>/stat (proc_pid_stat(5)): number (name) state parent.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal


def processes(root: int) -> dict[int, str]:
    """A process and all below it, with the names of their programs."""
    listed: list[tuple[int, int, str]] = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        # One may end in between.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            head, dummy, rest = path.read_text(errors="replace").rpartition(")")
            listed.append((int(path.parent.name), int(rest.split()[1]), head.partition("(")[2]))
    found: dict[int, str] = {}
    waiting = [root]
    while waiting:
        above = waiting.pop()
        found.update((number, name) for number, dummy, name in listed if number == above)
        waiting += [number for number, parent, dummy in listed if parent == above]
    return found


def kill(root: int) -> None:
    """End a process and all below it at once."""
    for number in processes(root):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
