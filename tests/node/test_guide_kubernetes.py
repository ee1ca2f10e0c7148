# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides to Kubernetes and to updates: machines that can be made, and plays that can be run.

What the roles and playbooks in them do is tested where these are.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

from ansible_collections.flatops.flatcar.tests.guide import FOLDER, examples
from ansible_collections.flatops.flatcar.tests.standins.node.nodes import COLLECTIONS

pytestmark = pytest.mark.one_core

GUIDES = ("guide_kubernetes", "guide_updates")
ROLES = pathlib.Path(__file__).resolve().parents[2] / "roles"
EXAMPLES = [yaml.safe_load(text) for guide in GUIDES for text in examples(guide)]
INVENTORY = next(example for example in EXAMPLES if isinstance(example, dict))
PLAYS = [example for example in EXAMPLES if isinstance(example, list)]


def ansible_playbook(folder: pathlib.Path, *arguments: str) -> str:
    (folder / "hosts.json").write_text(json.dumps({"all": {**INVENTORY["all"], "hosts": {"flatcar": None}}}))
    done = subprocess.run(
        [pathlib.Path(sys.executable).with_name("ansible-playbook"), "-i", "hosts.json", *arguments],
        cwd=folder,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_machines_of_the_inventory(tmp_path: pathlib.Path) -> None:
    ansible_playbook(
        tmp_path, "flatops.flatcar.render", "-e", "flatcar_render_dir=ignition", "-e", "flatcar_hosts=cluster"
    )
    made = {path.stem: path.read_text() for path in (tmp_path / "ignition").iterdir()}
    assert set(made) == {"control1", "control2", "control3", "worker1", "worker2"}
    assert all("/etc/extensions/kubernetes.raw" in text and "update.conf" in text for text in made.values())


def test_plays_and_playbooks(tmp_path: pathlib.Path) -> None:
    assert len(PLAYS) > 6
    (tmp_path / "plays.json").write_text(json.dumps([play for plays in PLAYS for play in plays]))
    ansible_playbook(tmp_path, "plays.json", "--syntax-check")
    text = "".join((FOLDER / f"{guide}.rst").read_text() for guide in GUIDES)
    for name in sorted(set(re.findall(r"hosts\.yml flatops\.flatcar\.(\w+)", text))):
        ansible_playbook(tmp_path, f"flatops.flatcar.{name}", "--syntax-check")


def test_names() -> None:
    """Every role, entry point and variable of a role that the guides name exists."""
    text = "".join((FOLDER / f"{guide}.rst").read_text() for guide in GUIDES)
    specs: dict[str, t.Any] = {
        path.parents[1].name: yaml.safe_load(path.read_text())["argument_specs"]
        for path in ROLES.glob("*/meta/argument_specs.yml")
    }
    known = {option for spec in specs.values() for entry in spec.values() for option in entry.get("options", {})}
    named = set(re.findall(rf"\b(?:{'|'.join(specs)})_\w+", text))
    assert named and named <= known, named - known
    entries = {entry for spec in specs.values() for entry in spec}
    assert set(re.findall(r"tasks_from: (\w+)", text)) <= entries
