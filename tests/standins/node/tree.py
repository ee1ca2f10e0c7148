# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The /usr of the test nodes: Debian 13 without Python, perl and package managers, laid out as Flatcar lays it out.

It is made once by debootstrap, in a minute and a half, and kept in .cache/node/<digest of this file>.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

SUITE = "trixie"
ARCHIVE = "http://deb.debian.org/debian"
PACKAGES = (
    "ca-certificates",
    "chrony",
    "curl",
    "dbus",
    "gpg",
    "iproute2",
    "iputils-ping",
    "kmod",
    "libnss-myhostname",
    "netbase",
    "openssh-server",
    "sudo",
    "systemd",
    "systemd-container",
    "systemd-sysv",
    "udev",
)
#: What the build needs of the machine: program and Debian package.
PROGRAMS = {"debootstrap": "debootstrap", "unshare": "util-linux"}
#: What Flatcar has not, or no test needs.
DROPPED = (
    "games",
    "include",
    "lib/*/perl*",
    "lib/apt",
    "lib/dpkg",
    "lib/python*",
    "lib/udev/hwdb.*",
    "local",
    "share/apport",
    "share/bash-completion",
    "share/debconf",
    "share/doc",
    "share/dpkg",
    "share/gcc",
    "share/i18n",
    "share/info",
    "share/lintian",
    "share/locale",
    "share/man",
    "share/perl*",
    "share/python*",
    "src",
)
DROPPED_PROGRAMS = re.compile(r"(perl|apt|dpkg|python).*")
#: Of /etc: keys of nobody's machine, and what Debian switches on.
DROPPED_DEFAULTS = (
    "apt",
    "cron*",
    "dpkg",
    "hostname",
    "init.d",
    "machine-id",
    "rc*.d",
    "resolv.conf",
    "selinux",
    "ssh/ssh_host_*",
    "systemd/system/*",
    "systemd/user/*",
)
INTERPRETERS = (b"perl", b"python")


class CannotBuild(Exception):
    """The tree cannot be made here; the message says what is missing."""


def cache() -> pathlib.Path:
    """Where trees are kept; FLATOPS_NODE_CACHE names another folder, for copies of the repository."""
    default = pathlib.Path(__file__).resolve().parents[3] / ".cache" / "node"
    return pathlib.Path(os.environ.get("FLATOPS_NODE_CACHE", default))


def usr() -> pathlib.Path:
    """The tree, which is made when it is missing. Raises CannotBuild."""
    folder = cache()
    made = folder / hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-") as unfinished:
                tree = pathlib.Path(unfinished)
                debian(tree / "debian", folder / "packages")
                flatten(tree / "debian")
                (tree / "debian" / "usr").rename(made)
    return made


def debian(target: pathlib.Path, packages: pathlib.Path) -> None:
    """debootstrap; its mounts go with its mount namespace."""
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if missing:
        raise CannotBuild(f"the tree of the test nodes needs the Debian packages {' '.join(missing)}")
    packages.mkdir(exist_ok=True)
    include = f"--include={','.join(PACKAGES)}"
    command = ["debootstrap", "--variant=minbase", f"--cache-dir={packages}", include, SUITE, str(target), ARCHIVE]
    done = subprocess.run(
        ["unshare", "--mount", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild("debootstrap failed:\n" + "\n".join(done.stdout.splitlines()[-10:]))


def flatten(debian: pathlib.Path) -> None:
    """Make of Debian's tree a /usr with the defaults of /etc in share/flatcar/etc."""
    tree, etc = debian / "usr", debian / "etc"
    for folder, patterns in ((tree, DROPPED), (etc, DROPPED_DEFAULTS)):
        for path in (path for pattern in patterns for path in sorted(folder.glob(pattern))):
            remove(path)
    for path in [path for folder in ("bin", "sbin") for path in (tree / folder).iterdir()]:
        if DROPPED_PROGRAMS.fullmatch(path.name) or interpreted(path):
            path.unlink()
    for path in [path for path in (tree / "lib").rglob("*") if interpreted(path)]:
        path.unlink()
    (tree / "local").mkdir()
    (tree / "share" / "flatcar").mkdir()
    etc.rename(tree / "share" / "flatcar" / "etc")


def remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def interpreted(path: pathlib.Path) -> bool:
    """Whether a file is a program of an interpreter that the tree has not."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and any(name in first for name in INTERPRETERS)


if __name__ == "__main__":
    print(usr())
