# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What work costs, and rows of a table of it."""

from __future__ import annotations

import resource
import subprocess
import time
import typing as t

#: Seconds that a measurement in process is repeated for; its best time counts.
PATIENCE = 2.0


class Cost(t.NamedTuple):
    """Seconds of CPU (of a process and its children) and of wall time."""

    cpu: float
    wall: float


def best(work: t.Callable[[], object]) -> float:
    """Seconds of CPU that the work takes in this process."""
    times: list[float] = []
    end = time.monotonic() + PATIENCE
    while not times or time.monotonic() < end:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def command(words: list[str], source: bytes = b"", **options: t.Any) -> Cost:
    """What a program costs. RuntimeError with what it printed where it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(words, input=source, capture_output=True, check=False, **options)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {(done.stdout + done.stderr).decode()[-3000:]}")
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def cheapest(words: list[str], source: bytes, times: int = 10) -> Cost:
    costs = [command(words, source) for dummy in range(times)]
    return Cost(min(cost.cpu for cost in costs), min(cost.wall for cost in costs))


def row(what: str, *cells: str) -> None:
    print(f"{what:<46}" + "".join(f"{cell:>13}" for cell in cells), flush=True)


def verdict(ratio: float, budget: float) -> tuple[str, str, str]:
    return f"{ratio:.2f} x", f"{budget:g} x", "within" if ratio <= budget else "OVER"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
