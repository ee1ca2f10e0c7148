# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the test nodes have of Kubernetes: its programs in some versions, and system extensions with them.

The programs are the real ones but for the kubelet and containerd; tests/tools/gotools.py builds them, and KUBERNETES
names the folder.
"""

from __future__ import annotations

import os
import pathlib
import shutil

from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

HERE = pathlib.Path(__file__).resolve().parent
#: Folders of programs below /usr of a node, by version.
PROGRAMS = "lib/kubernetes"
IN_IMAGES = ("kubeadm", "kubectl", "kubelet")
_RELEASE = "ID=_any\nARCHITECTURE=x86-64\nEXTENSION_RELOAD_MANAGER=1\n"
_HEADER = "#!/bin/sh\n"


def extra() -> tuple[pathlib.Path, ...]:
    """What nodes need in /usr beyond Flatcar: for nodes.running. Raises CannotStart."""
    folder = os.environ.get("KUBERNETES")
    if not folder:
        raise standin.CannotStart("Kubernetes is missing: `make tools` builds it, and KUBERNETES names its folder")
    return pathlib.Path(folder), HERE / "node"


def programs(version: str) -> pathlib.Path:
    """The folder of a version's programs on this machine. Raises CannotStart."""
    return extra()[0] / PROGRAMS / version


def write_image(version: str, folder: pathlib.Path) -> None:
    """Write what the system extension of a version holds, as the one of Flatcar's bakery, into a folder.

    Its programs lead to those that the nodes have already, so that it is small.
    """
    shutil.copytree(HERE / "image", folder, dirs_exist_ok=True)
    for name in IN_IMAGES:
        program = folder / "usr" / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'{_HEADER}exec /usr/{PROGRAMS}/{version}/{name} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    release = folder / "usr/lib/extension-release.d/extension-release.kubernetes"
    release.parent.mkdir()
    release.write_text(_RELEASE, encoding="utf-8")
    noted = folder / "usr/local/share/kubernetes-version"
    noted.parent.mkdir(parents=True)
    noted.write_text(f"{version}\n", encoding="utf-8")
