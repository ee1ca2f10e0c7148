# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local connection: the controller itself, with folders in memory over those that are written to."""

from __future__ import annotations

import json
import os
import pathlib
import shutil

import pytest

from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.node.steps import described, file, look, of, steps, succeeded, took

COVERED = """
mount -t tmpfs none /srv && mkdir /srv/upper /srv/work &&
mount -t overlay -o lowerdir=/var/lib,upperdir=/srv/upper,workdir=/srv/work none /var/lib && exec "$@"
"""
LOCAL = {"ansible_connection": "local", "ansible_become": False}


@pytest.mark.parametrize("pipelining", [True, False])
def test_files_and_facts(tmp_path: pathlib.Path, pipelining: bool) -> None:
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("the local connection is tested as root, with unshare of the Debian package util-linux")
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"nodes": {"hosts": {"here": LOCAL}}}))
    odd = "/srv/local/it's\n ü"
    tasks = [
        *steps("made", described(files=[file(odd, "text\n", mode=0o640)])),
        look("cd /srv/local && stat -c %a * && cat *", "seen"),
        *steps("absent", "", state="absent"),
        look("ls /srv", "rest"),
        {"name": "facts", "flatops.flatcar.node_facts": {"gather_subset": ["network"]}},
    ]
    for task in tasks:
        task.pop("become", None)
    played = Player(inventory, tmp_path)(
        tasks,
        variables={"ansible_pipelining": pipelining},
        prefix=["unshare", "--mount", "sh", "-c", COVERED, "sh"],
    )
    succeeded(played)
    assert took(played, "made")["paths"] == took(played, "absent")["paths"] == [odd]
    assert of(played, "seen")["stdout"].split() == ["640", "text"]
    assert of(played, "rest")["stdout"].split() == ["upper", "work"]
    boot_id = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert of(played, "facts")["ansible_facts"]["flatcar"]["boot_id"] == boot_id
    assert not pathlib.Path("/var/lib/flatops").exists()
