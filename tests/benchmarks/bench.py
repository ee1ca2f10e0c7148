# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the collection is, as ratios to what else has to be done with the same input: `make bench`.

All numbers of a table come from one run on one machine; only their ratios mean something elsewhere. The environment
says where the real programs (BUTANE, GOVC, VCSIM) and the collections community.vmware (COMMUNITY_VMWARE) and
azure.azcollection (AZURE_AZCOLLECTION, AZURE_AZCOLLECTION_PYTHON) are, how many hosts the plays have (HOSTS, 1000
unless told) and which parts run (PARTS, by their names with spaces between, all unless told). The last table has all
budgets, and the machine above it. What is over its budget is printed as such, and is no failure; a part that cannot be
measured is one, and the others go on.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
import tempfile
import typing as t
from functools import partial
from pathlib import Path

import yaml
from ansible import release

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.transpile import transpile
from ansible_collections.flatops.flatcar.tests.benchmarks import (
    azure_upload,
    azure_vms,
    budgets,
    nodes,
    plays,
    starts,
    vsphere,
)
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import (
    Cost,
    best,
    cheapest,
    command,
    milliseconds,
    row,
)
from ansible_collections.flatops.flatcar.tests.benchmarks.documents import DOCUMENTS, EMPTY
from ansible_collections.flatops.flatcar.tests.conformance.bounded import outcome
from ansible_collections.flatops.flatcar.tests.conformance.hostile_documents import HOSTILE


def machine() -> None:
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    libyaml = "with libyaml" if yaml.__with_libyaml__ else "WITHOUT libyaml"
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{models[0] if models else platform.processor()}, {cores}, {platform.platform()}")
    print(
        f"Python {platform.python_version()}, PyYAML {yaml.__version__} {libyaml}, ansible-core {release.__version__}\n"
    )


def transpiling() -> budgets.Results:
    results: budgets.Results = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    row("transpile, CPU in process", "engine", "yaml.load", "ratio", "budget", "")
    for name, text in DOCUMENTS.items():
        done = transpile(text)
        if done.failed:
            raise RuntimeError(f"{name}: {done.report}")
        ours, theirs = best(partial(transpile, text)), best(partial(yaml.load, text, loader))
        budget = budgets.TRANSPILE[name]
        results[budget] = ours / theirs
        row(name, milliseconds(ours), milliseconds(theirs), *budget.cells(ours / theirs))
    print()
    return results


def butane() -> budgets.Results:
    program = os.environ.get("BUTANE")
    if not program:
        print("the butane program was not measured: BUTANE does not name it\n")
        return {}
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
    return {}


def rendering() -> budgets.Results:
    results: budgets.Results = {}
    hosts = int(os.environ.get("HOSTS", "1000"))
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        plays.write(Path(work), hosts)

        def play(name: str) -> Cost:
            return command(plays.command(name), cwd=work, env={**os.environ, **plays.ENVIRONMENT})

        row(f"{hosts} hosts in one play, CPU", "play", "compared", "ratio", "budget", "")
        for name, ours, compared, budget in (
            ("filter in a set_fact, and a plain set_fact", "filter.yml", "plain.yml", budgets.FILTER),
            ("playbook render, and 5 set_fact tasks", plays.RENDER, "five.yml", budgets.RENDER),
        ):
            mine, other = play(ours), play(compared)
            results[budget] = mine.cpu / other.cpu
            row(name, f"{mine.cpu:.1f} s", f"{other.cpu:.1f} s", *budget.cells(mine.cpu / other.cpu))
            row("  wall time", f"{mine.wall:.1f} s", f"{other.wall:.1f} s", f"{mine.wall / other.wall:.2f} x")
    print()
    return results


def hostile() -> budgets.Results:
    costs: dict[str, tuple[float, float]] = {}
    for name, document in HOSTILE.items():
        source = document.make()
        done = outcome(source.encode() if isinstance(source, str) else source)
        costs[name] = done.seconds, done.memory / 2**20
    row(f"hostile input, worst of {len(costs)}", "CPU", "memory")
    for name in sorted(costs, key=costs.__getitem__, reverse=True)[:10]:
        row(name, f"{costs[name][0]:.2f} s", f"{costs[name][1]:.0f} MiB")
    most = max(costs, key=lambda name: costs[name][1])
    print(f"most memory: {costs[most][1]:.0f} MiB for {most}\n")
    return {
        budgets.HOSTILE_TIME: max(seconds for seconds, dummy in costs.values()),
        budgets.HOSTILE_MEMORY: costs[most][1],
    }


PARTS: dict[str, t.Callable[[], budgets.Results]] = {
    "transpile": transpiling,
    "butane": butane,
    "render": rendering,
    "hostile": hostile,
    "starts": starts.measure,
    "node": nodes.measure,
    "azure": azure_vms.measure,
    "azure_upload": azure_upload.measure,
    "vsphere": vsphere.measure,
}


def main() -> int:
    parts = os.environ.get("PARTS", "").split() or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"PARTS: there is no part {' '.join(unknown)}; the parts are {' '.join(PARTS)}", file=sys.stderr)
        return 2
    results: budgets.Results = {}
    failed: list[str] = []
    try:
        for part in parts:
            try:
                results |= PARTS[part]()
            except RuntimeError as error:
                print(f"{part} could not be measured: {error}\n", flush=True)
                failed.append(part)
    finally:
        machine()
        budgets.table(results)
    return int(failed != [])


if __name__ == "__main__":
    # An exception ends what runs for a measurement.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
