# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the fuzzers run: as tests and as programs, with DOCUMENTS and SEED of the environment."""

from __future__ import annotations

import collections.abc
import os

#: Takes how many documents and the seed; gives a summary, and what was found wrong.
Fuzz = collections.abc.Callable[[int, int], tuple[str, list[str]]]


def _from_environment(fuzz: Fuzz) -> tuple[str, list[str]]:
    return fuzz(int(os.environ.get("DOCUMENTS", "1000")), int(os.environ.get("SEED", "0")))


def holds(fuzz: Fuzz) -> None:
    summary, found = _from_environment(fuzz)
    print(summary)
    assert not found, "\n".join((*found, summary))


def status(fuzz: Fuzz) -> int:
    """The exit status of a program, which prints what was found."""
    summary, found = _from_environment(fuzz)
    print("\n".join((*found, summary)))
    return 1 if found else 0
