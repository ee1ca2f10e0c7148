# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What work costs, and rows of a table of it."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.processes import kill

#: Seconds that a measurement in process is repeated for; its best time counts.
PATIENCE = 2.0

#: Runs a program and writes down what it used. A process begins with the memory of the one that has started it as its
#: peak, and this one is small.
_SPAWNER = """
import json, os, sys, time
start = time.monotonic()
dummy, status, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
wall = time.monotonic() - start
with open(sys.argv[1], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], file)
"""


class Cost(t.NamedTuple):
    """Seconds of CPU (of a process and its children) and of wall time."""

    cpu: float
    wall: float


class Usage(t.NamedTuple):
    """Seconds of wall time and of CPU of a process and its children, MiB of the largest of them."""

    wall: float
    cpu: float
    memory: float


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
    failed, output = _done(words, source, **options)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if failed:
        raise RuntimeError(f"{' '.join(words)}: {output[-3000:]}")
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def cheapest(words: list[str], source: bytes, times: int = 10) -> Cost:
    costs = [command(words, source) for dummy in range(times)]
    return Cost(min(cost.cpu for cost in costs), min(cost.wall for cost in costs))


def used(words: collections.abc.Sequence[str], folder: pathlib.Path, env: collections.abc.Mapping[str, str]) -> Usage:
    """What a program costs that runs in a folder. RuntimeError with what it printed where it fails."""
    usage = folder / "usage.json"
    command = [sys.executable, "-S", "-c", _SPAWNER, str(usage), *words]
    failed, output = _done(command, cwd=folder, env=env)
    exit, *spent = [failed] if failed else json.loads(usage.read_text())
    if exit:
        raise RuntimeError(f"{' '.join(words)}: {output[-3000:]}")
    return Usage(*spent)


def _done(words: list[str], source: bytes = b"", **options: t.Any) -> tuple[int, str]:
    """The exit status of a program, and what it printed. What ends us meanwhile ends it too, with all below it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, **options) as process:
        try:
            output: bytes = process.communicate(source)[0]
        except BaseException:
            kill(process.pid)
            raise
    return process.returncode, output.decode(errors="replace")


def median(several: list[Usage]) -> Usage:
    return Usage(*(statistics.median(column) for column in zip(*several)))


def least(several: list[Usage]) -> Usage:
    return Usage(*(min(column) for column in zip(*several)))


def row(what: str, *cells: str) -> None:
    print(f"{what:<46}" + "".join(f"{cell:>13}" for cell in cells), flush=True)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def seconds(*values: float) -> list[str]:
    return [f"{value:.2f} s" for value in values]
