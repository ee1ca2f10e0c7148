# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files on the controller that are whole or not there."""

from __future__ import annotations

import glob
import os
import tempfile


def is_written(path: str, data: bytes, mode: int) -> bool:
    """Whether a file is there with these bytes and this mode. Raises OSError."""
    try:
        with open(path, "rb") as file:
            return os.fstat(file.fileno()).st_mode & 0o7777 == mode and file.read() == data
    except FileNotFoundError:
        return False


def write(path: str, data: bytes, mode: int) -> None:
    """Put a file into its place at once, with this mode from its first byte on. Raises OSError.

    A missing folder is made, for its owner alone. What a killed run has left beside the file is removed.
    """
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    prefix = f".{name}.flatops-"
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for left in glob.glob(os.path.join(glob.escape(folder), glob.escape(prefix) + "*")):
        os.unlink(left)
    handle, temporary = tempfile.mkstemp(prefix=prefix, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(data)
            file.flush()
            os.fsync(handle)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
