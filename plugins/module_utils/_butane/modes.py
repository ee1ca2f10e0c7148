# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Modes that look like an octal number with its leading zero forgotten. Source: butane 0.29.0, base/util/file.go."""

from __future__ import annotations


def looks_decimal(mode: int, directory: bool) -> bool:
    """Whether mode is odd, and would be ordinary were its decimal digits octal ones."""
    if not 0 <= mode <= 7777 or not set(str(mode)) <= set("01234567"):
        return False
    return not _typical(mode, directory) and _typical(int(str(mode), 8), directory)


def _typical(mode: int, directory: bool) -> bool:
    """Whether a mode surprises nobody. What is valid only in rare cases is not typical."""
    if mode == 0:
        return True
    wider = 0
    for permissions in (mode & 7, mode >> 3 & 7, mode >> 6 & 7):
        # Each class may do at least what the less specific one may.
        if wider & ~permissions:
            return False
        # Neither execution that only the more specific class has where both can read, nor writing or executing alone.
        if permissions & 1 and wider & 4 and not wider & 1:
            return False
        if permissions & 3 and not permissions & 4:
            return False
        wider |= permissions
    if not wider & 4:
        return False
    if directory:
        return bool(wider & 1) and not mode & 0o4000 and not (mode & 0o3000 and not wider & 2)
    if mode & 0o6000 and (not wider & 1 or mode & 2):
        return False
    return not mode & 0o1000
