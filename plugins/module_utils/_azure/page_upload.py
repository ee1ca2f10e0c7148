# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A file becomes a page blob: its data alone, several pieces at a time, each as one request that is done or not.

What has arrived is asked of the service, so that an upload that was ended, on this machine or on another one, is taken
up where it was. In the end the blob is read back.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import threading
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blobs, patience, sdk, sparse
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.sparse import Piece, Plan, Range
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, terminable
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress

#: The metadata of a blob that say what it is to hold; names are those of C# identifiers.
DIGEST = "flatcar_ansible_digest"


class Sent(t.NamedTuple):
    """What an upload took: bytes in so many requests, those that an earlier one had sent, and those read back."""

    bytes: int
    requests: int
    resumed: int
    read_back: int
    seconds: float


class Uploader(t.NamedTuple):
    """Where a file goes. timeout is in seconds, for one piece with all its retries; threads is how many go at once."""

    blob: sdk.Sdk
    path: str
    threads: int
    timeout: float
    report: progress.Report = progress.silent

    @property
    def what(self) -> str:
        return f"Uploading {os.path.basename(self.path)}"


def upload(to: Uploader, plan: Plan, read_back: bool = True) -> Sent:
    """Sends what is missing. A blob of another size or digest that has this name is made anew.

    With read_back every piece is read and compared afterwards, and what an earlier run has sent badly is sent again.
    """
    start = time.monotonic()
    there = _ranges(to, plan)
    left = sparse.missing(plan.pieces, there)
    resumed = plan.bytes - sum(piece.size for piece in left)
    _send(to, plan, left, resumed)
    _compare(to, plan)
    requests, sent, checked = len(left), sum(piece.size for piece in left), 0
    if read_back:
        bad = _read_back(to, plan.pieces)
        known = set(left)
        again = [piece for piece in bad if piece not in known]
        if again:
            _send(to, plan, again, plan.bytes - sum(piece.size for piece in again))
            requests, sent = requests + len(again), sent + sum(piece.size for piece in again)
            bad = [piece for piece in bad if piece in known] + _read_back(to, again)
        if bad:
            raise AzureError(
                "upload_failed",
                f"{to.what}: {len(bad)} of {len(plan.pieces)} pieces are not in the blob as they were sent, the first "
                f"at byte {bad[0].start}. Delete the blob and run it again.",
            )
        checked = plan.bytes
    return Sent(sent, requests, resumed, checked, time.monotonic() - start)


def _ranges(to: Uploader, plan: Plan) -> list[Range]:
    """Where the blob has data; made anew when it is not there, or is another one's."""
    found = _properties(to)
    if found is not None:
        if found.size == plan.size and found.metadata.get(DIGEST) == plan.digest:
            there = _listed(to)
            if not sparse.beyond(plan.pieces, there):
                return there
        with blobs.translated(f"{to.what}: removing what has its place"), patience.lasting(to.what, to.timeout):
            to.blob.delete_blob()
    with blobs.translated(to.what), patience.lasting(to.what, to.timeout):
        to.blob.create_page_blob(plan.size, metadata={DIGEST: plan.digest})
    return []


def _properties(to: Uploader) -> sdk.Sdk:
    """None where there is no such blob."""
    missing = sdk.load("azure.core.exceptions").ResourceNotFoundError
    with blobs.translated(to.what), patience.lasting(to.what, to.timeout):
        try:
            return to.blob.get_blob_properties()
        except missing:
            return None


def _listed(to: Uploader) -> list[Range]:
    with blobs.translated(to.what), patience.lasting(to.what, to.timeout):
        # The service gives the last byte of a range.
        found = [Range(each.start, each.end + 1) for each in to.blob.list_page_ranges() if not each.cleared]
    return sorted(found)


def _send(to: Uploader, plan: Plan, pieces: t.Sequence[Piece], done: int) -> None:
    def send(file: t.BinaryIO, piece: Piece) -> bool:
        data = os.pread(file.fileno(), piece.size, piece.start)
        if hashlib.sha256(data).digest() != piece.sha256:
            raise AzureError("source_unreadable", f"{to.path} has changed while it was uploaded. Run it again.")
        # The service compares the MD5 that goes along with what has arrived.
        to.blob.upload_page(data, piece.start, piece.size, validate_content=True)
        return True

    _each(to, "upload", pieces, send, done, plan.bytes)


def _read_back(to: Uploader, pieces: t.Sequence[Piece]) -> list[Piece]:
    """The pieces that the blob holds otherwise."""

    def same(dummy_file: t.BinaryIO, piece: Piece) -> bool:
        data = to.blob.download_blob(piece.start, piece.size, max_concurrency=1).readall()
        return hashlib.sha256(data).digest() == piece.sha256

    return _each(to, "read_back", pieces, same, 0, sum(piece.size for piece in pieces))


def _compare(to: Uploader, plan: Plan) -> None:
    """The blob must have data where it was sent, and nowhere else."""
    found, there = _properties(to), _listed(to)
    missing, beyond = sparse.missing(plan.pieces, there), sparse.beyond(plan.pieces, there)
    if found is None or found.size != plan.size or missing or beyond:
        raise AzureError(
            "upload_failed",
            f"{to.what}: the blob does not hold what was sent: {len(missing)} pieces are missing, and {len(beyond)} "
            "ranges are too many. Something else writes to it; run it again when that has ended.",
        )


def _each(
    to: Uploader,
    phase: str,
    pieces: t.Sequence[Piece],
    work: t.Callable[[t.BinaryIO, Piece], bool],
    done: int,
    total: int,
) -> list[Piece]:
    """Works on each piece, several at a time; returns those for which work says no. The first error ends the others."""
    interrupt, lock = Interrupt(), threading.Lock()
    to.report(phase, done, total)

    def one(piece: Piece) -> bool:
        nonlocal done
        with blobs.translated(to.what), patience.lasting(to.what, to.timeout, interrupt):
            good = work(file, piece)
        with lock:
            done += piece.size
            to.report(phase, done, total)
        return good

    with open(to.path, "rb") as file, terminable(), concurrent.futures.ThreadPoolExecutor(to.threads) as pool:
        futures = {pool.submit(one, piece): piece for piece in pieces}
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
        except BaseException:
            interrupt.set()
            pool.shutdown(cancel_futures=True)
            raise
    return [piece for future, piece in futures.items() if not future.result()]
