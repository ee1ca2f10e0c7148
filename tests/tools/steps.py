# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the steps of a test run, some at a time, each with a log of its own, and sum them up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from places import CACHE, CI
from venvs import Failed, excerpt

#: pytest's closing line, in full or as -q prints it.
CLOSING = re.compile(r"^(=+ )?(\d+ \w+(, )?)+ in [\d.]+s.*$", re.MULTILINE)
#: The tests that its summary names; in CI that has all that each said besides.
NAMED = re.compile(r"^(?:FAILED|ERROR) \S+", re.MULTILINE)
#: Seconds after which a step hangs.
LONGEST = 2700
BAD = ("failed", "error", "errors")


@dataclass(frozen=True)
class Result:
    """What became of a step. passed and failed count its tests; a step that is no test run is one test."""

    name: str
    verdict: str
    seconds: float
    passed: int
    failed: int
    note: str = ""

    def line(self) -> str:
        return f"{self.verdict:<8}{self.name:<44}{self.seconds:6.1f} s  {self.note}".rstrip()


class Run:
    """A test run: jobs, which are functions that call `step` in order, and the results of the steps."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._printing = threading.Lock()

    def step(
        self,
        name: str,
        command: list[str],
        cwd: Path,
        env: dict[str, str] | None = None,
        *,
        tests: bool = False,
        proof: str = "",
    ) -> None:
        """Run one command; its output goes to .cache/log, and to the screen when it fails.

        tests: the command is pytest. proof: what the output of a command that has tested anything holds.
        """
        started = time.monotonic()
        log = CACHE / "log" / (re.sub(r"[^\w.]+", "-", name) + ".log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            ended = finished(process)
        printed = log.read_text(encoding="utf-8", errors="replace")
        passed, failed, note = counted(printed) if tests else (1, 0, "")
        if process.returncode and not failed:
            passed, failed, note = 0, 1, note or (f"exit {process.returncode}" if ended else f"ended after {LONGEST} s")
        elif proof not in printed:
            passed, failed, note = 0, 1, "nothing was tested"
        result = Result(name, "FAILED" if failed else "ok", time.monotonic() - started, passed, failed, note)
        named = NAMED.findall(printed) if tests else []
        self._add(result, "\n".join([*named[:20], excerpt(printed)]) if failed else "")

    def could_not_run(self, name: str, why: str, *, needed: bool = CI) -> None:
        """Record a step that could not run; that is a failure where it is needed."""
        verdict = "FAILED" if needed else "not run"
        self._add(Result(name, verdict, 0, 0, int(needed), why.splitlines()[0]), excerpt(why) if needed else "")

    def jobs(self, functions: list[Callable[[], None]], at_once: int) -> None:
        """Run the jobs in that order, some at a time."""
        with ThreadPoolExecutor(at_once) as pool:
            for waiting in [pool.submit(function) for function in functions]:
                waiting.result()

    def summary(self) -> int:
        """Print one line a step and the count of all tests; returns the exit status."""
        passed = sum(result.passed for result in self.results)
        failed = sum(result.failed for result in self.results)
        print("\nSummary, the logs are in .cache/log:")
        for result in sorted(self.results, key=lambda result: result.name):
            print(result.line())
        print(f"{passed} passed, {failed} failed")
        return int(failed > 0)

    def _add(self, result: Result, output: str) -> None:
        with self._printing:
            self.results.append(result)
            print(result.line(), flush=True)
            if output:
                print(output, flush=True)


def finished(process: subprocess.Popen[bytes]) -> bool:
    """Wait for a process, whether it ended by itself: after LONGEST it is asked to end, then killed."""
    for seconds, number in ((LONGEST, signal.SIGINT), (60, signal.SIGKILL)):
        try:
            process.wait(seconds)
            return number == signal.SIGINT
        except subprocess.TimeoutExpired:
            process.send_signal(number)
    process.wait()
    return False


def counted(printed: str) -> tuple[int, int, str]:
    """Passed, failed and the closing line of a pytest run; without a closing line nothing is known of its tests."""
    lines = [match.group().strip("= ") for match in CLOSING.finditer(printed)]
    if not lines:
        return 0, 0, ""
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", lines[-1].split(" in ")[0])}
    return counts.get("passed", 0), sum(counts.get(word, 0) for word in BAD), lines[-1]


def guarded(run: Run, name: str, job: Callable[[], None]) -> Callable[[], None]:
    """The job, with what failed in its preparation recorded under that name."""

    def guard() -> None:
        try:
            job()
        except Failed as failure:
            run.could_not_run(name, str(failure), needed=True)

    return guard
