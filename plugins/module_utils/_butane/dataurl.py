# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Contents as data URLs, encoded and compressed as butane decides."""

from __future__ import annotations

import base64
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.compress import gzip_member

_SAFE = "-_.!~*'()"
_LITERAL = (_SAFE + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").encode()

#: The shortest gzip member (20 bytes) as base64, with its prefix and the four letters that "gzip" costs.
_LEAST_GZIP = len(";base64,") + 28 + len("gzip")


def escape(body: bytes) -> str:
    return "data:," + urllib.parse.quote(body, safe=_SAFE)


def _base64_length(size: int) -> int:
    return len(";base64,") + (size + 2) // 3 * 4


def encode(body: bytes, compression: str | None, compress: bool = True) -> tuple[str, str | None]:
    """The shortest data URL of body, and the compression to write beside it.

    compression is what the user set; where that is not empty, body is compressed already and None comes back. The
    size of a gzip member differs by a few bytes between zlib and Go's deflate, so near the limit the two may choose
    differently; what is decoded is the same.
    """
    escaped = 1 + len(body) + 2 * len(body.translate(None, _LITERAL))
    plain = _base64_length(len(body))
    shortest = min(escaped, plain)
    if not compression and compress and shortest > _LEAST_GZIP:
        member = gzip_member(body)
        if _base64_length(len(member)) + len("gzip") < shortest:
            return "data:;base64," + base64.b64encode(member).decode(), "gzip"
    url = "data:;base64," + base64.b64encode(body).decode() if plain < escaped else escape(body)
    return url, None if compression else ""
