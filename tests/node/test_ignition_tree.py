# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real Ignition on a tree of files."""

from __future__ import annotations

import hashlib
import pathlib
import shutil
import subprocess

import pytest

from ansible_collections.flatops.flatcar.tests.standins.node import ignition_tree
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import Nodes

SERVICE = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
CONFIG = {
    "ignition": {"version": "3.3.0"},
    "passwd": {"users": [{"name": "app", "uid": 1234}, {"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 key"]}]},
    "storage": {
        "directories": [{"path": "/opt/app", "mode": 0o700, "user": {"id": 1234}}],
        "files": [{"path": "/etc/a b", "contents": {"source": "data:,text"}, "mode": 0o640}],
        "links": [{"path": "/etc/link", "target": "a b"}],
    },
    "systemd": {
        "units": [
            {"name": "on.service", "enabled": True, "contents": SERVICE},
            {"name": "off.service", "enabled": False, "contents": SERVICE},
            {"name": "locksmithd.service", "mask": True},
        ]
    },
}
Entry = ignition_tree.Entry


@pytest.fixture
def tree(tmp_path: pathlib.Path) -> pathlib.Path:
    if not ignition_tree.PROGRAM.exists() or not shutil.which("unshare"):
        pytest.skip("Ignition is missing: install the Debian package ignition")
    made = tmp_path / "tree"
    ignition_tree.empty(made)
    return made


def test_first_boot(tree: pathlib.Path) -> None:
    ignition_tree.first_boot(CONFIG, tree)
    ignition_tree.apply_presets(tree)
    found = ignition_tree.listing(tree)
    assert found["./etc/a b"] == Entry("f", "640", 0, 0, hashlib.sha256(b"text").hexdigest(), "")
    assert found["./opt/app"] == Entry("d", "700", 1234, 0, "", "")
    assert found["./etc/link"] == Entry("l", "777", 0, 0, "", "a b")
    assert found["./home/core/.ssh/authorized_keys.d/ignition"].uid == 500
    assert "./etc/.ignition-result.json" in found
    assert not [path for path in found if "selinux" in path]
    assert ignition_tree.units(tree) == {
        "locksmithd.service": "masked",
        "off.service": "disabled",
        "on.service": "enabled",
    }


def test_part_of_a_tree(tree: pathlib.Path) -> None:
    assert ignition_tree.listing(tree, "home", "nowhere") == {
        "home": Entry("d", "755", 0, 0, "", ""),
        "home/core": Entry("d", "755", 500, 500, "", ""),
    }


def test_a_config_that_ignition_refuses(tree: pathlib.Path) -> None:
    with pytest.raises(ignition_tree.IgnitionFailed, match="unsupported config version"):
        ignition_tree.first_boot({"ignition": {"version": "3.9.0"}}, tree)


def test_a_node_is_listed_the_same_way(nodes: Nodes) -> None:
    script = f"sudo sh -s / etc/flatcar <<'END'\n{ignition_tree.LISTING}\nEND\n"
    listed = nodes.run("node1", script).stdout
    digest = hashlib.sha256(b"").hexdigest()
    assert ignition_tree.entries(listed.encode())["etc/flatcar/update.conf"] == Entry("f", "644", 0, 0, digest, "")


def test_the_program_is_the_one_of_debian() -> None:
    if not ignition_tree.PROGRAM.exists():
        pytest.skip("Ignition is missing: install the Debian package ignition")
    printed = subprocess.run([ignition_tree.PROGRAM, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert printed.startswith("Ignition")
