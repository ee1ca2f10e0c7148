# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cgroup for each node.

systemd-nspawn would put all nodes into one, where the systemd of each waits for the services of the others to end.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import time


def hierarchies() -> list[pathlib.Path]:
    """Where those are mounted that systemd works with: cgroup2, and the one of its own of before."""
    mounts = [line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    return [
        pathlib.Path(target)
        for dummy, target, kind, options, *_rest in mounts
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(","))
    ]


def enter(name: str) -> None:
    """Make the cgroup, and move this process into it."""
    for root in hierarchies():
        (root / name).mkdir(exist_ok=True)
        (root / name / "cgroup.procs").write_text("0")


def remove(pattern: str, seconds: float) -> None:
    """Remove cgroups of processes that have ended, or end within that time."""
    deadline = time.monotonic() + seconds
    for group in [group for root in hierarchies() for group in root.glob(pattern)]:
        while group.exists() and time.monotonic() < deadline:
            for folder, *_dummy in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            time.sleep(0.01)
