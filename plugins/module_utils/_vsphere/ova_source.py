# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where an OVA comes from, and what is demanded of it."""

from __future__ import annotations

import os
import stat
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Bytes that are read at once.
CHUNK = 1 << 20
#: What is made of the manifest: verified where there is one, demanded, or not looked at.
POLICIES = ("verify", "require", "ignore")


class Stream(t.Protocol):
    """Bytes in one direction. total is how many there are, None where that is not known."""

    position: int
    total: int | None

    def read(self, size: int) -> bytes:
        """As many bytes as are there, up to size; none at the end."""

    def skip(self, size: int) -> None:
        """Goes on by size bytes; only reading tells whether they were there."""

    def close(self) -> None: ...


class Source(t.NamedTuple):
    """An OVA that can be read from its beginning any number of times.

    label is what messages and results call it, without user, password and query. seekable says that its headers can be
    walked for next to nothing. manifest is one of POLICIES.
    """

    label: str
    open: t.Callable[[], Stream]
    seekable: bool
    manifest: str = "verify"

    def invalid(self, what: str) -> VsphereError:
        return VsphereError("ovf_invalid", f"{self.label} cannot be used: {what}.")


def source(*, path: str, manifest: str = "verify") -> Source:
    place = os.path.abspath(os.path.expanduser(path))
    return Source(place, lambda: Local(place), True, manifest)


class Local:
    """A file on this machine, as a Stream."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.position = 0
        try:
            self.stream = open(path, "rb", buffering=0)  # noqa: SIM115
            found = os.fstat(self.stream.fileno())
        except OSError as error:
            raise self._unreadable(error) from error
        if not stat.S_ISREG(found.st_mode):
            self.stream.close()
            raise VsphereError("source_unreadable", f"{path} is no regular file.")
        self.total: int | None = found.st_size

    def read(self, size: int) -> bytes:
        try:
            block = self.stream.read(size) or b""
        except OSError as error:
            raise self._unreadable(error) from error
        self.position += len(block)
        return block

    def skip(self, size: int) -> None:
        self.position = self.stream.seek(self.position + size)

    def close(self) -> None:
        self.stream.close()

    def _unreadable(self, error: OSError) -> VsphereError:
        return VsphereError("source_unreadable", f"{self.path} cannot be read: {error.strerror or error}.")
