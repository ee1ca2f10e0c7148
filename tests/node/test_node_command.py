# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""node_command on the test nodes."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import Task, look, of, succeeded

SECRET = "hunter2-hunter2"
ODD = 'it\'s $(id) "odd" \\ ü\n*'


def run(label: str, *argv: str, **options: t.Any) -> Task:
    return {"name": label, "become": True, "flatops.flatcar.node_command": {"argv": list(argv), **options}}


def failing(label: str, *argv: str, **options: t.Any) -> Task:
    return {**run(label, *argv, **options), "ignore_errors": True}


def checked(task: Task) -> Task:
    return {**task, "check_mode": True}


def test_what_it_does(play: Player) -> None:
    kept = play.folder / "new" / "kept"
    keep = run("keep", "printf", r"\000\377a", read_only=True, stdout_file=str(kept))
    make = {"argv": ["touch", "/opt/made"], "creates": "/opt/made"}
    tasks = [
        run("arguments", "printf", "%s|", ODD, ""),
        run("place", "pwd"),
        {**run("environment", "sh", "-c", 'echo "$A $LC_ALL"'), "environment": {"A": ODD.strip("\n*")}},
        run("stdin", "cat", stdin=f"{ODD}\n"),
        run("no stdin", "cat"),
        run("both", "sh", "-c", "echo out; echo err >&2; exit 3", success_codes=[0, 3]),
        checked(run("asked in check mode", "echo", "hello", read_only=True)),
        checked(run("only told", "touch", "/opt/told")),
        checked(run("create?", **make)),
        run("create", **make),
        run("create again", **make),
        checked(run("create again?", **make)),
        checked({**keep, "name": "keep?"}),
        keep,
        {**keep, "name": "keep again"},
        look("[ ! -e /opt/told ] && rm /opt/made"),
    ]
    played = play(tasks, hosts="node1")
    succeeded(played)
    assert of(played, "arguments")["stdout"] == f"{ODD}||"
    assert (of(played, "place")["stdout_lines"], of(played, "place")["changed"]) == (["/"], True)
    assert of(played, "environment")["stdout"].endswith("ü C")
    assert of(played, "stdin")["stdout"] == ODD
    assert of(played, "no stdin")["stdout"] == ""
    both = of(played, "both")
    assert (both["rc"], both["stdout"], both["stderr_lines"]) == (3, "out", ["err"])
    told = of(played, "asked in check mode")
    assert (told["stdout"], told["changed"]) == ("hello", False)
    assert [of(played, name)["changed"] for name in ("only told", "create?", "create")] == [True, True, True]
    assert [of(played, name)["changed"] for name in ("create again", "create again?")] == [False, False]
    assert not any("rc" in of(played, name) for name in ("only told", "create again"))
    assert [of(played, name)["changed"] for name in ("keep?", "keep", "keep again")] == [True, True, False]
    assert kept.read_bytes() == b"\0\xffa" and kept.stat().st_mode & 0o777 == 0o600
    about = of(played, "keep")
    assert (about["stdout"], about["size"], about["stdout_file"]) == ("", 3, str(kept))
    assert about["sha256"] == hashlib.sha256(b"\0\xffa").hexdigest()


def test_what_goes_wrong(play: Player) -> None:
    kept = play.folder / "kept"
    tasks = [
        failing("fails", "sh", "-c", "echo out; echo why >&2; exit 4", stdout_file=str(kept)),
        failing("no such program", "nowhere"),
        failing("too long", "sh", "-c", "trap '' TERM; sleep 300 & wait", timeout=1),
        failing("124", "sh", "-c", "exit 124"),
        failing("secret", "sh", "-c", "read a; echo $a; echo $a >&2; exit 1", stdin=f"{SECRET}\n", secret_output=True),
        run("secret too", "cat", stdin=SECRET, secret_output=True),
        failing("nothing to run"),
        failing("no time", "true", timeout=0),
        failing("both", "true", read_only=True, creates="/x"),
        {**failing("bad name", "true"), "environment": {"a-b": "c"}},
        failing("nowhere to write", "true", stdout_file=f"{play.inventory}/x"),
    ]
    played = play(tasks, hosts="node1", arguments=["-vvvv"])
    codes = {task["name"]: of(played, task["name"]).get("error_code") for task in tasks}
    assert codes == {
        "fails": "command_failed",
        "no such program": "command_failed",
        "too long": "timeout",
        "124": "command_failed",
        "secret": "command_failed",
        "secret too": None,
        "nothing to run": "bad_option",
        "no time": "bad_option",
        "both": "bad_option",
        "bad name": "bad_option",
        "nowhere to write": "write_failed",
    }
    failed = of(played, "fails")
    assert (failed["msg"], failed["rc"]) == ("sh failed with the exit status 4: why", 4)
    assert not kept.exists()
    assert "nowhere" in of(played, "no such program")["msg"]
    assert of(played, "secret")["msg"] == "sh failed with the exit status 1; secret_output hides what it said"
    assert not {"stdout", "stderr"} & of(played, "secret too").keys()
    assert SECRET not in played.output and SECRET not in repr(played.results)
