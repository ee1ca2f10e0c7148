# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides to running nodes, as they stand there and in their order."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.guide import examples
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

NEWER = "4790.2.0"
#: Plays that find nothing to do, or only look.
UNCHANGED = (
    "Ask a program on the nodes",
    "Hold descriptions against the rules of the house",
    "How full the disks are",
    "Keep the web servers as described",
    "Look at the nodes",
    "Which nodes wait for a reboot, and why",
)
#: Variables of the cookbook that want a docker that runs, a disk, or a proxy that answers; they are rendered elsewhere.
ELSEWHERE = ("flatcar_butane__40_data", "flatcar_butane__50_cache", "flatcar_roles")
#: What a reader of the guides has: a web server, a data disk, an offered update, and no other authority for reboots.
PREPARATION = f"""
mkdir -p /opt/bin
printf '#!/bin/sh\\nexec sleep infinity\\n' >/opt/bin/web
chmod +x /opt/bin/web
echo REBOOT_STRATEGY=off >/etc/flatcar/update.conf
echo VERSION={NEWER} >/boot/standin/offer
"""


@pytest.fixture
def node(tmp_path: pathlib.Path) -> t.Iterator[standin.Nodes]:
    """A node of its own, since the guide updates and resets it."""
    try:
        with standin.running(1) as started:
            started.run("node1", f"sudo sh <<'END'\n{PREPARATION}\nEND\n").check_returncode()
            yield started
    except standin.CannotStart as reason:
        pytest.skip(str(reason))


def inventory(node: standin.Nodes, variables: dict[str, t.Any]) -> dict[str, t.Any]:
    """The reader's inventory: the group flatcar, without become."""
    group = json.loads(node.inventory.read_text())["nodes"]
    key = node.key.with_suffix(".pub").read_text().strip()
    users = {"users": [{"name": "core", "ssh_authorized_keys": [key]}]}
    login = {"variant": "flatcar", "version": "1.0.0", "passwd": users}
    del group["vars"]["ansible_become"]
    return {
        "flatcar": {
            "hosts": group["hosts"],
            "vars": {**group["vars"], **variables, "flatcar_butane__10_login": login},
        }
    }


@pytest.mark.parametrize(
    "guide",
    [
        "guide_day_two",
        pytest.param("guide_cookbook", marks=pytest.mark.one_core),
        pytest.param("guide_pypy", marks=pytest.mark.one_core),
    ],
)
def test_each_example_runs(node: standin.Nodes, tmp_path: pathlib.Path, guide: str) -> None:
    found = [yaml.safe_load(text) for text in examples(guide)]
    described = {key: value for example in found if isinstance(example, dict) for key, value in example.items()}
    variables = {key: value for key, value in described.items() if key not in ELSEWHERE}
    plays = [example for example in found if isinstance(example, list)]
    assert plays
    (tmp_path / "hosts.json").write_text(json.dumps(inventory(node, variables)))
    settings = Player(node.inventory, tmp_path).settings(tmp_path / "results")
    told: list[str] = []
    for example in plays:
        (tmp_path / "play.json").write_text(json.dumps(example))
        done = subprocess.run(
            [pathlib.Path(sys.executable).with_name("ansible-playbook"), "-i", "hosts.json", "play.json"],
            cwd=tmp_path,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        told.append(done.stdout)
    changed = [play[0]["name"] for play, output in zip(plays, told, strict=True) if "changed=0 " not in output]
    assert changed == [play[0]["name"] for play in plays if play[0]["name"] not in UNCHANGED]
