# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a resource of a config carries in itself: the body of its data URL, decompressed."""

from __future__ import annotations

import hashlib
import typing as t
import zlib

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.dataurl import DataURLError, decode

#: Bytes that a compressed body may grow to; a larger one is left compressed.
BODY_MAX = 64 << 20
_GZIP = 31


class Body(t.NamedTuple):
    """The bytes of a resource; compressed: they are still gzip, because they could not be decompressed."""

    data: bytes
    compressed: bool = False


def body(resource: schema.Config) -> Body | None:
    """The body of a resource, b"" for an empty source; None when it has no source or lies elsewhere."""
    source = resource.get("source")
    if source is None:
        return None
    if not source:
        return Body(b"")
    try:
        data = decode(source)
    except DataURLError:
        return None
    if resource.get("compression") != "gzip":
        return Body(data)
    plain = decompressed(data)
    return Body(data, compressed=True) if plain is None else Body(plain)


def verified(resource: schema.Config, data: bytes) -> bool:
    """Whether bytes, decompressed, have the verification hash of a resource; they have where it has none."""
    function, dummy, digest = ((resource.get("verification") or {}).get("hash") or "").partition("-")
    return not function or hashlib.new(function, data).hexdigest() == digest.lower()


def decompressed(data: bytes) -> bytes | None:
    """All members of a gzip stream; None when it is none or too large."""
    plain = b""
    try:
        while data:
            member = zlib.decompressobj(_GZIP)
            plain += member.decompress(data, BODY_MAX + 1 - len(plain))
            if not member.eof or len(plain) > BODY_MAX:
                return None
            data = member.unused_data
    except zlib.error:
        return None
    return plain
