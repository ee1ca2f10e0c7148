# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is sent to a node: one tar with a script and what the script needs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

RUN = "run"
END = "END"
_OURS = (RUN, END, "out")


def pack(script: str, members: Mapping[str, bytes]) -> bytes:
    """A tar of the script as `run`, the members under their names, and `END`, which shows that all of it arrived.

    A name may hold slashes. Raises ValueError for a name that leads out of the folder or is one of ours.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        _add(archive, RUN, script.encode())
        for name, data in members.items():
            parts = name.split("/")
            if parts[0] in _OURS or parts[0].startswith(".") or any(part in ("", ".", "..") for part in parts):
                raise ValueError(f"{name!r} cannot be the name of a member")
            _add(archive, name, data)
        _add(archive, END, b"")
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))
