# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments under the cache, made anew when what they hold is no longer what is asked for."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pythons
from places import CACHE, TESTS

#: The ansible-core of everything that needs one core only.
CORE = "ansible-core==2.19.14"
#: The Python versions that this core runs on.
PYTHONS = ("3.11", "3.12", "3.13")


class Failed(Exception):
    """A step of preparation that did not work; the message is for the user."""


def run(command: list[str], what: str, *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run quietly and return the output; on failure raise Failed with the output."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=cwd, env=env
    )
    if done.returncode:
        raise Failed(f"{what} failed (exit {done.returncode}): {' '.join(command)}\n{excerpt(done.stdout)}")
    return done.stdout


def excerpt(output: str) -> str:
    """The last 60 lines of an output, each cut at 300 characters: pip lists every release when it finds none."""
    return "\n".join(line[:300] for line in output.rstrip().splitlines()[-60:])


def interpreter() -> Path:
    """The Python of everything that needs one core only."""
    if found := pythons.first(PYTHONS):
        return found[1]
    raise Failed(f"No Python {' or '.join(PYTHONS)} found on PATH or under pyenv: install one of them.")


def make(folder: Path, python: Path, packages: list[str], *lists: str) -> Path:
    """A virtual environment in folder with these packages and the requirement files tests/<list>; returns its bin."""
    files = [TESTS / name for name in lists]
    wanted = "\n".join([str(python), *packages, *(file.read_text(encoding="utf-8") for file in files)])
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    stamp = folder / "made-from"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == digest):
        shutil.rmtree(folder, ignore_errors=True)
        run([str(python), "-m", "venv", str(folder)], "making a virtual environment")
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        run([*pip, *packages, *(word for file in files for word in ("-r", str(file)))], "pip install")
        stamp.write_text(digest, encoding="utf-8")
    return folder / "bin"


def with_core(name: str, *lists: str) -> Path:
    """The same in .cache/venv/<name>, with the core of everything that needs one only."""
    return make(CACHE / "venv" / name, interpreter(), [CORE], *lists)
