# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo as `make demo` runs it, and what is left of it when it has ended."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import os
import pathlib
import subprocess
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.leftovers import left
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin


class Demo(t.NamedTuple):
    """A run of the demo. folder is what it makes; temporary is the TMPDIR of all its processes, and Ansible's."""

    folder: pathlib.Path
    temporary: pathlib.Path
    output: pathlib.Path
    process: subprocess.Popen[bytes]

    @property
    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def variables(self, group: str) -> dict[str, t.Any]:
        """What the demo's own inventory says of a group."""
        return self.json(f"inventory/group_vars/{group}.json")

    def json(self, name: str) -> dict[str, t.Any]:
        """A file that it has made."""
        found: dict[str, t.Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return found

    def left(self) -> list[str]:
        """Processes, temporary files, and what its test nodes had of the machine."""
        found = [f"{process} runs" for process in self._processes()]
        found += map(str, self.temporary.iterdir())
        if key := self.variables("vsphere").get("ansible_ssh_private_key_file"):
            number = int(pathlib.Path(key).parent.name)
            lock = standin.locked(number)
            # A session that has the number by now began with nothing of this one's.
            if lock is not None:
                found += map(str, left(number))
                os.close(lock)
        return found

    def _processes(self) -> collections.abc.Iterator[str]:
        """The command lines of those that have its TMPDIR, or a folder in it."""
        mark = f"\0TMPDIR={self.temporary}".encode()
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            # It may have ended meanwhile.
            with contextlib.suppress(OSError):
                if mark in b"\0" + (process / "environ").read_bytes():
                    yield (process / "cmdline").read_text(errors="replace").replace("\0", " ")


@contextlib.contextmanager
def started(folder: pathlib.Path, *before: str, **env: str) -> collections.abc.Iterator[Demo]:
    """The demo, run by a command, with more environment variables. It is ended with the context.

    Where DEMO does not name the script the tests are skipped, which CI does not allow.
    """
    script = os.environ.get("DEMO")
    if not script:
        pytest.skip("DEMO does not name the demo: `make demo` makes .cache/demo-build/demo.sh")
    made, temporary, output = folder / "made", folder / "tmp", folder / "printed"
    temporary.mkdir()
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [*before, script, str(made)],
            env={**os.environ, **env, "TMPDIR": str(temporary), "ANSIBLE_LOCAL_TEMP": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            yield Demo(made, temporary, output, process)
        finally:
            process.terminate()
