# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Bytes in one direction: those of a file on this machine, or of one that a server has."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import stat
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import partial
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client, length, shown
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: Bytes that are read at once.
CHUNK = 1 << 20

#: Codes of ReleaseError -> those of VsphereError; the others are source_unreadable.
_CODES = {
    "bad_keyring": "bad_option",
    "bad_option": "bad_option",
    "bad_signature": "signature_bad",
    "key_expired": "signature_bad",
    "no_verifier": "missing_library",
    "tls_untrusted": "tls_untrusted",
    "unknown_key": "signature_bad",
}


class Stream(t.Protocol):
    """total is how many bytes there are, None where that is not known. Errors are VsphereError."""

    position: int
    total: int | None

    def read(self, size: int) -> bytes:
        """Up to size bytes; none at the end."""

    def skip(self, size: int) -> None:
        """Goes on by size bytes; only reading tells whether they were there."""

    def close(self) -> None:
        """Lets go of what is read."""


@contextlib.contextmanager
def translated() -> t.Iterator[None]:
    """Makes a VsphereError of a ReleaseError."""
    try:
        yield
    except ReleaseError as error:
        raise VsphereError(_CODES.get(error.code, "source_unreadable"), str(error)) from error


def unreadable(path: str, error: OSError) -> VsphereError:
    return VsphereError("source_unreadable", f"{path} cannot be read: {error.strerror or error}.")


class Local:
    """A file on this machine."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.position = 0
        try:
            # A FIFO would wait for somebody who writes.
            self.stream = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as error:
            raise unreadable(path, error) from error
        found = os.fstat(self.stream.fileno())
        self.total: int | None = found.st_size
        if not stat.S_ISREG(found.st_mode):
            self.stream.close()
            raise VsphereError("source_unreadable", f"{path} is no regular file.")

    def read(self, size: int) -> bytes:
        try:
            block = self.stream.read(size)
        except OSError as error:
            raise unreadable(self.path, error) from error
        self.position += len(block)
        return block

    def skip(self, size: int) -> None:
        self.position = self.stream.seek(self.position + size)

    def close(self) -> None:
        self.stream.close()


class Remote:
    """A file that a server has. Where a connection was cut it goes on, as long as the file is the same.

    What is skipped does not come from a server that knows ranges; from another one it is thrown away.
    """

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.url = url
        self.position = 0
        self.total: int | None = None
        self.validator: str | None = None
        self.ranges = True
        self.response: t.Any = None
        self.read(0)

    def read(self, size: int) -> bytes:
        with translated():
            block = self.client.attempt(self.url, lambda: self._read(size), lambda: self.position)
        self.position += len(block)
        return block

    def skip(self, size: int) -> None:
        if self.ranges and size > CHUNK:
            self.close()
            self.position += size
            return
        while size and (block := self.read(min(size, CHUNK))):
            size -= len(block)

    def close(self) -> None:
        if self.response is not None:
            self.response.close()
            self.response = None

    def _read(self, size: int) -> bytes:
        try:
            if self.response is None:
                self._connect()
            block = bytes(self.response.read(size))
            if size and not block and self.total is not None and self.position < self.total:
                raise http.client.IncompleteRead(b"", self.total - self.position)
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return block

    def _connect(self) -> None:
        """Asks for what begins at position."""
        response = self.response = self.client.open(
            self.url, {"Range": f"bytes={self.position}-"} if self.position else {}
        )
        whole, left = length(response), self.position
        content_range = response.headers.get("Content-Range", "")
        if response.status == 206 and partial.start_of(content_range) == self.position:
            whole, left = partial.whole_of(content_range), 0
        elif self.position:
            self.ranges = False
        self._hold_against_before(partial.validator_of(response), whole)
        while left:
            block = response.read(min(left, CHUNK))
            if not block:
                raise http.client.IncompleteRead(b"", left)
            left -= len(block)

    def _hold_against_before(self, validator: str, total: int | None) -> None:
        if self.validator not in (None, validator) or (None not in (self.total, total) and self.total != total):
            raise VsphereError("source_unreadable", f"{shown(self.url)} has changed while it was read. Try again.")
        self.validator, self.total = validator, total
