# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The tar archive that an OVA is: read forwards, header by header, and never unpacked.

Formats: ustar, GNU (long names, sizes in base 256) and pax (POSIX.1-2017, pax, "ustar Interchange Format"). An OVA
holds plain files only (DSP0243, 5.3), so everything else in it is refused, directories apart.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import Source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_stream import CHUNK, Stream

#: More headers than any OVA needs, and longer ones.
_MOST_HEADERS = 4096
_LONGEST_HEADER = 1 << 16

_BLOCK = 512
_REGULAR = (b"0", b"\0", b"7")
_DIRECTORY = b"5"
_PAX, _PAX_GLOBAL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_KINDS = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a FIFO"}
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ([^=\n]+)=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")


class Entry(t.NamedTuple):
    """A file in the archive: its name without folders, its size in bytes."""

    name: str
    size: int


class _Header(t.NamedTuple):
    name: bytes
    size: int
    kind: bytes


class Tar:
    """The files of an archive, in the order in which they stand.

    Errors are VsphereError: ovf_invalid for what no OVA holds, source_unreadable for an archive that ends too early.
    """

    def __init__(self, stream: Stream, source: Source) -> None:
        self.stream = stream
        self.source = source
        self.entry: Entry | None = None
        self.headers = 0
        self.left = self.padding = 0
        self.names: set[str] = set()

    def advance(self) -> Entry | None:
        """The next file, None after the last one. What was not read of the one before is skipped."""
        while True:
            self._skip(self.left + self.padding)
            self.left = self.padding = 0
            header = self._effective()
            if header is None:
                self.entry = None
                return None
            self.left, self.padding = header.size, -header.size % _BLOCK
            if header.kind != _DIRECTORY:
                self.entry = self._entry(header)
                return self.entry

    def chunks(self) -> t.Iterator[bytes]:
        """What is left of the file, in pieces of at most CHUNK bytes."""
        while self.left:
            part = self._some(self.left)
            self.left -= len(part)
            yield part

    def _entry(self, header: _Header) -> Entry:
        name = header.name.decode("utf-8", "backslashreplace")
        if header.kind not in _REGULAR:
            what = "a sparse file" if header.kind == b"S" else _KINDS.get(header.kind, "no plain file")
            raise self.source.invalid(f"{name!r} in it is {what}, and only plain files are taken")
        *folders, base = name.split("/")
        if not base or name.startswith("/") or ".." in name.split("/") or _CONTROL.search(name):
            raise self.source.invalid(f"{name!r} in it is no name of a file")
        if any(folder != "." for folder in folders):
            raise self.source.invalid(f"{name!r} in it lies in a folder, and an OVA has none")
        if base in self.names:
            raise self.source.invalid(f"it holds {base} twice")
        self.names.add(base)
        return Entry(base, header.size)

    def _effective(self) -> _Header | None:
        """The next header, with what the extended headers before it say."""
        name: bytes | None = None
        size: int | None = None
        while True:
            header = self._header()
            if header is None:
                return None
            if header.kind in (_PAX, _PAX_GLOBAL):
                records = self._records(self._extended(header))
                if any(key.startswith(b"GNU.sparse.") for key in records):
                    raise self.source.invalid("it holds a sparse file, and only plain files are taken")
                if header.kind == _PAX:
                    name = records.get(b"path", name)
                    size = self._pax_size(records[b"size"]) if b"size" in records else size
                elif b"path" in records or b"size" in records:
                    raise self.source.invalid("a global header in it sets the name or the size of every file")
            elif header.kind == _GNU_NAME:
                name = self._extended(header).split(b"\0", 1)[0]
            elif header.kind == _GNU_LINK:
                self._extended(header)
            else:
                return _Header(
                    header.name if name is None else name, header.size if size is None else size, header.kind
                )

    def _header(self) -> _Header | None:
        start = self.stream.position
        block = self._exactly(_BLOCK)
        if not block.strip(b"\0"):
            return None
        self.headers += 1
        if self.headers > _MOST_HEADERS:
            raise self.source.invalid(f"it has more than {_MOST_HEADERS} headers")
        stated = _octal(block[148:156])
        counted = sum(block[:148]) + 8 * 32 + sum(block[156:])
        size = _number(block[124:136])
        if stated != counted or size is None:
            what = "it is no OVA: no tar archive" if not start else f"the tar archive is damaged at byte {start}"
            raise self.source.invalid(what)
        name = block[:100].split(b"\0", 1)[0]
        if block[257:263] == b"ustar\0":
            prefix = block[345:500].split(b"\0", 1)[0]
            name = prefix + b"/" + name if prefix else name
        return _Header(name, size, block[156:157])

    def _extended(self, header: _Header) -> bytes:
        if header.size > _LONGEST_HEADER:
            raise self.source.invalid(f"it has a header of {header.size} bytes")
        content = self._exactly(header.size)
        self._skip(-header.size % _BLOCK)
        return content

    def _records(self, content: bytes) -> dict[bytes, bytes]:
        records, at = {}, 0
        while at < len(content):
            match = _RECORD.match(content, at)
            end = at + int(match[1]) if match else 0
            if not match or end <= match.end() or content[end - 1 : end] != b"\n":
                raise self.source.invalid("a header in it is damaged")
            records[match[2]] = content[match.end() : end - 1]
            at = end
        return records

    def _pax_size(self, value: bytes) -> int:
        if not re.fullmatch(rb"[0-9]{1,19}", value):
            raise self.source.invalid("a header in it has a size that is none")
        return int(value)

    def _exactly(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            parts.append(self._some(size))
            size -= len(parts[-1])
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        part = self.stream.read(min(size, CHUNK))
        if not part:
            raise self._truncated()
        return part

    def _skip(self, size: int) -> None:
        if self.stream.total is not None and self.stream.position + size > self.stream.total:
            raise self._truncated()
        if size:
            self.stream.skip(size)

    def _truncated(self) -> VsphereError:
        where = f"in {self.entry.name} or behind it" if self.entry else "before its first file"
        size = self.stream.position if self.stream.total is None else self.stream.total
        return VsphereError(
            "source_unreadable", f"{self.source.label} ends after {size} bytes, {where}: it is not whole. Get it again."
        )


def _octal(field: bytes) -> int | None:
    match = _OCTAL.fullmatch(field)
    return int(match[1] or b"0", 8) if match else None


def _number(field: bytes) -> int | None:
    """A size: octal, or in base 256 where the first bit is set (GNU); None when it is neither or negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)
