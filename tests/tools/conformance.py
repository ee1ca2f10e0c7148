# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare with the real programs at length: `make conformance`, with DOCUMENTS documents for each fuzzer."""

from __future__ import annotations

import os
import sys
from functools import partial

import check
import suite
from places import ROOT, live
from steps import Run, guarded


def conformance(run: Run) -> None:
    bin_folder = check.tools()
    goldens = [f"{bin_folder}/python", "-m", "pytest", "-q", "tests/conformance"]
    run.step("goldens", goldens, ROOT, {"PYTHONPATH": str(live())}, tests=True)
    suite.against_the_programs(run, bin_folder, os.environ.get("DOCUMENTS", "20000"))


if __name__ == "__main__":
    whole = Run()
    guarded(whole, "preparation", partial(conformance, whole))()
    sys.exit(whole.summary())
