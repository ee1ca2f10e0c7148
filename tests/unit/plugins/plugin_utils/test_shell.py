# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell of a node: by which way a script goes, and what is made of a refusal."""

from __future__ import annotations

import functools
import shutil
import subprocess
import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.flatops.flatcar.plugins.module_utils._node import bootstrap
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.plugin_utils import _shell
from ansible_collections.flatops.flatcar.plugins.plugin_utils._shell import Shell


class Become:
    def __init__(self, name: str = "sudo", prompt: bool = False) -> None:
        self.name = name
        self.expect_prompt = lambda: prompt


def connection(**changes: t.Any) -> t.Any:
    values = {"transport": "ssh", "has_pipelining": True, "become": None, "pipelining": False, **changes}
    found = types.SimpleNamespace(**values)
    found.get_option = values.__getitem__
    return found


@pytest.mark.parametrize(
    ("values", "takes"),
    [
        ({}, True),
        ({"become": Become()}, True),
        ({"become": Become(prompt=True)}, True),
        ({"become": Become("su", True)}, False),
        ({"has_pipelining": False}, False),
        ({"ssh_args": "-C -o ControlMaster=auto"}, True),
        ({"ssh_args": "-o StrictHostKeyChecking=no -i /a-t -l x-tt"}, True),
        ({"ssh_args": "-C -tt"}, False),
        ({"ssh_args": "-C -T"}, True),
        ({"ssh_common_args": "-t"}, False),
        ({"ssh_extra_args": "-o RequestTTY=no"}, True),
        ({"ssh_extra_args": "-o RequestTTY=force"}, False),
        ({"ssh_extra_args": "-o 'requesttty yes'"}, False),
        ({"transport": "local"}, True),
        ({"transport": "local", "become": Become()}, True),
        ({"transport": "local", "become": Become(prompt=True)}, False),
        ({"transport": "local", "become": Become(prompt=True), "pipelining": True}, True),
    ],
)
def test_who_takes_stdin(values: dict[str, t.Any], takes: bool) -> None:
    assert _shell._takes_stdin(connection(**values)) == takes


class Action:
    """The part of an action that runs commands, here, in a folder."""

    def __init__(self, folder: Path, **values: t.Any) -> None:
        self.folder = folder
        self.refusal: Exception | dict[str, t.Any] | None = None
        self.silence: Exception | None = None
        self.needs_tty = False
        self._connection = connection(reset=self.answer, **values)
        self._connection._shell = types.SimpleNamespace(tmpdir=None, join_path=lambda *parts: "/".join(parts))

    def answer(self) -> None:
        """By a new connection."""
        self.silence = None

    def _make_tmp_path(self) -> None:
        self._connection._shell.tmpdir = str(self.folder / "tmp")
        (self.folder / "tmp").mkdir()

    def _transfer_file(self, local: str, remote: str) -> None:
        shutil.copy(local, remote)

    def _fixup_perms2(self, paths: tuple[str, ...], execute: bool) -> None:
        assert all(Path(path).exists() for path in paths) and not execute

    def _low_level_execute_command(
        self, command: str, sudoable: bool, in_data: bytes | None = None
    ) -> dict[str, t.Any]:
        assert sudoable
        if self.silence:
            raise self.silence
        if isinstance(self.refusal, Exception):
            raise self.refusal
        if self.refusal:
            return self.refusal
        if self.needs_tty and in_data:
            return {"rc": 1, "stdout": "", "stderr": "sudo: sorry, you must have a tty to run sudo\n"}
        done = subprocess.run(["sh", "-c", command], input=in_data or b"", capture_output=True, check=False)
        return {"rc": done.returncode, "stdout": done.stdout.decode(), "stderr": done.stderr.decode()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "lib").mkdir()
    command = functools.partial(bootstrap.command, runtime=str(tmp_path / "run"), state=str(tmp_path / "lib"))
    monkeypatch.setattr(bootstrap, "command", command)
    return tmp_path


def shell_of(action: Action) -> Shell:
    return Shell(t.cast(t.Any, action))


def test_by_stdin(folder: Path) -> None:
    shell = shell_of(Action(folder))
    assert shell.run("cat a >out/b", {"a": b"\0"}).files == {"b": b"\0"}
    assert shell.run("true").files == {}
    assert shell.trips == 2


def test_by_file(folder: Path) -> None:
    shell = shell_of(Action(folder, become=Become("su")))
    assert shell.run("cat a >out/b", {"a": b"\0"}).files == {"b": b"\0"}
    assert shell.trips == 3
    shell.run("true")
    assert shell.trips == 5
    assert list((folder / "tmp").iterdir()) == []


def test_a_sudo_that_wants_a_terminal(folder: Path) -> None:
    action = Action(folder, become=Become())
    action.needs_tty = True
    shell = shell_of(action)
    assert shell.run("echo 1").stdout == "1\n"
    assert shell.trips == 4
    shell.run("true")
    assert shell.trips == 6


@pytest.mark.parametrize(
    ("refusal", "become", "code", "said"),
    [
        (
            {"rc": 1, "stdout": "", "stderr": "core is not in the sudoers file.\n"},
            Become(),
            "become_refused",
            "sudoers",
        ),
        (AnsibleError("Incorrect sudo password"), Become(), "become_refused", "Incorrect sudo password"),
        ({"rc": 127, "stdout": "", "stderr": "sh: not found\n"}, None, "no_answer", "status 127: sh: not found"),
        ({"rc": 0, "stdout": "flatops-begin\n", "stderr": ""}, Become(), "no_answer", "unknown how much"),
    ],
)
def test_refusals(folder: Path, refusal: t.Any, become: Become | None, code: str, said: str) -> None:
    action = Action(folder, become=become)
    action.refusal = refusal
    with pytest.raises(NodeError, match=said) as caught:
        shell_of(action).run("true")
    assert caught.value.code == code


@pytest.mark.parametrize("error", [AnsibleConnectionFailure("gone"), AnsibleError("no such shell")])
def test_what_passes_through(folder: Path, error: Exception) -> None:
    action = Action(folder)
    action.refusal = error
    with pytest.raises(type(error)):
        shell_of(action).run("true")


SILENT = "Timeout (12s) waiting for privilege escalation prompt: "


@pytest.mark.parametrize("error", [AnsibleError, AnsibleConnectionFailure], ids=["2.18", "2.19"])
def test_a_connection_to_what_the_node_was_before(folder: Path, error: type[AnsibleError]) -> None:
    action = Action(folder, become=Become())
    action.silence = error(SILENT)
    shell = shell_of(action)
    assert shell.run("echo 1").stdout == "1\n"
    assert shell.trips == 2


@pytest.mark.parametrize("error", [AnsibleError, AnsibleConnectionFailure], ids=["2.18", "2.19"])
def test_a_node_that_stays_silent(folder: Path, error: type[AnsibleError]) -> None:
    action = Action(folder, become=Become())
    action.refusal = error(SILENT)
    shell = shell_of(action)
    with pytest.raises(AnsibleConnectionFailure, match="escalation"):
        shell.run("true")
    assert shell.trips == 2


def test_exit_statuses(folder: Path) -> None:
    shell = shell_of(Action(folder))
    assert shell.run("exit 3", accept=(0, 3)).rc == 3
    with pytest.raises(NodeError, match="exit status 3: two; three") as caught:
        shell.run("echo two >&2; echo three >&2; exit 3")
    assert caught.value.code == "command_failed"
