# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A file while it comes: under a temporary name beside its place, locked, and taken up again after a cut."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import http.client
import io
import os
import re
import stat
import typing as t
import urllib.error

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client, length
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

_BLOCK = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")


class Partial:
    """The temporary file of target. resumable says whether it is left behind for the next run when this one fails.

    furthest is the greatest size (bytes) that it ever had, sha512 the digest of what it holds.
    """

    def __init__(self, target: str, path: str, stream: io.FileIO) -> None:
        self.target = target
        self.path = path
        self.stream = stream
        self.resumable = True
        self.size = self.furthest = 0
        self.digest = hashlib.sha512()

    @property
    def sha512(self) -> str:
        return self.digest.hexdigest()

    def take_up(self, report: progress.Report) -> int:
        """Reads what an earlier run has left, and returns its size."""
        self.size = self.furthest = hash_whole(self.stream, self.digest, report)
        return self.size

    def restart(self) -> None:
        self.stream.seek(0)
        self.stream.truncate()
        self.size = 0
        self.digest = hashlib.sha512()

    def append(self, block: bytes) -> None:
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[self.stream.write(rest) :]
        except OSError as error:
            self.resumable = False
            raise _unwritable(self.path, error) from error
        self.digest.update(block)
        self.size += len(block)
        self.furthest = max(self.furthest, self.size)

    def install(self) -> None:
        """Gives the file its name, with the mode of the file that it replaces."""
        os.fsync(self.stream.fileno())
        os.fchmod(self.stream.fileno(), _mode(self.target))
        os.replace(self.path, self.target)
        folder = os.open(os.path.dirname(self.target), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def claim(target: str, sha512: str, report: progress.Report) -> t.Iterator[Partial | None]:
    """The temporary file for target, for this run alone; None when another run has just finished with the same file.

    The digest that the file shall have is part of its name, so that what is left of another file is never taken up;
    such leftovers are removed.
    """
    folder, name = os.path.split(target)
    path = os.path.join(folder, f".flatops-{name}-{sha512[:16]}.part")
    try:
        for other in glob.glob(os.path.join(glob.escape(folder), f".flatops-{glob.escape(name)}-*.part")):
            if other != path:
                _sweep(other)
        with io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as stream:
            _lock(stream, report)
            if not _is_still(path, stream):
                yield None
                return
            mine = Partial(target, path, stream)
            try:
                yield mine
            finally:
                if _is_still(path, stream) and not (mine.resumable and mine.size):
                    os.unlink(path)
    except OSError as error:
        raise _unwritable(target, error) from error


def _lock(stream: io.FileIO, report: progress.Report) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        report("wait", 0, None)
        fcntl.flock(stream, fcntl.LOCK_EX)


def _sweep(path: str) -> None:
    """Removes what a run for another file has left, unless that run is still at work."""
    with open(path, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if _is_still(path, stream):
            os.unlink(path)


def _is_still(path: str, stream: t.BinaryIO | io.FileIO) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _unwritable(path: str, error: OSError) -> ReleaseError:
    return ReleaseError(
        "write_failed",
        f"{path} could not be written: {error.strerror or error}. Check its folder, its owner and the free space.",
    )


def hash_whole(stream: t.BinaryIO | io.FileIO, digest: t.Any, report: progress.Report) -> int:
    """Puts all of a file into digest, and returns its size."""
    done, total = 0, os.fstat(stream.fileno()).st_size
    while block := stream.read(_BLOCK):
        digest.update(block)
        done += len(block)
        report("check", done, total)
    return done


def transfer(client: Client, url: str, mine: Partial, report: progress.Report) -> int:
    """Fills the file from url, and returns how many bytes came for it. Goes on where a cut connection left off."""
    received = 0
    validator = ""

    def once() -> None:
        nonlocal received, validator
        headers = {"Range": f"bytes={mine.size}-"} if mine.size else {}
        if mine.size and validator:
            headers["If-Range"] = validator
        try:
            response = client.open(url, headers)
        except urllib.error.HTTPError as error:
            if error.code != 416:
                raise
            error.close()
            if whole_of(error.headers.get("Content-Range", "")) == mine.size:
                return
            mine.restart()
            raise ConnectionResetError("another file stands there now") from error
        with response:
            if response.status != 206 or start_of(response.headers.get("Content-Range", "")) != mine.size:
                # The whole file: the server knows no ranges, or the file has changed (If-Range).
                mine.restart()
            validator = validator_of(response)
            expected = length(response)
            total = None if expected is None else mine.size + expected
            report("download", mine.size, total)
            while block := response.read1(_BLOCK):
                mine.append(block)
                received += len(block)
                report("download", mine.size, total)
        if total is not None and mine.size < total:
            raise http.client.IncompleteRead(b"", total - mine.size)

    client.attempt(url, once, lambda: mine.furthest)
    return received


def validator_of(response: t.Any) -> str:
    """What If-Range may hold (RFC 9110, 13.1.5): a strong entity tag, or a date."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def start_of(content_range: str) -> int | None:
    """The first byte that a Content-Range names."""
    match = _CONTENT_RANGE.fullmatch(content_range)
    return int(match[1]) if match and match[1] else None


def whole_of(content_range: str) -> int | None:
    """The size of the whole file in a Content-Range, in bytes."""
    match = _CONTENT_RANGE.fullmatch(content_range)
    return int(match[2]) if match else None
