# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a first boot makes of an Ignition config, without the boot: the disk of a node when its initrd has ended.

A program that prints it as JSON. It runs in a mount namespace of its own, with which the disk goes.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.node import ignition_tree, machine, nodes, tree

#: Where a description makes things.
PLACES = ("etc", "home", "opt", "srv", "var")
#: Ignition writes its lines in any order: it takes them from a map of Go.
PRESETS = "etc/systemd/system-preset/20-ignition.preset"


class Made(t.NamedTuple):
    """entries are by their paths; presets are the lines of Ignition's own."""

    entries: dict[str, ignition_tree.Entry]
    presets: list[str]


def made(layers: str, config: dict[str, t.Any]) -> Made:
    """What a first boot makes of the config, above the layers of running nodes. Raises IgnitionFailed."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "config.ign").write_text(json.dumps(config))
        (folder / "node").mkdir()
        done = subprocess.run(
            ["unshare", "--mount", *nodes.module("first_boot"), str(folder / "node"), layers],
            env=nodes.environment(),
            stdin=(folder / "config.ign").open(),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ignition_tree.IgnitionFailed(done.stderr)
    found = json.loads(done.stdout)
    entries = {path: ignition_tree.Entry(*entry) for path, entry in found["entries"].items()}
    return Made(entries, found["presets"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="the node's own, empty")
    parser.add_argument("layer", help="as machine.py takes it")
    given = vars(parser.parse_args())
    options = argparse.Namespace(**given, name="tree", tree=tree.usr(), address="", gateway="")
    node = machine.Node(options)
    node.format(nodes.VERSION, json.load(sys.stdin))
    slot = node.firmware()
    assert slot
    node.initrd(slot)
    # As systemd does when it finds that the boot is the first.
    presets = ["systemctl", f"--root={node.root}", "preset-all", "--preset-mode=enable-only"]
    subprocess.run(presets, check=True, capture_output=True)
    file = node.root / PRESETS
    lines = sorted(file.read_text().splitlines()) if file.exists() else []
    print(json.dumps({"entries": ignition_tree.listing(node.root, *PLACES), "presets": lines}))


if __name__ == "__main__":
    main()
