# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One document through the engine in a process of its own, which tells what it cost. The process is this file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile

#: Seconds after which a child is ended that waits instead of working.
PATIENCE = 120


class Outcome(t.NamedTuple):
    """What became of a document: whether it failed, whether there is a text, the ends of the report, and the cost.

    memory is how far the process grew, in bytes; seconds are of CPU.
    """

    failed: bool
    text: bool
    first: str
    last: str
    memory: int
    seconds: float


def outcome(source: bytes, files_dir: Path | None = None) -> Outcome:
    """Transpile in a child. RuntimeError with what it printed where it ends by an exception."""
    command = [sys.executable, __file__, *([str(files_dir)] if files_dir else [])]
    child = subprocess.run(command, input=source, capture_output=True, timeout=PATIENCE, check=False)
    if child.returncode or child.stderr:
        raise RuntimeError(f"exit status {child.returncode}: {child.stderr.decode()[-2000:]}")
    return Outcome(**json.loads(child.stdout))


def _answer(source: bytes, files_dir: str | None) -> Outcome:
    # What is imported or compiled with the first document counts for none.
    transpile("variant: flatcar\nversion: 1.1.0\nstorage: {}\n")
    before = _memory("VmRSS")
    start = time.process_time()
    done = transpile(source, files_dir=files_dir)
    seconds = time.process_time() - start
    first, last = (done.report[index][:500] if done.report else "" for index in (0, -1))
    return Outcome(done.failed, done.text is not None, first, last, _memory("VmHWM") - before, seconds)


def _memory(field: str) -> int:
    """VmRSS (now) or VmHWM (the most so far) of this process in bytes.

    getrusage is of no use here: its maximum survives exec, so a child would begin with what its parent has.
    """
    found = re.search(rf"{field}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    if not found:
        raise RuntimeError(f"/proc/self/status has no {field}")
    return int(found[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(_answer(sys.stdin.buffer.read(), sys.argv[1] if len(sys.argv) > 1 else None)._asdict()))
