# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copy the collection to where Ansible's tools want it, and build its tarball."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from places import CACHE, ROOT
from venvs import run

#: ansible-galaxy keeps its files here, and not in the user's home folder.
ENVIRONMENT = {**os.environ, "ANSIBLE_HOME": str(CACHE / "galaxy")}


def files() -> list[str]:
    """What git tracks, and what it would track, of the working tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def copy(root: Path) -> Path:
    """The collection as <root>/ansible_collections/flatops/flatcar: real files, nothing that git ignores.

    The copy is a repository of its own: ansible-test asks git for the files, and would ask the one around the copy,
    which ignores it, and then find nothing to test.
    """
    collection = root / "ansible_collections" / "flatops" / "flatcar"
    shutil.rmtree(root, ignore_errors=True)
    for name in files():
        target = collection / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    run(["git", "init", "--quiet", str(collection)], "git init")
    return collection


def tarball(bin_folder: Path, collection: Path, folder: Path) -> Path:
    """Build the tarball of that copy into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    build = [f"{bin_folder}/ansible-galaxy", "collection", "build", "--output-path", str(folder), str(collection)]
    run(build, "ansible-galaxy collection build", cwd=collection, env=ENVIRONMENT)
    (built,) = folder.glob("*.tar.gz")
    return built


def install(bin_folder: Path, built: Path, root: Path) -> Path:
    """Install the tarball, and nothing else, into <root>/ansible_collections."""
    shutil.rmtree(root, ignore_errors=True)
    # Without --force nothing is installed where the user has the same version elsewhere.
    command = [
        f"{bin_folder}/ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--force",
        "-p",
        str(root),
        str(built),
    ]
    run(command, "ansible-galaxy collection install", env=ENVIRONMENT)
    return root
