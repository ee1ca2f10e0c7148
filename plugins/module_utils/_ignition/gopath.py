# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Slash-separated paths as Go's package path sees them."""

from __future__ import annotations

import posixpath
import re

#: A component that cleaning takes out: an empty one, ".", or "..".
_UNCLEAN = re.compile(r"/\.{0,2}(?:/|\Z)")


def is_clean(path: str) -> bool:
    """Whether an absolute path is what clean() would make of it."""
    return path == "/" or (path.startswith("/") and not _UNCLEAN.search(path))


def clean(path: str) -> str:
    """The shortest path that means the same; "" is "."."""
    cleaned = posixpath.normpath(path)
    # POSIX keeps two leading slashes, Go does not.
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def join(*parts: str) -> str:
    """The parts that are not empty with slashes between them, cleaned; "" when there are none."""
    joined = "/".join(filter(None, parts))
    return clean(joined) if joined else ""


def extension(name: str) -> str:
    """From the last dot of the last component on, "" without one; a leading dot counts as well."""
    last = name.rpartition("/")[2]
    dot = last.rfind(".")
    return last[dot:] if dot >= 0 else ""
