# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real Ignition on a tree of files, and what is in such a tree.

It is that of the Debian package ignition, 2.14.0, which knows the specifications 3.0.0 to 3.3.0.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import typing as t

PROGRAM = pathlib.Path("/usr/lib/dracut/modules.d/30ignition/ignition")
STAGES = ("fetch-offline", "fetch", "kargs", "disks", "mount", "files", "umount")


class IgnitionFailed(Exception):
    """A stage did not work; the message has its last lines."""


def first_boot(config: dict[str, t.Any], tree: pathlib.Path) -> None:
    """Run every stage on the tree, which has etc/passwd and the like. Raises IgnitionFailed."""
    if not PROGRAM.exists():
        raise IgnitionFailed("Ignition is missing: install the Debian package ignition")
    selinux = tree / "etc" / "selinux"
    given = selinux.exists()
    contexts = selinux / "targeted" / "contexts" / "files" / "file_contexts"
    contexts.parent.mkdir(parents=True)
    contexts.touch()
    (selinux / "config").write_text("SELINUX=permissive\nSELINUXTYPE=targeted\n")
    try:
        with tempfile.TemporaryDirectory() as name:
            stages(config, tree, pathlib.Path(name))
    finally:
        shutil.rmtree(selinux / "targeted")
        (selinux / "config").unlink()
        if not given:
            selinux.rmdir()


def stages(config: dict[str, t.Any], tree: pathlib.Path, folder: pathlib.Path) -> None:
    written, setfiles = folder / "config.ign", folder / "setfiles"
    written.write_text(json.dumps(config))
    setfiles.write_text("#!/bin/sh\n")
    setfiles.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}:/usr/sbin:/sbin",
        "IGNITION_CONFIG_FILE": str(written),
    }
    # It writes as the users that it makes, who need not be able to reach the tree.
    mounted = ["unshare", "--mount", "sh", "-c", 'mount --rbind "$1" /mnt && shift && exec "$@"', "sh", str(tree)]
    files = {"config-cache": "cache.json", "state-file": "state", "neednet": "neednet"}
    options = ["--root=/mnt", *(f"--{option}={folder}/{name}" for option, name in files.items())]
    for stage in STAGES:
        done = subprocess.run(
            [*mounted, PROGRAM, "--platform=file", f"--stage={stage}", *options, "--log-to-stdout"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise IgnitionFailed(f"stage {stage}:\n" + "\n".join(done.stdout.splitlines()[-5:]))


def empty(tree: pathlib.Path) -> None:
    """A tree in which Ignition finds what it needs of a root file system: root and core, and the home of core."""
    etc, home = tree / "etc", tree / "home" / "core"
    etc.mkdir(parents=True)
    (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\ncore:x:500:500:Flatcar Admin:/home/core:/bin/bash\n")
    (etc / "shadow").write_text("root:*:19000:0:99999:7:::\ncore:*:19000:0:99999:7:::\n")
    (etc / "group").write_text("root:x:0:\ncore:x:500:\nsudo:x:150:core\nwheel:x:10:\n")
    (etc / "gshadow").write_text("root:*::\ncore:*::\nsudo:*::core\nwheel:*::\n")
    for name in ("shadow", "gshadow"):
        (etc / name).chmod(0o640)
    home.mkdir(parents=True)
    os.chown(home, 500, 500)


def apply_presets(tree: pathlib.Path) -> None:
    """Enable and disable units as systemd does when it finds that the boot is the first."""
    subprocess.run(["systemctl", f"--root={tree}", "preset-all"], check=True, capture_output=True)


class Entry(t.NamedTuple):
    """A path: kind is that of find (f, d, l); mode is octal; sha256 is of a file, target of a link, else empty."""

    kind: str
    mode: str
    uid: int
    gid: int
    sha256: str
    target: str


#: Lists what is below paths: `sh -s ROOT PATH...`, with PATH relative to ROOT. Runs on a node as well.
LISTING = r"""
cd "$1" && shift || exit
find "$@" -printf '%y/%m/%U/%G/%l\0%p\0' 2>/dev/null
printf 'digests\0'
find "$@" -type f -print0 2>/dev/null | xargs -0 -r sha256sum -z
"""


def entries(listed: bytes) -> dict[str, Entry]:
    """Path and entry of all that LISTING has printed."""
    head, dummy, tail = listed.partition(b"digests\0")
    digests = {line[66:]: line[:64].decode() for line in tail.split(b"\0")[:-1]}
    words = head.split(b"\0")[:-1]
    found = {}
    for attributes, path in zip(words[::2], words[1::2]):
        kind, mode, uid, gid, target = os.fsdecode(attributes).split("/", 4)
        found[os.fsdecode(path)] = Entry(kind, mode, int(uid), int(gid), digests.get(path, ""), target)
    return found


def listing(tree: pathlib.Path, *paths: str) -> dict[str, Entry]:
    """Path and entry of what is in a tree below the paths, or in all of it."""
    script = ["sh", "-s", str(tree), *(paths or ["."])]
    return entries(subprocess.run(script, input=LISTING.encode(), stdout=subprocess.PIPE, check=True).stdout)


def units(tree: pathlib.Path) -> dict[str, str]:
    """The units of a tree, each with what systemd says of it: enabled, disabled, masked, static..."""
    command = ["systemctl", f"--root={tree}", "list-unit-files", "--no-legend", "--plain"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}
