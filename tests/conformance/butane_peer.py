# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real butane as a process that answers one document after the other."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.tests.conformance.butane_documents import Document
from ansible_collections.flatops.flatcar.tests.conformance.check_butane import Answer

#: Seconds that one document may take. Only a document that makes butane wait for ever needs them.
PATIENCE = 30.0

#: The exit status of an answer in place of which the program crashed.
CRASH = 2


class Peer:
    """A running peer program; directory is its working directory, to which files_dir is relative.

    A request and its answer are one line of JSON each, see tests/tools/go.
    """

    def __init__(self, program: str, directory: Path) -> None:
        self.command, self.directory = [program], directory
        self.start()

    def start(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, cwd=self.directory)

    def ask(self, document: Document) -> None:
        """Hand a document over; the answer is to be fetched before the next one."""
        request = {**document._asdict(), "source": base64.b64encode(document.source).decode()}
        self._pipe(self.process.stdin).write(json.dumps(request).encode() + b"\n")
        self._pipe(self.process.stdin).flush()

    def answer(self) -> Answer:
        """The answer to the last request; a process that died or hangs is replaced, and the answer is a crash."""
        watch = threading.Timer(PATIENCE, self.process.kill)
        watch.start()
        line = self._pipe(self.process.stdout).readline()
        watch.cancel()
        if not line:
            self.close()
            self.start()
            return Answer(CRASH, None, ["the program crashed or took too long"])
        answer = json.loads(line)
        text = answer["stdout"]
        return Answer(answer["exit"], text and base64.b64decode(text).decode("utf-8"), answer["report"])

    def translate(self, document: Document) -> Answer:
        self.ask(document)
        return self.answer()

    def close(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            self._pipe(pipe).close()
        self.process.wait()

    @staticmethod
    def _pipe(pipe: t.IO[bytes] | None) -> t.IO[bytes]:
        if pipe is None:
            raise RuntimeError("the peer program has no pipe")
        return pipe
