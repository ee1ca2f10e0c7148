# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of system extensions, as the Flatcar Sysext Bakery builds them."""

from __future__ import annotations

import pathlib
import subprocess
import typing as t

MIB = 1 << 20
MKFS = pathlib.Path("/sbin/mkfs.ext4")
ARCHITECTURE = "x86-64"
#: It runs in every release, and lets systemd read its units when it is merged.
RELEASE = f"ID=_any\nARCHITECTURE={ARCHITECTURE}\nEXTENSION_RELOAD_MANAGER=1\n"
#: What a kubelet has to do for its version to be known.
KUBELET = """#!/bin/sh
[ "$1" = --version ] && echo "Kubernetes v{version}" && exit
exec sleep infinity
"""
UNIT = "[Service]\nExecStart=/usr/bin/kubelet\n"
UPHOLDS = "[Unit]\nUpholds=kubelet.service\n"


def name(version: str) -> str:
    return f"kubernetes-v{version}-{ARCHITECTURE}.raw"


def kubernetes(folder: pathlib.Path, version: str) -> pathlib.Path:
    """A tree with as little of Kubernetes as systemd and the role need: a kubelet that says its version."""
    files = {
        "usr/bin/kubelet": KUBELET.format(version=version),
        "usr/lib/systemd/system/kubelet.service": UNIT,
        "usr/lib/systemd/system/multi-user.target.d/10-kubelet-service.conf": UPHOLDS,
        "usr/local/share/kubernetes-version": f"v{version}\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "usr/bin/kubelet").chmod(0o755)
    return folder


def image(tree: pathlib.Path, made: pathlib.Path, extension: str = "kubernetes") -> pathlib.Path:
    """An image of a tree, which becomes a system extension of that name. Raises CalledProcessError."""
    release = tree / "usr/lib/extension-release.d" / f"extension-release.{extension}"
    release.parent.mkdir(parents=True, exist_ok=True)
    release.write_text(RELEASE)
    made.parent.mkdir(parents=True, exist_ok=True)
    with made.open("wb") as file:
        file.truncate(MIB + _size(tree) * 5 // 4)
    options = ["-q", "-F", "-O", "^has_journal,^resize_inode", "-m", "0", "-E", "root_owner=0:0", "-d", str(tree)]
    subprocess.run([str(MKFS), *options, str(made)], check=True, capture_output=True)
    return made


def _size(tree: pathlib.Path) -> int:
    """The bytes of its files, each in blocks."""
    found: t.Iterator[pathlib.Path] = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size + 8192 for path in found)
