# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A packed disk image becomes a sparse file: what is zero takes no room on the disk."""

from __future__ import annotations

import bz2
import contextlib
import fcntl
import gzip
import lzma
import os
import typing as t
import zlib

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import sparse
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress

_FORMATS: dict[bytes, t.Callable[[t.BinaryIO], t.Any]] = {
    b"BZh": bz2.open,
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_BLOCK = 1 << 20
_BROKEN = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)


def opener(path: str) -> t.Callable[[t.BinaryIO], t.Any] | None:
    """What unpacks a file, by how it begins; None when it is not packed. AzureError when it cannot be read."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise AzureError("source_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    return next((unpack for magic, unpack in _FORMATS.items() if head.startswith(magic)), None)


def unpack(path: str, target: str, report: progress.Report = progress.silent) -> None:
    """Unpacks to target, unless it is there: it comes whole or not at all. Two runs for one target take turns."""
    try:
        while not os.path.exists(target):
            _take_turn(path, target, report)
    except _BROKEN as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is None:
            # bz2's word for bytes that are none of its own.
            raise _damaged(path, error) from error
        raise AzureError(
            "source_unreadable",
            f"{path} could not be unpacked to {target}: {error.strerror}. Check the folder and its free space (option "
            "work_dir).",
        ) from error


def _take_turn(path: str, target: str, report: progress.Report) -> None:
    part = f"{target}.part"
    with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        if not os.path.exists(part) or not os.path.samestat(os.lstat(part), os.fstat(out.fileno())):
            return
        try:
            out.truncate(0)
            _pour(path, out, report)
            os.fsync(out.fileno())
            os.replace(part, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)


def _damaged(path: str, error: Exception) -> AzureError:
    return AzureError("source_unreadable", f"{path} is damaged: it cannot be unpacked ({error}).")


def _pour(path: str, out: t.BinaryIO, report: progress.Report) -> None:
    make = opener(path)
    with open(path, "rb") as stream:
        total = os.fstat(stream.fileno()).st_size
        unpacked = make(stream) if make else contextlib.nullcontext(stream)
        end = 0
        with unpacked as source:
            while block := source.read(_BLOCK):
                if not sparse.is_zero(block):
                    os.pwrite(out.fileno(), block, end)
                end += len(block)
                report("unpack", stream.tell(), total)
        out.truncate(end)
