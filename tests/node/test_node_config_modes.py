# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to run node_config: users, connections, many hosts, and what a run shows."""

from __future__ import annotations

import json
import os
import re

from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.node.steps import (
    config,
    described,
    file,
    link,
    look,
    of,
    steps,
    succeeded,
    took,
)
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import ADMIN, PASSWORD, Nodes

FOLDER = "/opt/modes"
ODD = ("a b", "new\nline", "qu'o\"te", "ümläut☃", "-dash", "$HOME `id`", "back\\slash", "tab\there", "*", "%s")


def trips(played: Played, task: str) -> int:
    """The round trips of a task, as the connection tells them."""
    told = played.output.partition(f"TASK [{task}] ")[2]
    return re.split(r"^(?:TASK|PLAY)", told, maxsplit=1, flags=re.MULTILINE)[0].count("SSH: EXEC")


def test_round_trips(play: Player) -> None:
    many = described(files=[file(f"{FOLDER}/{number % 10}/{number}", f"{number}\n" * 50) for number in range(200)])
    tasks = [config(many, task=name) for name in ("first", "second")]
    played = play(
        [*tasks, look(f"find {FOLDER} -type f | wc -l"), *steps("gone", "", state="absent")],
        hosts="node1",
        arguments=["-vvv"],
    )
    succeeded(played)
    assert len(of(played, "first")["paths"]) == 200 and of(played, "look")["stdout"].split() == ["200"]
    assert not of(played, "second")["changed"]
    assert [trips(played, name) for name in ("first", "second")] == [2, 1]
    assert len(took(played, "gone")["paths"]) == 200


def test_large_file(play: Player) -> None:
    """10 MB that do not compress, carried by the description."""
    (play.folder / "large").write_bytes(os.urandom(10 << 20))
    large = described(files=[{"path": f"{FOLDER}/large", "contents": {"local": "large"}}])
    tasks = [
        *steps("large", large, files_dir=str(play.folder)),
        look(f"stat -c %s {FOLDER}/large"),
        *steps("gone", "", state="absent"),
    ]
    played = play(tasks, hosts="node2", arguments=["-vvv"])
    succeeded(played)
    assert took(played, "large")["changed"] and trips(played, "large") == 2
    assert of(played, "look")["stdout"].split() == [str(10 << 20)]
    assert took(played, "gone")["changed"]


def test_odd_names_and_both_ways_of_ssh(play: Player) -> None:
    """Also by a user whose sudo asks for a password."""
    names = [f"{FOLDER}/{name}" for name in ODD]
    odd = described(
        files=[file(name, f"{index}\n") for index, name in enumerate(names)],
        links=[link(f"{FOLDER}/link {index}", name) for index, name in enumerate(ODD)],
        directories=[{"path": f"{FOLDER}/in {name}"} for name in ODD],
        units=[{"name": r"odd\x2dname.service", "enabled": True, "contents": "[Service]\nExecStart=/bin/sleep 1d\n"}],
    )
    edited = described(files=[file(name, f"{index}\n", mode=0o600) for index, name in enumerate(names)])
    tasks = [
        *steps("odd", odd),
        look(f"cd {FOLDER} && cat ./* 2>/dev/null | sort; systemctl is-active 'odd\\x2dname'"),
        *steps("edited", edited),
        *steps("gone", "", state="absent"),
        look(f"find {FOLDER} /etc/systemd/system/odd* 2>/dev/null; true", "rest"),
    ]
    for pipelining in (True, False):
        user = {"ansible_user": ADMIN, "ansible_become_password": PASSWORD}
        variables = {"ansible_ssh_pipelining": pipelining, **user}
        played = play(tasks, hosts="node3", variables=variables, arguments=["-vvv"])
        succeeded(played)
        assert {*names} < {*took(played, "odd")["paths"]} and trips(played, "odd") == 2
        numbers = sorted(2 * [str(index) for index in range(len(ODD))])
        assert of(played, "look")["stdout"].split() == [*numbers, "active"]
        assert len(took(played, "edited")["paths"]) == 3 * len(ODD) + 2
        assert took(played, "gone")["changed"]
        assert of(played, "rest")["stdout"].strip() == ""
        assert PASSWORD not in played.output


def test_many_hosts_at_once(play: Player, nodes: Nodes) -> None:
    """Twelve hosts of an inventory that are three nodes: each description is applied once, whoever is first."""
    inventory = json.loads(nodes.inventory.read_text())["nodes"]
    hosts = {f"{name}-{number}": host for name, host in inventory["hosts"].items() for number in range(4)}
    path = play.folder / "many.json"
    path.write_text(json.dumps({"nodes": {"hosts": hosts, "vars": inventory["vars"]}}))
    many = Player(path, play.folder)
    group = {"group/flatops.flatcar.node": {"name": "many"}}
    task = {"name": "config", "flatops.flatcar.node_config": {"butane": described(files=[file("/opt/many", "x\n")])}}
    gone = {"name": "gone", "flatops.flatcar.node_config": {"butane": "", "state": "absent"}}
    settings = {"ANSIBLE_STRATEGY": "free", "ANSIBLE_SSH_CONTROL_PATH_DIR": str(nodes.folder / "ssh")}
    played = many([{"block": [task], "module_defaults": group}], arguments=["--forks", "50"], env=settings)
    succeeded(played)
    changed = [result.host.partition("-")[0] for result in played.results if result.changed]
    assert len(played.results) == 12 and sorted(changed) == ["node1", "node2", "node3"]
    played = play([{"block": [gone, {**gone, "name": "again"}], "module_defaults": group}], arguments=["--forks", "50"])
    succeeded(played)
    assert [result.changed for result in played.results if result.task == "gone"] == [True] * 3
    assert not any(result.changed for result in played.results if result.task == "again")


def test_diff(play: Player) -> None:
    """Texts of files that others may read; of others, and of what is no text, only digests."""
    path, secret, binary, was = (f"/opt/diff/{name}" for name in ("text", "secret", "binary", "was-secret"))
    blob = {"path": binary, "contents": {"source": "data:;base64,AAEC/w=="}}

    def files(text: str, mode: int) -> dict[str, object]:
        hidden = [file(name, f"{text} hunter2\n", mode=mode) for name in (secret, was)]
        hidden[1]["mode"] = 0o644 if text == "two" else mode
        return described(files=[file(path, f"{text}\n"), *hidden, blob])

    def shown(label: str) -> dict[str, tuple[str, str]]:
        return {one["after_header"]: (one["before"], one["after"]) for one in took(played, label)["diff"]}

    tasks = [*steps("one", files("one", 0o600)), *steps("two", files("two", 0o640)), *steps("gone", "", state="absent")]
    played = play(tasks, hosts="node1", arguments=["-vvvvv"])
    succeeded(played)
    about = "mode: 0644\nowner: 0:0\n"
    assert shown("one")[f"file {path}"] == ("", f"{about}one\n")
    assert shown("two")[f"file {path}"] == (f"{about}one\n", f"{about}two\n")
    secrets = [shown("one")[f"file {secret}"], shown("two")[f"file {secret}"], shown("two")[f"file {was}"]]
    for before, after in secrets:
        assert "sha256: " in after and "hunter2" not in before + after
    assert "sha256: " in shown("one")[f"file {binary}"][1] and f"file {binary}" not in shown("two")
    assert "hunter2" not in played.output and took(played, "gone")["changed"]
