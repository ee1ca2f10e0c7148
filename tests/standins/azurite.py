# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azurite, Microsoft's emulator of blob storage, on the loopback interface, and a way to it with faults on demand.

tests/tools/azurite.py installs it; AZURITE names the program, or it is found on PATH. It learns its accounts when it
starts. What it does unlike the real service, so that no test may rely on it: it wants no TLS; an account is the first
part of the path and not the name of a server; every account of ACCOUNTS is there from the beginning; nothing is
throttled; with parallel writes its page ranges are right, but it lists those that touch as separate ones.

As a program it serves for some seconds, and writes a JSON file with what a client has to know when it is ready.
"""

from __future__ import annotations

import argparse
import base64
import collections.abc
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing as t

#: The accounts that there are.
ACCOUNTS = ("flatopsimages", "flatopsother")
#: The key of all of them.
KEY = base64.b64encode(b"only for an emulator on loopback").decode()

_LISTENS = re.compile(rb"listens on (http://127\.0\.0\.1:(\d+))")


class CannotStart(Exception):
    """Azurite is not there; the message says why."""


class Server(t.NamedTuple):
    """url is the part that the addresses of all accounts have in common, without a slash at its end."""

    url: str
    port: int
    pid: int

    def account(self, name: str = ACCOUNTS[0]) -> str:
        """The address of an account."""
        return f"{self.url}/{name}/"


def program() -> str:
    found = os.environ.get("AZURITE") or shutil.which("azurite")
    if not found:
        raise CannotStart("Azurite is neither named by AZURITE nor on PATH; tests/tools/azurite.py installs it")
    return found


@contextlib.contextmanager
def azurite() -> collections.abc.Iterator[Server]:
    """An empty one for as long as the context lasts. CannotStart when it is not installed."""
    accounts = ";".join(f"{name}:{KEY}" for name in ACCOUNTS)
    with tempfile.TemporaryDirectory(prefix="azurite-") as folder:
        command = [program(), "--disableTelemetry", "--skipApiVersionCheck", "--silent", "--blobPort", "0"]
        process = subprocess.Popen(
            [*command, "--location", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "AZURITE_ACCOUNTS": accounts},
        )
        with process:
            try:
                yield _ready(process)
            finally:
                process.terminate()


def _ready(process: subprocess.Popen[bytes]) -> Server:
    assert process.stdout
    said = b""
    for line in process.stdout:
        said += line
        if found := _LISTENS.search(line):
            return Server(found[1].decode(), int(found[2]), process.pid)
    raise RuntimeError(f"Azurite does not start: {said.decode(errors='replace')}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Azurite, an emulator of blob storage.")
    parser.add_argument("--ready", type=pathlib.Path, required=True, help="the JSON file that says where it serves")
    parser.add_argument("--seconds", type=float, default=600, help="how long it serves")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with azurite() as server:
        unfinished = options.ready.with_suffix(".new")
        unfinished.write_text(json.dumps({"url": server.url, "accounts": ACCOUNTS, "key": KEY, "pid": os.getpid()}))
        unfinished.replace(options.ready)
        time.sleep(options.seconds)


if __name__ == "__main__":
    main()
