# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resets: what the scripts do in a shell, and what is made of what they found."""

from __future__ import annotations

import json
import re
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._node import reboot, reset
from ansible_collections.flatops.flatcar.plugins.module_utils._node.errors import NodeError
from ansible_collections.flatops.flatcar.plugins.module_utils._node.reset import Seen

# As far as the scripts see it: it writes what it gets, and fails after half of its work if it is told to.
RESET = """#!/bin/sh
printf '%s\\n' "$@" >/run/arguments
echo more >>/oem/grub.cfg
cp "$2" /oem/config.ign || exit
[ ! -e /run/fail ] || { echo 'no space' >&2; exit 7; }
echo '(regex)' >/selective-os-reset
touch /boot/flatcar/first_boot
"""
BEFORE = {"oem/grub.cfg": "set x\n", "oem/config.ign": "old", "var/lib/flatops/manifest.json": "{}"}


class Node:
    """A node's paths below a folder, and a shell whose scripts take them for the node's."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.work = folder / "work"
        for path in ("oem", "run", "boot/flatcar", "var/lib/flatops", "bin"):
            (self.root / path).mkdir(parents=True)
        for path, text in BEFORE.items():
            (self.root / path).write_text(text)
        (self.work / "out").mkdir(parents=True)
        (self.work / reset.MEMBER).write_text("new")
        self.program = self.root / "bin" / "flatcar-reset"
        self.program.write_text(self.here(RESET))
        self.program.chmod(0o755)

    def here(self, script: str) -> str:
        return re.sub(r"/(?=(?:oem|run|boot|var|selective-os-reset|usr/share)\b)", f"{self.root}/", script)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.program.parent}:/usr/bin:/bin"
        given = {"PATH": path, "LC_ALL": "C"}
        command = ["sh", "-c", self.here(script)]
        return subprocess.run(command, cwd=self.work, env=given, capture_output=True, text=True, check=False)

    def answers(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.work / "out").iterdir()}

    def files(self) -> dict[str, str]:
        found = [path for path in self.root.rglob("*") if path.is_file() and path != self.program]
        return {str(path.relative_to(self.root)): path.read_text() for path in found}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


@pytest.mark.parametrize("path", ["/etc/ssh/ssh_host_.*", "/var/log", "^/opt", "(/a|/b)", r"\(x", "/with space", "$x"])
def test_paths_that_can_be_kept(path: str) -> None:
    reset.check_paths([path])


@pytest.mark.parametrize("path", ["", "etc", "./etc", "-R", "*", "/it's", "/a\nb", "/a\0b"])
def test_paths_that_cannot_be_kept(path: str) -> None:
    with pytest.raises(NodeError, match="keep_paths: ") as caught:
        reset.check_paths(["/etc", path])
    assert caught.value.code == "bad_option" and repr(path) in str(caught.value)


def test_look(node: Node) -> None:
    assert node.run(reset.look_script(["/etc/ssh/ssh_host_.*", "(/a|/b)", "/with space"])).returncode == 0
    seen = reset.parse(node.answers())
    assert seen == Seen(True, "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4", None, "")
    assert reset.refused(seen) is None


@pytest.mark.parametrize("path", [r"/a\(b|(", "/a[", "/a|(b"])
def test_look_at_a_bad_expression(node: Node, path: str) -> None:
    node.run(reset.look_script(["/good", path]))
    error = reset.refused(reset.parse(node.answers()))
    assert error and error.code == "bad_option"
    assert repr(path) in str(error) and "failed to compile" in str(error)


def test_look_without_the_tool(node: Node) -> None:
    node.program.unlink()
    node.run(reset.look_script(["("]))
    error = reset.refused(reset.parse(node.answers()))
    assert error and error.code == "no_reset"


def test_look_without_a_config(node: Node) -> None:
    (node.root / "oem" / "config.ign").unlink()
    assert node.run(reset.look_script([])).returncode == 0
    assert reset.parse(node.answers()) == Seen(True, None, None, "")


@pytest.mark.parametrize(
    ("paths", "keep", "arguments"),
    [
        ([], False, []),
        ([], True, ["--keep-machine-id"]),
        (["/a b", "$(id)"], False, ["--keep-paths", "--", "/a b", "$(id)"]),
        (["/a"], True, ["--keep-machine-id", "--keep-paths", "--", "/a"]),
    ],
)
def test_stage(node: Node, paths: list[str], keep: bool, arguments: list[str]) -> None:
    assert node.run(reset.stage_script(paths, keep_machine_id=keep)).returncode == 0
    files = node.files()
    assert files.pop("run/arguments").splitlines() == ["--ignition-file", reset.MEMBER, *arguments]
    assert files["oem/config.ign"] == "new" and "selective-os-reset" in files and "boot/flatcar/first_boot" in files
    assert not (node.root / "var/lib/flatops").exists()
    assert (node.root / "oem/config.ign").stat().st_mode & 0o777 == 0o600
    assert (node.root / "run/flatops-reset").stat().st_mode & 0o777 == 0o700


def undone(node: Node) -> bool:
    files = node.files()
    return {name: text for name, text in files.items() if not name.startswith("run/")} == BEFORE and not (
        node.root / "run/flatops-reset"
    ).exists()


def test_stage_and_undo(node: Node) -> None:
    for dummy in range(2):
        assert node.run(reset.stage_script([], keep_machine_id=False)).returncode == 0
        assert not undone(node)
    assert node.run(reset.undo_script()).returncode == 0
    assert undone(node)


def test_undo_where_nothing_was(node: Node) -> None:
    for path in BEFORE:
        (node.root / path).unlink()
    (node.root / "var/lib/flatops").rmdir()
    node.run(reset.stage_script([], keep_machine_id=False))
    node.run(reset.undo_script())
    assert list(node.files()) == ["run/arguments"]


def test_a_stage_that_fails_is_undone(node: Node) -> None:
    (node.root / "run" / "fail").touch()
    done = node.run(reset.stage_script([], keep_machine_id=False))
    assert (done.returncode, done.stderr) == (7, "no space\n")
    assert undone(node)


def test_not_staged() -> None:
    assert reset.not_staged(reboot.parse({})) is None
    error = reset.not_staged(reboot.parse({"failed": b"1 7\n", "log": b"no space\n"}))
    assert error and error.code == "reset_failed"
    assert str(error) == "flatcar-reset failed with the exit status 7; the node is as it was: no space"


def test_not_back() -> None:
    error = reset.not_back(NodeError("not_back", "it is away", {"rebooted": False}))
    assert (error.code, error.details) == ("not_back", {"rebooted": False})
    assert str(error).startswith("it is away. ") and "Ignition failed" in str(error)


REPORT = {
    "provisioningBootID": "b",
    "provisioningDate": "2026-11-21T10:00:00Z",
    "userConfigProvided": True,
}


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (REPORT, None),
        ({**REPORT, "provisioningBootID": "a"}, "has not run in this boot, but in a at 2026-11-21"),
        ({**REPORT, "userConfigProvided": False}, "has not found the config"),
        (None, "has left no report"),
        ("{", "has left no report"),
    ],
)
def test_not_provisioned(report: t.Any, problem: str | None) -> None:
    text = report if isinstance(report, str) else json.dumps(report)
    found = reset.ignition({} if report is None else {"ignition": text.encode()})
    error = reset.not_provisioned(found, "b")
    if problem is None:
        assert error is None
    else:
        assert error and error.code == "not_provisioned" and problem in str(error)
