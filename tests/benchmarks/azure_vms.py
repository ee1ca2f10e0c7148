# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs on the stand-in of Azure: by one azure_vm task, and by azure.azcollection; and what a look at it costs.

azure.azcollection comes from PyPI's package ansible, and runs with a Python of its own, since it wants other versions
of Microsoft's packages; tests/tools/peers.py makes both. It makes a VM a task.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.tests.benchmarks import budgets, plays
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import Usage, median, row, seconds, used
from ansible_collections.flatops.flatcar.tests.standins.arm import client

COUNTS = (1, 10, 100)
#: VMs that azure.azcollection makes; the rest is reckoned.
PEER_COUNT = 2
#: Of each look.
ROUNDS = 3

_OFFER = "flatcar-container-linux-corevm-amd64"
_WHERE = {"resource_group": "bench", "location": "westeurope"}
_MACHINE = {
    **_WHERE,
    "create_resource_group": True,
    "create_network": True,
    "outbound": "nat_gateway",
    "vm_size": "Standard_D2s_v5",
    "image": {"channel": "stable", "offer": _OFFER},
}
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOvFNNtmHbFPKZ0rB9R4bA3nNUmbtVkhHhOTRsbJKRtG bench"
_PEER = "ansible_collections.azure.azcollection.plugins.modules.azure_rm_virtualmachine"
_MODULES = "ansible_collections.flatops.flatcar.plugins.modules"
#: Runs that only look.
_LOOKS: dict[str, dict[str, t.Any]] = {
    "azure_image_info": {"location": "westeurope", "channel": "stable", "version": "latest"},
    "azure_image_terms": {"location": "westeurope", "channel": "stable", "_ansible_check_mode": True},
    "azure_vm_info": {"resource_group": "bench"},
    "azure_vm": {**_WHERE, "name": "none", "state": "absent"},
    "azure_image": {**_WHERE, "name": "none", "state": "absent"},
}


class Bench:
    """Runs plays and modules at the stand-in, with files in a folder of its own."""

    def __init__(self, server: client.Server, folder: Path) -> None:
        self.folder = folder
        paths = [os.environ["ANSIBLE_COLLECTIONS_PATH"], os.environ.get("AZURE_AZCOLLECTION", "")]
        self.env = {
            **os.environ,
            **plays.ENVIRONMENT,
            **server.environment(),
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(filter(None, paths)),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        }

    def run(self, words: list[str]) -> Usage:
        return used(words, self.folder, self.env)

    def play(self, *tasks: dict[str, t.Any], python: str = sys.executable) -> Usage:
        connected = {"ansible_connection": "local", "ansible_python_interpreter": python}
        (self.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"localhost": connected}}}))
        play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
        (self.folder / "play.json").write_text(json.dumps([play]))
        return self.run(plays.command("play.json"))

    def ours(self, count: int) -> Usage:
        """One task, with an Ignition config of its own for each VM."""
        instances = []
        for number in range(count):
            name = f"bench{count}-{number}"
            config = self.folder / f"{name}.ign"
            config.write_text(json.dumps(_ignition(name)))
            instances.append({"name": name, "ignition_file": str(config)})
        return self.play({"flatops.flatcar.azure_vm": {**_MACHINE, "instances": instances}})

    def peers(self, count: int) -> Usage:
        """A task for each VM, in the network that is there.

        The config is user data: where these are not given it sends the text None as such (azure.azcollection 3.12.0),
        and then Ignition never looks at custom data.
        """
        options = {
            **_WHERE,
            "name": "peer-{{ item }}",
            "vm_size": _MACHINE["vm_size"],
            "image": {"publisher": "kinvolk", "offer": _OFFER, "sku": "stable-gen2", "version": "latest"},
            "admin_username": "core",
            "ssh_password_enabled": False,
            "ssh_public_keys": [{"path": "/home/core/.ssh/authorized_keys", "key_data": _KEY}],
            "user_data": json.dumps(_ignition("peer")),
            "managed_disk_type": "Premium_LRS",
            "virtual_network_name": "bench-vnet",
            "subnet_name": "default",
            "public_ip_allocation_method": "Disabled",
            "created_nsg": False,
            "disable_instance_discovery": True,
        }
        task = {"azure.azcollection.azure_rm_virtualmachine": options, "loop": list(range(count))}
        return self.play(task, python=os.environ["AZURE_AZCOLLECTION_PYTHON"])

    def floor(self) -> Usage:
        """A play with nothing to do."""
        return self.play({"ansible.builtin.ping": {}})


def measure() -> budgets.Results:
    with client.arm() as server, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(server, Path(folder))
        looks(bench)
        return machines(bench)


def machines(bench: Bench) -> budgets.Results:
    print(f"The load is {os.getloadavg()[0]:.1f}: more than the number of cores makes wall times long.")
    row("VMs with an Ignition each, azure_vm", "wall", "CPU", "CPU a VM", "peak memory", "second run")
    usages: dict[int, Usage] = {}
    for count in COUNTS:
        first = usages[count] = bench.ours(count)
        second = bench.ours(count)
        cells = *seconds(first.wall, first.cpu, first.cpu / count), f"{first.memory:.0f} MiB", *seconds(second.wall)
        row(f"{count} VM{'s' * (count > 1)}", *cells)
    print()
    most, floor = COUNTS[-1], bench.floor()
    memory = usages[most].memory
    python = os.environ.get("AZURE_AZCOLLECTION_PYTHON")
    if not python:
        print("azure.azcollection was not measured: AZURE_AZCOLLECTION_PYTHON does not name its Python\n")
        return {budgets.AZURE_MEMORY: memory}
    row(f"{most} VMs", "ours", "compared", "ratio", "budget", "")
    try:
        peer = (bench.peers(PEER_COUNT).cpu - floor.cpu) / PEER_COUNT
        what, budget = f"CPU: {most} x azure_rm_virtualmachine", budgets.AZURE_CPU
    except RuntimeError as error:
        print(f"azure_rm_virtualmachine does not work with the stand-in, its import alone counts: {str(error)[-300:]}")
        peer = bench.run([python, "-c", f"import {_PEER}"]).cpu
        what, budget = f"CPU: {most} imports of azure_rm_virtualmachine", budgets.AZURE_CPU_TO_IMPORTS
    mine, other = usages[most].cpu, peer * most + floor.cpu
    row(what, *seconds(mine, other), *budget.cells(mine / other))
    row(f"peak memory: {most} VMs", "", "", *budgets.AZURE_MEMORY.cells(memory))
    print()
    return {budget: mine / other, budgets.AZURE_MEMORY: memory}


def looks(bench: Bench) -> None:
    """Each module in a run that looks and changes nothing."""
    row(f"a look by a module, medians of {ROUNDS}", "CPU", "wall", "memory")
    for name, options in _LOOKS.items():
        given = bench.folder / f"{name}.json"
        given.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
        look = median([bench.run([sys.executable, "-m", f"{_MODULES}.{name}", str(given)]) for dummy in range(ROUNDS)])
        row(name, *seconds(look.cpu, look.wall), f"{look.memory:.0f} MiB")
    print()


def _ignition(name: str) -> dict[str, t.Any]:
    files = [{"path": "/etc/hostname", "contents": {"source": f"data:,{name}"}}]
    return {"ignition": {"version": "3.3.0"}, "storage": {"files": files}}
