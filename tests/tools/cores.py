# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases of ansible-core that the collection is tested on, and the place where each is."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import collection
import venvs
from places import CACHE, TOOLS

#: The pip releases that ansible-test of these cores asks for: 2.17 both of the first, 2.18 and 2.19 the second.
PIPS = ("23.1.2", "24.2", "25.2")


@dataclass(frozen=True)
class Core:
    """A release of ansible-core. pythons are the versions it runs on here, the wanted one first."""

    release: str
    version: str
    pythons: tuple[str, ...]
    #: Whether a test run without this core is none, or only a smaller one.
    needed: bool
    #: Whether everything runs on it, or only what depends on the core.
    whole: bool


CORES = (
    Core("2.17", "2.17.14", ("3.10", "3.11", "3.12"), needed=True, whole=True),
    Core("2.18", "2.18.19", ("3.11", "3.12", "3.13"), needed=True, whole=False),
    Core("2.19", "2.19.14", ("3.11", "3.12", "3.13"), needed=True, whole=False),
    Core("2.20", "2.20.10", ("3.12", "3.13"), needed=False, whole=False),
    Core("2.21", "2.21.5", ("3.13", "3.12"), needed=False, whole=True),
)


@dataclass(frozen=True)
class Place:
    """A core made ready: its programs, a copy of the collection and a home folder, all its own."""

    bin: Path
    root: Path
    collection: Path
    env: dict[str, str]


def prepare(core: Core, python: Path) -> Place:
    """Make or refresh the place of a core under .cache/core."""
    folder = CACHE / "core" / core.release
    lists = ["requirements.txt", *(["requirements-azure.txt"] if core.whole else [])]
    bin_folder = venvs.make(folder / "venv", python, [f"ansible-core=={core.version}"], *lists)
    root = folder / "tree"
    env = {
        "HOME": str(home(folder / "home")),
        # A shim of pyenv may come first on PATH; ansible-test takes the first interpreter of a version that it finds.
        "PATH": os.pathsep.join([str(bin_folder), str(python.parent), os.environ["PATH"]]),
        "PYTHONPATH": str(root),
        "ANSIBLE_COLLECTIONS_PATH": str(root),
    }
    return Place(bin_folder, root, collection.copy(root), env)


def home(folder: Path) -> Path:
    """A home folder for ansible-test, which keeps its virtual environments and looks for get-pip.py below it.

    pip's configuration and cache there are the user's own.
    """
    bootstraps = folder / ".ansible" / "test" / "cache"
    bootstraps.mkdir(parents=True, exist_ok=True)
    for version in PIPS:
        shutil.copy(TOOLS / "get_pip.py", bootstraps / f"get_pip_{version.replace('.', '_')}.py")
    for name in (".config/pip", ".pip", ".cache/pip"):
        link, real = folder / name, Path.home() / name
        if real.exists() and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(real)
    return folder
