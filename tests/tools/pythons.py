# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find an interpreter of a wanted Python version on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: Says version and real path, and fails where the modules that a virtual environment needs were left out.
PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', ''))"


def candidates(version: str) -> Iterator[str]:
    """Where an interpreter may be. A shim of pyenv comes by PATH too, and fails when its version is not chosen."""
    yield sys.executable
    for folder in os.get_exec_path():
        if found := shutil.which(f"python{version}", path=folder):
            yield found
    for root in (os.environ.get("PYENV_ROOT"), "~/.pyenv"):
        if root:
            installed = Path(root).expanduser().glob(f"versions/{version}.*/bin/python{version}")
            yield from sorted(map(str, installed), reverse=True)


def find(version: str) -> Path | None:
    """The real path of an interpreter of that version ("3.12"), or None. It can make virtual environments."""
    for candidate in candidates(version):
        answer = subprocess.run([candidate, "-c", PROBE], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.split()[0] == version:
            return Path(answer.stdout.split(maxsplit=1)[1].strip())
    return None


def first(versions: tuple[str, ...]) -> tuple[str, Path] | None:
    """The first of these versions that is here, with its path."""
    for version in versions:
        if path := find(version):
            return version, path
    return None
