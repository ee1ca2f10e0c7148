# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection, install its tarball, and show with it what tests/demo shows: `make demo`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import collection
import gotools
import venvs
from places import CACHE, live

#: The collection, and what the demo writes.
BUILD, DEMO = CACHE / "demo-build", CACHE / "demo"
PROGRAM = "ansible_collections.flatops.flatcar.tests.demo.demo"
#: What the user has set for other runs: how the names of variables begin.
OTHERS = ("ANSIBLE_", "AZURE_", "GOVC_", "VMWARE_")


def prepared() -> Path:
    """A script that runs the demo, into the folder that it is given. Raises Failed."""
    print("Made ready are ansible-core, with what the collection needs of PyPI,", flush=True)
    bin_folder = venvs.with_core("demo", "../meta/ee-requirements.txt")
    print("the collection, which is built and installed,", flush=True)
    built = collection.tarball(bin_folder, collection.copy(BUILD / "tree"), BUILD / "tarball")
    root = collection.install(bin_folder, built, BUILD / "collections")
    print("and govmomi's simulator of a vCenter.", flush=True)
    simulator = gotools.build("vcsim")
    config = BUILD / "ansible.cfg"
    config.touch()
    env = {
        "ANSIBLE_COLLECTIONS_PATH": str(root),
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(BUILD / "home"),
        "PYTHONPATH": str(live()),
    }
    settings = [f"{name}={value}" for name, value in {**env, **simulator}.items()]
    command = shlex.join(["env", *settings, f"{bin_folder}/python", "-m", PROGRAM])
    script = BUILD / "demo.sh"
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


if __name__ == "__main__":
    try:
        script = prepared()
    except venvs.Failed as failure:
        sys.exit(str(failure))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    os.execve(script, [str(script), str(DEMO)], environment)
