# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ansible-playbook, each with a line on the screen and a log in a file."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=\d+ +failed=\d+", re.MULTILINE)
TASK = re.compile(r"^(?:PLAY|TASK) \[(.*)\]")


class Failed(Exception):
    """A run did not end well, or changed what it may not change; the message is for the user."""


class Runs:
    """Runs playbooks with the same inventories and environment, in a folder. log there has what they print."""

    def __init__(
        self,
        inventories: collections.abc.Sequence[pathlib.Path],
        env: collections.abc.Mapping[str, str],
        folder: pathlib.Path,
    ) -> None:
        self.options = [word for inventory in inventories for word in ("-i", str(inventory))]
        # Those of the stand-ins are not for Ansible, which has the collection from elsewhere.
        self.env = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **env}
        self.folder = folder
        self.logs = folder / "log"
        self.logs.mkdir()
        self.number = 0

    def __call__(self, playbook: str, about: str, *arguments: str) -> int:
        """Run one, and say so; how many tasks have changed something. Raises Failed."""
        self.number += 1
        name = re.sub(r"^flatops\.flatcar\.", "", pathlib.Path(playbook).name).removesuffix(".yml")
        log = self.logs / f"{self.number:02}-{name}.log"
        began = time.monotonic()
        line = f"  {name:18}{about:42}"
        status = self._run([playbook, *self.options, *arguments], log, line)
        printed = log.read_text(encoding="utf-8", errors="replace")
        recap = RECAP.findall(printed)
        changed = sum(map(int, recap))
        print(f"{line}changed={changed:<4}{time.monotonic() - began:4.0f} s", flush=True)
        if status:
            raise Failed(f"{name} has failed, and {log} says why:\n{excerpt(printed)}")
        if not recap:
            raise Failed(f"{name} has ended without a recap, so that nobody knows what it has changed: see {log}")
        return changed

    def _run(self, arguments: list[str], log: pathlib.Path, line: str) -> int:
        """The exit status. On a terminal the line ends with the task that runs."""
        program = pathlib.Path(sys.executable).with_name("ansible-playbook")
        shown = sys.stdout.isatty()
        # One that is longer would go on in the next line, and stay.
        width = shutil.get_terminal_size().columns - 1
        with (
            log.open("w", encoding="utf-8", buffering=1) as file,
            subprocess.Popen(
                [str(program), *arguments],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            assert process.stdout
            try:
                for text in process.stdout:
                    file.write(text)
                    if shown and (task := TASK.match(text)):
                        print(f"\r{(line + task[1])[:width]:{width}}", end="", flush=True)
            except BaseException:
                # Ansible takes its temporary files away, as on Ctrl-C.
                process.send_signal(signal.SIGINT)
                raise
        if shown:
            print(f"\r{'':{width}}\r", end="")
        return process.returncode


def excerpt(printed: str) -> str:
    """What an output says of failures, or else its last lines."""
    lines = printed.rstrip().splitlines()
    said = [line[:1000] for line in lines if line.startswith(("fatal:", "failed:", "[ERROR]", "ERROR!"))]
    return "\n".join(said[-10:] or lines[-20:])
