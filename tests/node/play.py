# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks on the nodes by ansible-playbook, and get their results."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t

from ansible_collections.flatops.flatcar.tests.processes import kill, processes
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

#: Seconds after which a run of ansible-playbook hangs.
LONGEST = 600
HERE = pathlib.Path(__file__).resolve().parent
Tasks = collections.abc.Sequence[dict[str, t.Any]]
Mapping = collections.abc.Mapping[str, t.Any]


class Result(t.NamedTuple):
    """What a task gave for a host. result is all that the module returned."""

    host: str
    task: str
    changed: bool
    failed: bool
    result: dict[str, t.Any]


class Played(t.NamedTuple):
    """A run of ansible-playbook: its exit status, the results in their order, and what it printed."""

    rc: int
    results: list[Result]
    output: str

    def of(self, host: str) -> list[Result]:
        return [result for result in self.results if result.host == host]


def _result(written: str) -> Result:
    """Without the empty line that ansible.builtin.raw gives as root now and then.

    By one line of output it knows that sudo succeeded. Where "\\r" is the last of it that has come, _examine_output in
    ansible-core's ssh plugin takes that for the end of this line, and the "\\n" for a line of the command.
    """
    read = Result(**json.loads(written))
    if str(read.result.get("stdout", "")).startswith("\n"):
        read.result["stdout"] = read.result["stdout"][1:]
        read.result["stdout_lines"] = read.result["stdout_lines"][1:]
    return read


def _finished(process: subprocess.Popen[str]) -> str:
    """The output of a run; one that takes longer than LONGEST is ended, and an error that says which programs ran."""
    try:
        return process.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        running = sorted(processes(process.pid).values())
        kill(process.pid)
        output = process.communicate()[0]
        raise AssertionError(f"{LONGEST} s, and {running} still ran:\n{output}") from None


class Player:
    """Runs playbooks with an inventory, with files in a folder of its own."""

    def __init__(self, inventory: pathlib.Path, folder: pathlib.Path) -> None:
        self.inventory = inventory
        self.folder = folder

    def __call__(
        self,
        tasks: Tasks,
        *,
        hosts: str = "nodes",
        variables: Mapping | None = None,
        arguments: collections.abc.Sequence[str] = (),
        prefix: collections.abc.Sequence[str] = (),
        env: Mapping | None = None,
        check: bool = False,
        diff: bool = False,
    ) -> Played:
        """variables go above those of the inventory; arguments and env to ansible-playbook, which prefix runs."""
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps([{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}]))
        options = [*(["--check"] if check else []), *(["--diff"] if diff else []), *arguments]
        return self.run(str(playbook), variables=variables, arguments=options, prefix=prefix, env=env)

    def run(
        self,
        playbook: str,
        *,
        variables: Mapping | None = None,
        arguments: collections.abc.Sequence[str] = (),
        prefix: collections.abc.Sequence[str] = (),
        env: Mapping | None = None,
    ) -> Played:
        """Run a playbook that is there, by its path or name."""
        written = self.folder / "results"
        written.write_text("")
        process = subprocess.Popen(
            [*prefix, *self.command(playbook, variables), *arguments],
            env={**os.environ, **self.settings(written), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = _finished(process)
        results = [_result(line) for line in written.read_text().splitlines()]
        return Played(process.returncode, results, output)

    def killed_when(
        self,
        condition: collections.abc.Callable[[], bool],
        playbook: str,
        *,
        variables: Mapping | None = None,
        arguments: collections.abc.Sequence[str] = (),
    ) -> None:
        """Run a playbook, and kill it with all its processes once the condition holds."""
        with (
            (self.folder / "log").open("wb") as log,
            subprocess.Popen(
                [*self.command(playbook, variables), *arguments],
                env={**os.environ, **self.settings(self.folder / "killed")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            ) as process,
        ):
            deadline = time.monotonic() + LONGEST
            while not condition():
                assert process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.02)
            kill(process.pid)

    def command(self, playbook: str, variables: Mapping | None = None) -> list[str]:
        given = self.folder / "variables.json"
        given.write_text(json.dumps(dict(variables or {})))
        program = pathlib.Path(sys.executable).with_name("ansible-playbook")
        return [str(program), "-i", str(self.inventory), "-e", f"@{given}", playbook]

    def settings(self, written: pathlib.Path) -> dict[str, str]:
        settings = self.folder / "ansible.cfg"
        settings.touch()
        return {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_COLLECTIONS_PATH": str(standin.COLLECTIONS),
            "ANSIBLE_CONFIG": str(settings),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            # A socket's path is short: the folder of the nodes, not the test's.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.inventory.parent / "ssh"),
            "RESULTS_FILE": str(written),
        }
