# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball: what it holds, and that it renders the example of the README with only what runs in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ansible_collections.flatops.flatcar.tests.guide import of_readme

COLLECTION = Path(__file__).resolve().parents[2]
#: What Ansible needs when a playbook runs.
RUNS = {"meta", "playbooks", "plugins", "roles"}
#: What comes with it: for people, for Galaxy, and the licence.
COMES = {"CHANGELOG.md", "FILES.json", "LICENSES", "MANIFEST.json", "README.md", "docs", "requirements.txt"}


def run(program: str, *arguments: str, env: dict[str, str]) -> str:
    """Run a program of ansible-core beside this Python; nothing leads it to another copy of the collection."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **env}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> dict[str, str]:
    folder = str(tmp_path_factory.mktemp("home"))
    return {"HOME": folder, "ANSIBLE_HOME": f"{folder}/.ansible"}


@pytest.fixture(scope="module")
def tarball(tmp_path_factory, home) -> Path:
    folder = tmp_path_factory.mktemp("tarball")
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder), str(COLLECTION), env=home)
    (built,) = folder.iterdir()
    return built


def test_holds_what_runs_and_no_more(tarball) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} <= RUNS | COMES
    assert not [name for name in names if name.endswith((".pyc", ".orig", ".retry"))]
    assert tarball.stat().st_size < 2_000_000


def test_renders_with_only_what_runs(tarball, tmp_path, home) -> None:
    run("ansible-galaxy", "collection", "install", "--offline", "-p", str(tmp_path), str(tarball), env=home)
    for entry in (tmp_path / "ansible_collections" / "flatops" / "flatcar").iterdir():
        if entry.is_file():
            entry.unlink()
        elif entry.name not in RUNS:
            shutil.rmtree(entry)
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(of_readme("azure.yml"), encoding="utf-8")
    arguments = ["-i", str(inventory), "flatops.flatcar.render", "-e", f"flatcar_render_dir={tmp_path}/ignition"]
    run("ansible-playbook", *arguments, env={**home, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)})

    rendered = sorted((tmp_path / "ignition").iterdir())
    assert [file.name for file in rendered] == ["web1.ign", "web2.ign"]
    assert [oct(file.stat().st_mode & 0o7777) for file in rendered] == ["0o600", "0o600"]
    config = json.loads(rendered[1].read_text(encoding="utf-8"))
    assert config["ignition"]["version"] == "3.4.0"
    assert [user["name"] for user in config["passwd"]["users"]] == ["core"]
    assert [file["path"] for file in config["storage"]["files"]] == [
        "/etc/hostname",
        "/etc/flatcar/update.conf",
        "/var/lib/flatops/first-boot.json",
    ]
    units = {unit["name"]: unit for unit in config["systemd"]["units"]}
    assert units.keys() == {"locksmithd.service", "nginx.service"}
    assert "--publish 8080:80" in units["nginx.service"]["contents"]
