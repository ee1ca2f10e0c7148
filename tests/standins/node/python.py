# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python for a test node, to compare with what needs one: Debian's packages, unpacked below /opt/python."""

from __future__ import annotations

import fcntl
import hashlib
import io
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from ansible_collections.flatops.flatcar.tests.standins.node import nodes, tree

PROGRAM = "/opt/python/python3"
#: Of what debootstrap fetches, by the beginning of a package's name.
PACKAGES = ("libbz2", "libexpat1", "libffi8", "libpython3", "libreadline8", "libsqlite3-0", "python3")
_WRAPPER = b"""#!/bin/sh
set -- /opt/python/usr/bin/python3 "$@"
export LD_LIBRARY_PATH=$(echo /opt/python/usr/lib/*-linux-gnu) PYTHONHOME=/opt/python/usr
exec "$@"
"""


def packed() -> bytes:
    """The Python as a gzip tar for /opt/python. It is made when it is missing. Raises tree.CannotBuild."""
    folder = tree.cache()
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"python-{hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:16]}.tar.gz"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as unfinished:
                archive = build(pathlib.Path(unfinished), folder / "packages")
                archive.rename(made)
    return made.read_bytes()


def give(started: nodes.Nodes, name: str) -> None:
    """Put it on a node, where PROGRAM runs it. Raises tree.CannotBuild."""
    target = f"core@{started[name].address}"
    unpack = "sudo sh -c 'mkdir -p /opt/python && tar -xzf - -C /opt/python'"
    subprocess.run(["ssh", "-i", str(started.key), *started.ssh_options(), target, unpack], input=packed(), check=True)


def build(folder: pathlib.Path, packages: pathlib.Path) -> pathlib.Path:
    unpacked, archive = folder / "unpacked", folder / "python.tar.gz"
    for package in download(folder / "debian", packages):
        subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
    shutil.rmtree(unpacked / "usr/share")
    wrapper = tarfile.TarInfo("python3")
    wrapper.size, wrapper.mode = len(_WRAPPER), 0o755
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(unpacked / "usr", "usr")
        tar.addfile(wrapper, io.BytesIO(_WRAPPER))
    return archive


def download(target: pathlib.Path, packages: pathlib.Path) -> list[pathlib.Path]:
    if not shutil.which("debootstrap"):
        raise tree.CannotBuild("the Python of a test node needs the Debian package debootstrap")
    packages.mkdir(exist_ok=True)
    options = ["--variant=minbase", "--download-only", "--include=python3", f"--cache-dir={packages}"]
    done = subprocess.run(
        ["unshare", "--mount", "debootstrap", *options, tree.SUITE, target, tree.ARCHIVE],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise tree.CannotBuild("debootstrap failed:\n" + "\n".join(done.stdout.splitlines()[-10:]))
    fetched = sorted((target / "var/cache/apt/archives").glob("*.deb"))
    return [package for package in fetched if package.name.startswith(PACKAGES)]
