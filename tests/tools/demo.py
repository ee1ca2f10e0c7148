# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection, install its tarball and render the example inventory: `make demo`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import collection
import venvs
from places import CACHE, ROOT

DEMO = CACHE / "demo"
INVENTORY = ROOT / "examples" / "inventory"


def demo() -> None:
    bin_folder = venvs.with_core("demo")
    built = collection.tarball(bin_folder, collection.copy(DEMO / "tree"), DEMO / "tarball")
    print(f"Built      {built.relative_to(ROOT)} ({built.stat().st_size // 1024} KiB)")
    root = collection.install(bin_folder, built, DEMO / "collections")
    rendered = DEMO / "ignition"
    shutil.rmtree(rendered, ignore_errors=True)
    playbook = ["flatops.flatcar.render", "-e", f"flatcar_render_dir={rendered}"]
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(root), "ANSIBLE_HOME": str(DEMO / "home")}
    venvs.run(
        [f"{bin_folder}/ansible-playbook", "-i", f"{INVENTORY}/hosts.yml", *playbook], "the playbook", cwd=DEMO, env=env
    )
    print(f"Installed  {root.relative_to(ROOT)}")
    print(f"Rendered   {INVENTORY.relative_to(ROOT)} by the playbook flatops.flatcar.render\n")
    for file in sorted(rendered.glob("*.ign")):
        print(summary(file))
    print(f"The Ignition configs are in {rendered.relative_to(ROOT)}, readable by their owner only.")


def summary(file: Path) -> str:
    """A few lines about an Ignition config."""
    text = file.read_text(encoding="utf-8")
    config = json.loads(text)
    storage = config.get("storage", {})
    units = config.get("systemd", {}).get("units", [])
    users = config.get("passwd", {}).get("users", [])
    arguments = config.get("kernelArguments", {})
    told = {
        "files": [entry["path"] for kind in ("files", "directories", "links") for entry in storage.get(kind, [])],
        "units": [unit["name"] for unit in units],
        "users": [f"{user['name']} ({len(user.get('sshAuthorizedKeys', []))} SSH keys)" for user in users],
        "kernel": [
            sign + word
            for sign, key in (("+", "shouldExist"), ("-", "shouldNotExist"))
            for word in arguments.get(key, [])
        ],
    }
    lines = [f"{file.relative_to(ROOT)}  Ignition {config['ignition']['version']}, {len(text)} bytes"]
    lines += [f"  {kind:<7}{', '.join(names)}" for kind, names in told.items() if names]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    try:
        demo()
    except venvs.Failed as failure:
        sys.exit(str(failure))
