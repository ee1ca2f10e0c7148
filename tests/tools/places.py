# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are: the repository, and the folder that git ignores and that `make clean` removes."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
TOOLS = TESTS / "tools"
CACHE = ROOT / ".cache"
#: The real programs that gotools.py builds.
BIN = CACHE / "bin"
#: A collections root whose flatops.flatcar is the working tree itself, for daily work.
LIVE = CACHE / "dev"
#: Whether the tests run for others to rely on: what could not run is then a failure.
CI = os.environ.get("CI") == "true"


def live() -> Path:
    """The collections root of the working tree, made when it is missing."""
    link = LIVE / "ansible_collections" / "flatops" / "flatcar"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(ROOT, link.parent))
    return LIVE
