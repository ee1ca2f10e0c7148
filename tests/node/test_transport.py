# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a script to a node and back, over ssh, as each kind of user."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.processes import kill
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, PASSWORD, Nodes

ACTIONS = {"ANSIBLE_ACTION_PLUGINS": str(pathlib.Path(__file__).with_name("action"))}
ODD = base64.b64encode(bytes(range(256)) * 300 + b"\r\n").decode()
BY_PASSWORD = {"ansible_user": ADMIN, "ansible_become_password": PASSWORD}
PIPELINING = [{"ansible_ssh_pipelining": True}, {"ansible_ssh_pipelining": False}]
LEFT = "sudo ls -d /run/flatops.???????? /var/lib/flatops-staging.* /home/*/.ansible/tmp/* 2>/dev/null"


def run(play: Player, variables: dict[str, t.Any], hosts: str = "node1", **task: t.Any) -> Played:
    return play([{"shell_script": task}], hosts=hosts, variables=variables, env=ACTIONS)


@pytest.mark.parametrize("pipelining", PIPELINING)
@pytest.mark.parametrize("user", [{}, BY_PASSWORD], ids=["without", "with"])
def test_bytes_survive(play: Player, nodes: Nodes, pipelining: dict[str, t.Any], user: dict[str, t.Any]) -> None:
    played = run(play, {**pipelining, **user}, script="id -un; cat data >out/data; echo 1 >&2", data=ODD)
    assert played.rc == 0, played.output
    assert played.results[0].result["files"] == {"data": ODD}
    assert [played.results[0].result[name] for name in ("trips", "stdout", "stderr")] == [1, "root\n", "1\n"]
    assert nodes.run("node1", LEFT).stdout == ""


@pytest.mark.parametrize(
    "variables",
    [
        {"ansible_ssh_extra_args": "-o RequestTTY=force"},
        {**BY_PASSWORD, "ansible_ssh_extra_args": "-tt"},
        {"ansible_become_method": "su", "ansible_become_password": PASSWORD},
    ],
    ids=["tty", "tty-password", "su"],
)
def test_where_stdin_is_no_use(play: Player, nodes: Nodes, variables: dict[str, t.Any]) -> None:
    nodes.run("node1", f"echo 'root:{PASSWORD}' | sudo chpasswd")
    played = run(play, variables, script="id -un; cat data >out/data", data=ODD, times=2)
    assert played.rc == 0, played.output
    assert played.results[0].result["files"] == {"data": ODD}
    assert [played.results[0].result[name] for name in ("trips", "stdout")] == [5, "root\n"]
    assert nodes.run("node1", LEFT).stdout == ""


@pytest.mark.parametrize("user", [{}, BY_PASSWORD], ids=["without", "with"])
def test_a_terminal_that_nobody_told_of(play: Player, nodes: Nodes, user: dict[str, t.Any]) -> None:
    settings = play.folder / "ssh_config"
    settings.write_text("RequestTTY force\n")
    played = run(
        play, {"ansible_ssh_extra_args": f"-F {settings}", **user}, script="cat data >out/data", data=ODD, times=2
    )
    assert played.rc == 0, played.output
    assert played.results[0].result["files"] == {"data": ODD}
    assert nodes.run("node1", LEFT).stdout == ""


def test_sudo_that_wants_a_terminal(play: Player, nodes: Nodes) -> None:
    nodes.run("node1", "echo 'Defaults requiretty' | sudo tee /etc/sudoers.d/tty")
    try:
        played = run(play, {}, script="cat data >out/data", data=ODD, times=2)
        assert played.rc == 0, played.output
        assert played.results[0].result["files"] == {"data": ODD}
    finally:
        subprocess.run([*_ssh(nodes, "-tt"), "sudo rm /etc/sudoers.d/tty"], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ansible_user": ADMIN, "ansible_become_password": "wrong"}, "cannot become root"),
        ({"ansible_user": ADMIN}, "cannot become root"),
        ({"ansible_become": False}, "use `become: true`"),
    ],
)
def test_who_may_not(play: Player, variables: dict[str, t.Any], said: str) -> None:
    played = run(play, variables, script="true")
    assert played.results[0].result["error_code"] in ("become_refused", "not_root")
    assert said in played.results[0].result["msg"]
    assert "wrong" not in played.results[0].result["msg"]


def test_nobody_is_there(play: Player) -> None:
    played = run(play, {"ansible_host": "198.18.255.1", "ansible_timeout": 1}, script="true")
    assert played.rc == 4 and played.results[0].result["unreachable"]


def test_async_is_refused(play: Player) -> None:
    played = play([{"shell_script": {"script": "true"}, "async": 9, "poll": 1}], hosts="node1", env=ACTIONS)
    assert played.rc == 2 and "async" in played.results[0].result["msg"]


def test_a_large_payload(play: Player) -> None:
    played = run(play, {}, script="pwd; stat -c %s zeros", zeros=101 << 20)
    assert played.rc == 0, played.output
    where, size = played.results[0].result["stdout"].split()
    assert where.startswith("/var/lib/flatops-staging.") and int(size) == 101 << 20


def test_no_space(play: Player, nodes: Nodes) -> None:
    nodes.run("node1", "sudo mount -t tmpfs -o size=1m tmpfs /var/lib; sudo mount -t tmpfs -o size=1m tmpfs /run/lock")
    played = run(play, {}, script="true", zeros=101 << 20)
    nodes.run("node1", "sudo umount /var/lib /run/lock")
    assert played.results[0].result["error_code"] == "no_space", played.output


def test_nothing_secret_is_shown(play: Player) -> None:
    secret = "do not tell"
    data = base64.b64encode(secret.encode()).decode()
    task = {"shell_script": {"script": "cat data >/dev/null", "data": data}, "no_log": True}
    played = play([task], hosts="node1", env=ACTIONS, arguments=["-vvvv"])
    assert played.rc == 0
    assert secret not in played.output and data not in played.output


@pytest.mark.parametrize("moment", [0.6, 1.0, 1.5, 2.2])
def test_a_killed_playbook(nodes: Nodes, play: Player, moment: float) -> None:
    """Whenever it is killed: the node does all of it or nothing, and keeps nothing."""
    nodes.run("node1", "sudo rm -f /var/began /var/done")
    task = {"shell_script": {"zeros": 50_000_000, "script": "touch /var/began; sleep 1; touch /var/done"}}
    playbook = play.folder / "kill.json"
    playbook.write_text(json.dumps([{"hosts": "node1", "gather_facts": False, "tasks": [task]}]))
    program = pathlib.Path(sys.executable).with_name("ansible-playbook")
    settings = {**play.settings(play.folder / "results"), **ACTIONS, "ANSIBLE_SSH_ARGS": "-o ControlMaster=no"}
    process = subprocess.Popen(
        [program, "-i", play.inventory, playbook],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment)
    kill(process.pid)
    process.wait()
    time.sleep(2)
    nodes.until(lambda: nodes.run("node1", LEFT).stdout == "", nodes["node1"])
    assert nodes.run("node1", "ls -d /var/began; ls -d /var/done").stdout.split() in ([], ["/var/began", "/var/done"])


def _ssh(nodes: Nodes, *options: str) -> list[str]:
    return ["ssh", *options, "-i", str(nodes.key), *nodes.ssh_options(), f"core@{nodes['node1'].address}"]
