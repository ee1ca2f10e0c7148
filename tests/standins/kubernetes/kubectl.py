# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kubectl for a cluster in a JSON file, which FLATOPS_CLUSTER names.

The cluster has `nodes`, which map names to the pods that run there, and lists: `cordoned` nodes, `stuck` nodes whose
pods may not be evicted, `lost` pods, which ran on a node that was deleted, and what was `done`.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import typing as t

Cluster = dict[str, t.Any]


def cluster(*nodes: str, stuck: t.Sequence[str] = ()) -> Cluster:
    """A cluster with two pods on each node."""
    pods = {name: [f"{name}-a", f"{name}-b"] for name in nodes}
    return {"nodes": pods, "cordoned": [], "stuck": list(stuck), "lost": [], "done": []}


def install(folder: pathlib.Path) -> None:
    """Make it the kubectl of a folder in PATH."""
    folder.mkdir()
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def get(found: Cluster, options: argparse.Namespace) -> str:
    if options.kind == "poddisruptionbudgets":
        return "default/web " if found["stuck"] else ""
    if options.name in found["nodes"]:
        return f"node/{options.name}\n"
    return missing(options)


def drain(found: Cluster, options: argparse.Namespace) -> str:
    if options.name not in found["nodes"]:
        return missing(options)
    found["cordoned"].append(options.name)
    if options.name in found["stuck"]:
        raise SystemExit("error when evicting pods: Cannot evict pod as it would violate the pod's disruption budget.")
    free = [name for name in found["nodes"] if name not in found["cordoned"]]
    if not free:
        raise SystemExit("error: no node is left for the pods")
    found["nodes"][free[0]] += found["nodes"][options.name]
    found["nodes"][options.name] = []
    return f"node/{options.name} drained\n"


def delete(found: Cluster, options: argparse.Namespace) -> str:
    if options.name not in found["nodes"]:
        return missing(options)
    found["lost"] += found["nodes"].pop(options.name)
    return f'node "{options.name}" deleted\n'


def missing(options: argparse.Namespace) -> str:
    if getattr(options, "ignore_not_found", False):
        return ""
    raise SystemExit(f'Error from server (NotFound): nodes "{options.name}" not found')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kubeconfig", type=pathlib.Path, required=True)
    parser.add_argument("--request-timeout")
    actions = parser.add_subparsers(required=True)
    for action, kinds in ((get, ["node", "poddisruptionbudgets"]), (drain, []), (delete, ["node"])):
        subparser = actions.add_parser(action.__name__)
        if kinds:
            subparser.add_argument("kind", choices=kinds)
        subparser.add_argument("name", nargs="?" if action is get else None)
        subparser.set_defaults(action=action)
        if action is get:
            subparser.add_argument("--all-namespaces", action="store_true")
            subparser.add_argument("--ignore-not-found", action="store_true")
            subparser.add_argument("--output")
        if action is drain:
            subparser.add_argument("--ignore-daemonsets", action="store_true")
            subparser.add_argument("--delete-emptydir-data", action="store_true")
            subparser.add_argument("--timeout")
    options = parser.parse_args()
    options.kubeconfig.read_bytes()
    file = pathlib.Path(os.environ["FLATOPS_CLUSTER"])
    found: Cluster = json.loads(file.read_text(encoding="utf-8"))
    try:
        print(options.action(found, options), end="")
        if options.name:
            found["done"].append([options.action.__name__, options.name])
    finally:
        file.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
