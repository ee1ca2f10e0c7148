# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Versions of images: numbers with dots between them, ordered as numbers."""

from __future__ import annotations

import re

LATEST = "latest"

_NUMBERS = re.compile(r"\d+(\.\d+)*")


def numbers(version: str | None) -> tuple[int, ...]:
    """What versions are ordered by; one that is no version stands below all that are."""
    if version is None or not _NUMBERS.fullmatch(version):
        return (-1,)
    return tuple(map(int, version.split(".")))
