# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real Ignition (Debian's package, 2.14.0: specifications 3.0.0 to 3.3.0) on a tree of files, and what is in one."""

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
    options = [f"--root={tree}", f"--config-cache={folder}/cache.json", f"--state-file={folder}/state"]
    for stage in STAGES:
        done = subprocess.run(
            [
                PROGRAM,
                "--platform=file",
                f"--stage={stage}",
                *options,
                f"--neednet={folder}/neednet",
                "--log-to-stdout",
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise IgnitionFailed(f"stage {stage}:\n" + "\n".join(done.stdout.splitlines()[-5:]))
