# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What of a disk image has to be sent: where it holds data, in pieces of one request, and the digest of all of it."""

from __future__ import annotations

import errno
import hashlib
import os
import typing as t

#: At most so many bytes are written to a page blob by one request ("Put Page").
LONGEST = 4 << 20
#: Zeros are looked for in cells of so many bytes.
CELL = 64 << 10
#: Zeros between data that are sent along: a page blob takes 500 requests or 60 MB a second ("Scalability and
#: performance targets for Blob storage"), so that one more request costs as much as 120 KB.
BRIDGE = 2 * CELL

_ZEROS = bytes(LONGEST)


class Range(t.NamedTuple):
    """Bytes of a disk from start up to end, without it."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class Piece(t.NamedTuple):
    """What one request carries; sha256 is the digest of its bytes."""

    start: int
    end: int
    sha256: bytes

    @property
    def size(self) -> int:
        return self.end - self.start


class Plan(t.NamedTuple):
    """All that is to be sent of an image of size bytes; everything else is zero.

    digest stands for the contents of the image, whichever way it is stored: it is the SHA-256 of its size and of the
    places and the SHA-256 digests of its pieces.
    """

    size: int
    pieces: tuple[Piece, ...]
    digest: str

    @property
    def bytes(self) -> int:
        return sum(piece.size for piece in self.pieces)


def plan(stream: t.BinaryIO, progress: t.Callable[[int], None] = lambda done: None) -> Plan:
    """Reads where a file has data; progress is told how far it is. OSError."""
    size = os.fstat(stream.fileno()).st_size
    pieces: list[Piece] = []
    for start in _blocks(stream, size):
        stream.seek(start)
        block = stream.read(min(LONGEST, size - start))
        pieces += [
            Piece(start + part.start, start + part.end, hashlib.sha256(block[part.start : part.end]).digest())
            for part in filled(block)
        ]
        progress(start + len(block))
    return Plan(size, tuple(pieces), _digest(size, pieces))


def _digest(size: int, pieces: t.Iterable[Piece]) -> str:
    digest = hashlib.sha256(f"{size}\n".encode())
    for piece in pieces:
        digest.update(f"{piece.start} {piece.size} {piece.sha256.hex()}\n".encode())
    return digest.hexdigest()


def _blocks(stream: t.BinaryIO, size: int) -> t.Iterator[int]:
    """The starts of the blocks of LONGEST bytes, on their own multiples, that are not a hole of the file."""
    done = 0
    for extent in extents(stream, size):
        for start in range(max(extent.start // LONGEST * LONGEST, done), extent.end, LONGEST):
            yield start
            done = start + LONGEST


def extents(stream: t.BinaryIO, size: int) -> t.Iterator[Range]:
    """Where the file system keeps data of a file; all of it where it knows no holes."""
    handle, end = stream.fileno(), 0
    while end < size:
        try:
            start = os.lseek(handle, end, os.SEEK_DATA)
            end = os.lseek(handle, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
            start, end = end, size
        yield Range(start, end)


def filled(block: bytes) -> list[Range]:
    """Where in a block is more than zeros, in whole cells; what is closer together than BRIDGE is one."""
    found: list[Range] = []
    if is_zero(block):
        return found
    for start in range(0, len(block), CELL):
        end = min(start + CELL, len(block))
        if is_zero(block[start:end]):
            continue
        if found and start - found[-1].end <= BRIDGE:
            found[-1] = Range(found[-1].start, end)
        else:
            found.append(Range(start, end))
    return found


def is_zero(block: bytes) -> bool:
    """Of at most LONGEST bytes."""
    return block == _ZEROS if len(block) == LONGEST else _ZEROS.startswith(block)


def missing(pieces: t.Iterable[Piece], there: t.Iterable[Range]) -> list[Piece]:
    """The pieces that are not whole in there, which is in order. Each was written by one request, or not at all."""
    known = merged(there)
    left = []
    at = 0
    for piece in pieces:
        while at < len(known) and known[at].end < piece.end:
            at += 1
        if at == len(known) or known[at].start > piece.start:
            left.append(piece)
    return left


def merged(ranges: t.Iterable[Range]) -> list[Range]:
    """Ranges that are in order, those that touch as one."""
    joined: list[Range] = []
    for each in ranges:
        if joined and each.start <= joined[-1].end:
            joined[-1] = Range(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(Range(*each))
    return joined


def beyond(pieces: t.Iterable[Piece], there: t.Iterable[Range]) -> list[Range]:
    """What there holds outside of the pieces; both are in order."""
    wanted = merged(Range(piece.start, piece.end) for piece in pieces)
    found = []
    for each in merged(there):
        start = each.start
        for known in wanted:
            if known.end <= start or known.start >= each.end:
                continue
            if known.start > start:
                found.append(Range(start, known.start))
            start = known.end
        if start < each.end:
            found.append(Range(start, each.end))
    return found
