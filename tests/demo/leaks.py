# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look for secrets in a text, also where they are encoded or compressed."""

from __future__ import annotations

import base64
import collections.abc
import re
import urllib.parse
import zlib

#: What may be base64 of twelve letters and more, since no secret is shorter.
ENCODED = re.compile(rb"[A-Za-z0-9+/]{16,}")


def found(text: bytes, secrets: collections.abc.Iterable[str]) -> set[str]:
    """Those of the secrets that a text has: as they are, quoted for a URL, or in base64, gzipped before or not."""
    texts = [text, *_decoded(text)]
    return {secret for secret in secrets if any(form in each for form in _forms(secret) for each in texts)}


def _forms(secret: str) -> list[bytes]:
    return [secret.encode(), urllib.parse.quote(secret, safe="").encode()]


def _decoded(text: bytes) -> collections.abc.Iterator[bytes]:
    """What base64 in a text stands for, and what that holds."""
    for match in set(ENCODED.findall(text)):
        # A piece may have begun before, so that it is read from each of its first four letters.
        for start in range(4):
            piece = match[start:]
            # One letter alone is no byte; two and three are one and two.
            piece = piece[: len(piece) - (len(piece) % 4 == 1)]
            raw = base64.b64decode(piece + b"=" * (-len(piece) % 4))
            yield raw
            if raw.startswith(b"\x1f\x8b"):
                raw = _unpacked(raw)
                yield raw
            if ENCODED.search(raw):
                yield from _decoded(raw)


def _unpacked(raw: bytes) -> bytes:
    """As much as there is; the last letters of base64 may be missing."""
    try:
        return zlib.decompressobj(wbits=31).decompress(raw)
    except zlib.error:
        return b""
