# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reboots: what the scripts do in a shell, and what is made of what they found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import reboot
from ansible_collections.flatops.flatcar.plugins.module_utils._node.reboot import Boot

GOOD = Boot("b", "running", [], [], None, None, "")


@pytest.mark.parametrize(
    ("boot", "before", "strict", "code"),
    [
        (GOOD, [], True, None),
        (GOOD._replace(state="degraded", failed_units=["a.service"]), [], True, "degraded"),
        (GOOD._replace(state="degraded", failed_units=["a.service"]), ["a.service"], True, None),
        (GOOD._replace(state="degraded", failed_units=["a.service"]), [], False, None),
        (GOOD._replace(state="", jobs=["a.service start"]), [], True, "not_settled"),
        (GOOD._replace(state="starting"), [], False, "not_settled"),
        (GOOD._replace(state="maintenance"), [], False, "not_settled"),
    ],
)
def test_settled(boot: Boot, before: list[str], strict: bool, code: str | None) -> None:
    error = reboot.settled(boot, before, 9, strict=strict)
    assert (error.code if error else None) == code


def test_parse() -> None:
    files = {
        "boot_id": b"x\n",
        "state": b"degraded\n",
        "failed_units": b"a.service loaded failed failed A\n",
        "jobs": b"12 b.service start running\n13 c.service start waiting\n",
        "failed": b"2 7\n",
        "log": b"one\ntwo\n",
    }
    assert reboot.parse(files) == Boot(
        "x", "degraded", ["a.service"], ["b.service start", "c.service start"], None, (2, 7), "one\ntwo\n"
    )
    assert reboot.parse({"result": b"success\n"}).refused is None
    assert reboot.parse({"result": b"exit-code\n", "log": b"blocked by x\n"}).refused == ": blocked by x"


class Shell:
    """Runs a script with programs of ours in place of systemd's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "out").mkdir()
        (folder / "bin").mkdir()
        for name in ("systemctl", "systemd-run", "journalctl"):
            self.have(name, f'for word; do printf "%s|" "$word"; done >>{folder}/{name}')
        for name in ("mkdir", "rmdir"):
            # The mark below /run.
            self.have(name, f'exec /usr/bin/{name} "{folder}/${{1##*/}}"')

    def have(self, name: str, script: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def run(self, script: str) -> Boot:
        path = f"{self.folder}/bin:/usr/bin:/bin"
        subprocess.run(["sh"], input=script.encode(), cwd=self.folder, env={"PATH": path}, check=True)
        return reboot.parse({path.name: path.read_bytes() for path in (self.folder / "out").iterdir()})

    def ran(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_commands_come_before_the_reboot(shell: Shell) -> None:
    boot = shell.run(reboot.prepare_script([f"echo 1 >{shell.folder}/a", f"cat {shell.folder}/a"]))
    assert boot.id and boot.failed is None and boot.log == "1\n"
    assert not shell.ran("systemd-run")


def test_a_command_that_fails_keeps_the_node_up(shell: Shell) -> None:
    boot = shell.run(reboot.prepare_script(["true", "echo bang >&2; exit 7", "echo never"]))
    error = reboot.command_failed(boot, "pre_commands", "nothing was done")
    assert error and error.code == "pre_command_failed"
    assert str(error) == "command 2 of pre_commands failed with the exit status 7; nothing was done: bang"
    assert not shell.ran("systemd-run")


def test_the_reboot_is_scheduled_once(shell: Shell) -> None:
    script = reboot.reboot_script("unit", "it's $(late)", shell.run(reboot.prepare_script([])).id, 5)
    assert shell.run(script).refused is None
    scheduled = shell.ran("systemd-run")
    assert scheduled.count("|systemctl|reboot|--message=it's $(late)|") == 1
    shell.run(script)
    assert shell.ran("systemd-run") == scheduled and "show|-p|Result" in shell.ran("systemctl")
    assert (shell.folder / "unit").exists()


def test_a_reboot_that_cannot_be_scheduled(shell: Shell) -> None:
    shell.have("systemd-run", "echo no >&2; exit 1")
    here = shell.run(reboot.look_script())
    assert shell.run(reboot.reboot_script("unit", "x", here.id, 5)).refused == ": no"
    assert not (shell.folder / "unit").exists()


def test_commands_afterwards_are_repeated(shell: Shell) -> None:
    count = shell.folder / "count"
    command = f"echo >>{count}; [ $(wc -l <{count}) -ge 2 ]"
    assert shell.run(reboot.post_script(["true", command, "true"], 20)).failed is None
    assert shell.run(reboot.post_script(["true", "exit 3"], 1)).failed == (2, 3)


def test_the_same_boot_is_not_waited_for(shell: Shell) -> None:
    here = shell.run(reboot.look_script())
    shell.run(reboot.reboot_script("unit", "x", here.id, 5))
    assert "is-system-running" not in shell.ran("systemctl")
    shell.run(reboot.reboot_script("unit", "x", "another", 5))
    assert "is-system-running|--wait" in shell.ran("systemctl")
