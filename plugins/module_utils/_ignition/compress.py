# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Contents compressed as Ignition takes them."""

from __future__ import annotations

import zlib

#: No time and no name, best compression, unknown operating system: what Go's gzip writer puts first.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def gzip_member(body: bytes) -> bytes:
    """A gzip member of body, the same for the same body."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = compressor.compress(body) + compressor.flush()
    return (
        _GZIP_HEADER
        + deflated
        + zlib.crc32(body).to_bytes(4, "little")
        + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    )
