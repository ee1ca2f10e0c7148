# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the collection is, as ratios to what else has to be done with the same input: `make bench`.

All numbers of a table come from one run on one machine; only their ratios mean something elsewhere. The environment
says where the real programs (BUTANE, GOVC, VCSIM) and the collections community.vmware (COMMUNITY_VMWARE) and
azure.azcollection (AZURE_AZCOLLECTION, AZURE_AZCOLLECTION_PYTHON) are, how many hosts the plays have (HOSTS, 1000
unless told) and which parts run (PARTS, by their names with spaces between, all unless told). Nothing fails here: a
ratio over its budget is printed as such.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import typing as t
from functools import partial
from pathlib import Path

import yaml
from ansible import release

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile
from ansible_collections.flatops.flatcar.tests.benchmarks import azure, azure_upload, nodes, plays, vsphere
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import (
    Cost,
    best,
    cheapest,
    command,
    milliseconds,
    row,
    verdict,
)
from ansible_collections.flatops.flatcar.tests.benchmarks.documents import DOCUMENTS, EMPTY
from ansible_collections.flatops.flatcar.tests.conformance.bounded import outcome
from ansible_collections.flatops.flatcar.tests.conformance.hostile_documents import HOSTILE

#: At most so many times yaml.load's CPU time for the same text.
TRANSPILE_BUDGETS = {"60 lines": 5.0, "100 KB, 200 files, 20 units": 3.0, "1 MB": 3.0}

#: At most so many times the CPU time of the play that is compared with.
FILTER_BUDGET = 1.2
RENDER_BUDGET = 3.0

#: Bounds of hostile input of up to 5 MB.
HOSTILE_SECONDS = 10.0
HOSTILE_MEGABYTES = 300.0


def machine() -> None:
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    libyaml = "with libyaml" if yaml.__with_libyaml__ else "WITHOUT libyaml"
    print(f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {platform.platform()}")
    print(
        f"Python {platform.python_version()}, PyYAML {yaml.__version__} {libyaml}, ansible-core {release.__version__}\n"
    )


def transpiling() -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    row("transpile, CPU in process", "engine", "yaml.load", "ratio", "budget", "")
    for name, text in DOCUMENTS.items():
        done = transpile(text)
        if done.failed:
            raise RuntimeError(f"{name}: {done.report}")
        ours, theirs = best(partial(transpile, text)), best(partial(yaml.load, text, loader))
        row(name, milliseconds(ours), milliseconds(theirs), *verdict(ours / theirs, TRANSPILE_BUDGETS[name]))
    print()


def butane() -> None:
    program = os.environ.get("BUTANE")
    if not program:
        print("the butane program was not measured: BUTANE does not name it\n")
        return
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    start = cheapest([program], EMPTY.encode())
    row("the butane program", "CPU", "wall", "CPU-start", "x yaml.load", "x engine")
    row("a document without contents", milliseconds(start.cpu), milliseconds(start.wall))
    for name, text in DOCUMENTS.items():
        cost = cheapest([program], text.encode())
        ours, theirs = best(partial(transpile, text)), best(partial(yaml.load, text, loader))
        ratios = f"{cost.cpu / theirs:.1f}", f"{cost.cpu / ours:.1f}"
        row(name, milliseconds(cost.cpu), milliseconds(cost.wall), milliseconds(cost.cpu - start.cpu), *ratios)
    print()


def rendering() -> None:
    hosts = int(os.environ.get("HOSTS", "1000"))
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        plays.write(Path(work), hosts)

        def play(name: str) -> Cost:
            return command(plays.command(name), cwd=work, env={**os.environ, **plays.ENVIRONMENT})

        row(f"{hosts} hosts in one play, CPU", "play", "compared", "ratio", "budget", "")
        for name, ours, compared, budget in (
            ("filter in a set_fact, and a plain set_fact", "filter.yml", "plain.yml", FILTER_BUDGET),
            ("playbook render, and 5 set_fact tasks", plays.RENDER, "five.yml", RENDER_BUDGET),
        ):
            mine, other = play(ours), play(compared)
            row(name, f"{mine.cpu:.1f} s", f"{other.cpu:.1f} s", *verdict(mine.cpu / other.cpu, budget))
            row("  wall time", f"{mine.wall:.1f} s", f"{other.wall:.1f} s", f"{mine.wall / other.wall:.2f} x")
    print()


def hostile() -> None:
    costs: dict[str, tuple[float, float]] = {}
    for name, document in HOSTILE.items():
        source = document.make()
        done = outcome(source.encode() if isinstance(source, str) else source)
        costs[name] = done.seconds, done.memory / 2**20
    row(f"hostile input, worst of {len(costs)}", "CPU", "bound", "memory", "bound", "")
    for name in sorted(costs, key=costs.__getitem__, reverse=True)[:10]:
        seconds, megabytes = costs[name]
        within = seconds <= HOSTILE_SECONDS and megabytes <= HOSTILE_MEGABYTES
        bounds = f"{HOSTILE_SECONDS:g} s", f"{megabytes:.0f} MB", f"{HOSTILE_MEGABYTES:g} MB"
        row(name, f"{seconds:.2f} s", *bounds, "within" if within else "OVER")
    most = max(costs, key=lambda name: costs[name][1])
    print(f"most memory: {costs[most][1]:.0f} MB for {most}\n")


PARTS: dict[str, t.Callable[[], None]] = {
    "transpile": transpiling,
    "butane": butane,
    "render": rendering,
    "hostile": hostile,
    "node": nodes.measure,
    "azure": azure.measure,
    "azure_upload": azure_upload.measure,
    "vsphere": vsphere.measure,
}


def main() -> int:
    parts = os.environ.get("PARTS", "").split() or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"PARTS: there is no part {' '.join(unknown)}; the parts are {' '.join(PARTS)}", file=sys.stderr)
        return 2
    machine()
    for part in parts:
        PARTS[part]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
