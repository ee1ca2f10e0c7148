# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection may cost at the most, and one table of what it does cost."""

from __future__ import annotations

import collections.abc
import typing as t

from ansible_collections.flatops.flatcar.tests.benchmarks.costs import row


class Budget(t.NamedTuple):
    """The most that something may cost: so many times what it is compared with, or so much of a unit."""

    what: str
    limit: float
    unit: str = "x"

    def cells(self, value: float) -> tuple[str, str, str]:
        """For a row of a table: the value, the limit, the verdict."""
        return f"{value:.3g} {self.unit}", f"{self.limit:g} {self.unit}", "within" if value <= self.limit else "OVER"


#: What was measured of the budgets.
Results = dict[Budget, float]

TRANSPILE = {
    "60 lines": Budget("transpile 60 lines: CPU, to yaml.load", 5),
    "100 KB, 200 files, 20 units": Budget("transpile 100 KB: CPU, to yaml.load", 3),
    "1 MB": Budget("transpile 1 MB: CPU, to yaml.load", 3),
}
FILTER = Budget("filter for each host: CPU, to a plain set_fact", 1.2)
RENDER = Budget("render for each host: CPU, to 5 set_fact tasks", 3)
HOSTILE_TIME = Budget("worst hostile input: CPU", 10, "s")
HOSTILE_MEMORY = Budget("worst hostile input: memory", 300, "MiB")
NODE_WALL = {
    "first": Budget("200 files, first time: wall, to copy tasks", 1 / 20),
    "second": Budget("200 files, second time: wall, to copy tasks", 1 / 20),
}
NODE_TRIPS = {
    "first": Budget("200 files, first time: round trips", 2, "trips"),
    "second": Budget("200 files, second time: round trips", 1, "trips"),
}
NODE_TRIPS_WITHOUT_STDIN = Budget("200 files without stdin: round trips", 6, "trips")
AZURE_CPU = Budget("100 VMs: CPU, to azure_rm_virtualmachine", 1 / 10)
#: In its place where azure_rm_virtualmachine does not work with the stand-in.
AZURE_CPU_TO_IMPORTS = Budget("100 VMs: CPU, to azcollection's import alone", 1 / 10)
AZURE_MEMORY = Budget("100 VMs: memory", 150, "MiB")
OVA_WALL = Budget("200 MB OVA: wall of the transfer, to govc", 1.5)
OVA_CPU = Budget("200 MB OVA: CPU, to vmware_deploy_ovf", 1)
OVA_MEMORY = Budget("200 MB OVA: memory of the import", 80, "MiB")
OVA_PLAY_MEMORY = Budget("200 MB OVA: memory of a whole play", 80, "MiB")

BUDGETS = (
    *TRANSPILE.values(),
    FILTER,
    RENDER,
    HOSTILE_TIME,
    HOSTILE_MEMORY,
    *NODE_WALL.values(),
    *NODE_TRIPS.values(),
    NODE_TRIPS_WITHOUT_STDIN,
    AZURE_CPU,
    AZURE_CPU_TO_IMPORTS,
    AZURE_MEMORY,
    OVA_WALL,
    OVA_CPU,
    OVA_MEMORY,
    OVA_PLAY_MEMORY,
)


def table(results: collections.abc.Mapping[Budget, float]) -> None:
    """A row for each budget, also for those that were not measured."""
    row("all budgets", "measured", "budget", "")
    for budget in BUDGETS:
        if budget in results:
            row(budget.what, *budget.cells(results[budget]))
        else:
            row(budget.what, "", f"{budget.limit:g} {budget.unit}", "not measured")
