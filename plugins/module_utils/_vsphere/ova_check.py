# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is checked of an OVA as a whole while it passes by, and the verdict."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import pathlib
import select
import signal
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_digest import Digest
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import Detached, Source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_stream import CHUNK, translated

#: Seconds after which a child that verifies and neither takes nor answers anything is given up.
_PATIENCE = 60


class Verdict(t.NamedTuple):
    """What a whole pass has found good.

    manifest is "verified", "absent" or "ignored"; checksum is "sha512:..." when one was demanded; signature is the
    fingerprint of the key that has signed the OVA, or its checksum; bytes is the size of the OVA.
    """

    manifest: str
    checksum: str | None
    signature: str | None
    bytes: int


class Checked:
    """A stream whose every byte is checked: what is skipped is read all the same. threads are there for digests."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.threads = concurrent.futures.ThreadPoolExecutor()
        self.digest = source.checksum and Digest(source.checksum.algorithm, self.threads)
        self.stream = source.open()
        self.total = self.stream.total
        self.position = 0
        self.signer = source.signer
        self.verification = source.signature and _Verification(source.label, source.signature)

    def read(self, size: int) -> bytes:
        block = self.stream.read(size)
        self.position += len(block)
        if self.digest:
            self.digest.update(block)
        if self.verification:
            self.verification.update(block)
        return block

    def skip(self, size: int) -> None:
        while size and (block := self.read(min(size, CHUNK))):
            size -= len(block)

    def close(self) -> None:
        self.stream.close()
        self.threads.shutdown()
        if self.verification:
            self.verification.close()

    def finish(self) -> None:
        """Reads what is left, and judges the whole; VsphereError when it is not good."""
        while self.read(CHUNK):
            pass
        wanted = self.source.checksum
        if self.digest and wanted and self.digest.hexdigest() != wanted.digest:
            raise VsphereError(
                "checksum_mismatch",
                f"{self.source.label} does not have the {wanted.algorithm} digest that was demanded, but "
                f"{self.digest.hexdigest()}: it is another file, or was altered or damaged.",
            )
        if self.verification:
            self.signer = self.verification.finish()


class _Verification:
    """A detached signature over bytes that are still to come, verified by a child process.

    A child, since pysequoia reads by itself and holds Python's lock meanwhile: a thread could not feed it (measured
    with 0.1.35). The child gets the bytes at its standard input, which gpgv inherits from it.
    """

    def __init__(self, label: str, what: Detached) -> None:
        self.label = label
        data, self.feed = os.pipe()
        self.answer, reply = os.pipe()
        self.child = os.fork()
        if not self.child:
            _verify(label, what, data, reply)
        os.close(data)
        os.close(reply)
        os.set_blocking(self.feed, False)

    def update(self, block: bytes) -> None:
        rest = memoryview(block)
        # A child that has ended before says why in its answer.
        with contextlib.suppress(BrokenPipeError):
            while rest:
                self._wait(self.feed, select.POLLOUT)
                rest = rest[os.write(self.feed, rest) :]

    def finish(self) -> str:
        """The fingerprint of the key that has signed; VsphereError signature_bad."""
        self._end_of_data()
        said = b""
        while True:
            self._wait(self.answer, select.POLLIN)
            part = os.read(self.answer, CHUNK)
            if not part:
                break
            said += part
        if not said:
            raise self._silent()
        answer = json.loads(said)
        if "code" in answer:
            with translated():
                raise ReleaseError(answer["code"], answer["message"])
        return str(answer["signer"])

    def close(self) -> None:
        self._end_of_data()
        os.close(self.answer)
        os.waitpid(self.child, 0)

    def _end_of_data(self) -> None:
        if self.feed >= 0:
            os.close(self.feed)
            self.feed = -1

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(_PATIENCE * 1000):
            os.kill(self.child, signal.SIGKILL)
            raise self._silent()

    def _silent(self) -> VsphereError:
        return VsphereError("signature_bad", f"The verification of the signature of {self.label} gave no answer.")


def _verify(label: str, what: Detached, data: int, reply: int) -> t.NoReturn:
    """What the child does: it answers in JSON, and ends."""
    try:
        os.dup2(data, 0)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for name in os.listdir("/dev/fd"):
            # What it has inherited besides would keep connections open, and the pipes of other children.
            if int(name) > 2 and int(name) != reply:
                with contextlib.suppress(OSError):
                    os.close(int(name))
        try:
            answer = {"signer": what.verifier.detached(label, pathlib.Path("/dev/stdin"), what.signature).signer}
        except ReleaseError as error:
            answer = {"code": error.code, "message": str(error)}
        os.write(reply, json.dumps(answer).encode())
    finally:
        os._exit(0)
