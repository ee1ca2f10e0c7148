# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module costs before it does anything: it is imported as Ansible does it, in a process of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from ansible_collections.flatops.flatcar.tests import options
from ansible_collections.flatops.flatcar.tests.benchmarks.budgets import Results
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import median, row, seconds, used

ROUNDS = 3
_MODULES = "ansible_collections.flatops.flatcar.plugins.modules"


def measure() -> Results:
    row(f"import of a module, medians of {ROUNDS}", "CPU", "wall", "memory")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in options.modules():
            command = [sys.executable, "-c", f"import {_MODULES}.{name}"]
            start = median([used(command, Path(folder), os.environ) for dummy in range(ROUNDS)])
            row(name, *seconds(start.cpu, start.wall), f"{start.memory:.0f} MiB")
    print()
    return {}
