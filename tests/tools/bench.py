# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmark with all that it compares with: `make bench`."""

from __future__ import annotations

import os
import sys

import azurite
import gotools
import peers
from places import ROOT, live
from venvs import Failed, with_core


def bench() -> None:
    """Becomes the benchmark: a signal to this process reaches it."""
    bin_folder = with_core("bench", "requirements.txt", "requirements-azure.txt", "requirements-bench.txt")
    parts = os.environ.get("PARTS", "azure azure_upload").split()
    env = {
        **os.environ,
        **gotools.build(),
        **peers.community(),
        **(peers.azcollection() if "azure" in parts else {}),
        **(azurite.install() if "azure_upload" in parts else {}),
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(live()),
        "ANSIBLE_COLLECTIONS_PATH": str(live()),
    }
    os.chdir(ROOT)
    python = f"{bin_folder}/python"
    os.execve(python, [python, "tests/benchmarks/bench.py"], env)


if __name__ == "__main__":
    try:
        bench()
    except Failed as failure:
        sys.exit(str(failure))
