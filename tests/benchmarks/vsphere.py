# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OVAs at a simulated vCenter: by our import, by govc, and by community.vmware; and clones with an Ignition each.

community.vmware comes from PyPI's package ansible; tests/tools/peers.py makes it work with the simulator. It verifies
no manifest.
"""

from __future__ import annotations

import base64
import collections.abc
import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection
from ansible_collections.flatops.flatcar.tests.benchmarks import budgets, plays
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import (
    Usage,
    least,
    median,
    row,
    seconds,
    used,
)
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim

#: Of each measurement, one after another in turn.
ROUNDS = 5
#: MiB of random bytes on the disk of each OVA.
OVAS = {"tiny": 0, "large": 200}
CLONES = (1, 10, 50)

_GOVC = "-pool=/DC0/host/DC0_C0/Resources", "-ds=LocalDS_0"


class Bench:
    """Runs imports at a simulator, with its files in a folder of its own."""

    def __init__(self, server: vcsim.Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.options = {**server.options(), "ca_path": str(server.ca_path)}
        self.count = 0
        self.env = {
            **os.environ,
            **plays.ENVIRONMENT,
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(
                [os.environ["ANSIBLE_COLLECTIONS_PATH"], os.environ["COMMUNITY_VMWARE"]]
            ),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "GOVC_PERSIST_SESSION": "false",
            "GOVC_TLS_CA_CERTS": str(server.ca_path),
            "GOVC_URL": f"https://{server.host}:{server.port}/sdk",
            "GOVC_USERNAME": server.username,
            "GOVC_PASSWORD": server.password,
        }
        connected = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"localhost": connected}}}))

    def name(self) -> str:
        self.count += 1
        return f"bench{self.count}"

    def run(self, words: collections.abc.Sequence[str]) -> Usage:
        return used(words, self.folder, self.env)

    def play(self, *tasks: dict[str, t.Any]) -> Usage:
        play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
        (self.folder / "play.json").write_text(json.dumps([play]))
        return self.run(plays.command("play.json"))

    def govc(self, path: Path) -> Usage:
        return self.run([os.environ["GOVC"], "import.ova", f"-name={self.name()}", *_GOVC, str(path)])

    def alone(self, path: Path) -> Usage:
        """Our import in a process of its own."""
        return self.run([sys.executable, __file__, json.dumps([self.options, str(path), self.name()])])

    def module(self, path: Path) -> Usage:
        options = {**self.options, **vcsim.PLACE, "name": self.name(), "ova": str(path), "power_state": "powered_off"}
        return self.play({"flatops.flatcar.vsphere_vm": options})

    def peer(self, path: Path) -> Usage:
        options = {key: value for key, value in self.options.items() if key != "ca_path"}
        more = {"validate_certs": False, "ovf": str(path), "name": self.name(), "power_on": False}
        return self.play({"community.vmware.vmware_deploy_ovf": {**options, **vcsim.PLACE, **more}})

    def floor(self, path: Path) -> Usage:
        """A play with nothing to do."""
        return self.play({"ansible.builtin.ping": {}})


def measure() -> budgets.Results:
    missing = [name for name in ("GOVC", "COMMUNITY_VMWARE") if not os.environ.get(name)]
    try:
        if missing:
            raise vcsim.CannotStart(f"{' and '.join(missing)} must say where these are")
        with vcsim.vcsim() as server, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            bench = Bench(server, Path(folder))
            results = imports(bench)
            clones(bench)
            return results
    except vcsim.CannotStart as reason:
        print(f"vSphere was not measured: {reason}\n")
        return {}


def imports(bench: Bench) -> budgets.Results:
    ways: dict[str, t.Callable[[Path], Usage]] = {
        "govc import.ova": bench.govc,
        "our import in a plain process": bench.alone,
        "a play with vsphere_vm": bench.module,
        "a play with vmware_deploy_ovf": bench.peer,
        "a play with ping": bench.floor,
    }
    print(f"The load is {os.getloadavg()[0]:.1f}: more than the number of cores makes wall times long.")
    usages: dict[str, dict[str, list[Usage]]] = {size: {name: [] for name in ways} for size in OVAS}
    for size, random in OVAS.items():
        command = [sys.executable, ova.__file__, str(bench.folder / f"{size}.ova"), f"--random={random}"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    for dummy in range(ROUNDS):
        for size in OVAS:
            for name, work in ways.items():
                usages[size][name].append(work(bench.folder / f"{size}.ova"))
    for size in OVAS:
        row(f"{size} OVA, medians of {ROUNDS}", "wall", "CPU", "peak memory", "fastest", "slowest")
        for name, several in usages[size].items():
            usage, walls = median(several), [each.wall for each in several]
            memory = f"{usage.memory:.0f} MiB"
            row(name, *seconds(usage.wall, usage.cpu), memory, *seconds(min(walls), max(walls)))
    print()
    return judged(usages["tiny"], usages["large"])


def judged(tiny: dict[str, list[Usage]], large: dict[str, list[Usage]]) -> budgets.Results:
    """The transfer is what the large OVA takes longer than the tiny one; times are the least that were seen."""
    row("large OVA", "ours", "compared", "ratio", "budget", "")
    govc, alone, module, peer = list(tiny)[:4]
    results: budgets.Results = {}
    mine, other = (least(large[name]).wall - least(tiny[name]).wall for name in (alone, govc))
    results[budgets.OVA_WALL] = mine / other
    row(f"transfer: {alone}", *seconds(mine, other), *budgets.OVA_WALL.cells(mine / other))
    mine, other = least(large[module]).cpu, least(large[peer]).cpu
    results[budgets.OVA_CPU] = mine / other
    row(f"CPU: {module}", *seconds(mine, other), *budgets.OVA_CPU.cells(mine / other))
    for name, budget in ((alone, budgets.OVA_MEMORY), (module, budgets.OVA_PLAY_MEMORY)):
        results[budget] = memory = median(large[name]).memory
        row(f"peak memory: {name}", "", "", *budget.cells(memory))
    print()
    return results


def clones(bench: Bench) -> None:
    """Each from one template, with a config of 8 KiB of its own, by one task."""
    path = bench.folder / "tiny.ova"
    template = {"name": "t", "ova": str(path), "state": "template"}
    bench.play({"flatops.flatcar.vsphere_vm": {**bench.options, **vcsim.PLACE, **template}})
    row("clones with an Ignition each, vsphere_vm", "wall", "CPU", "CPU a clone", "peak memory", "second run")
    for count in CLONES:
        instances = []
        for number in range(count):
            config = bench.folder / f"{count}-{number}.ign"
            config.write_text(json.dumps(_ignition(f"clone{count}-{number}")))
            config.chmod(0o600)
            instances.append({"name": f"clone{count}-{number}", "ignition_file": str(config)})
        where = {key: value for key, value in vcsim.PLACE.items() if key != "networks"}
        task = {"flatops.flatcar.vsphere_vm": {**bench.options, **where, "template": "t", "instances": instances}}
        first, second = bench.play(task), bench.play(task)
        cells = *seconds(first.wall, first.cpu, first.cpu / count), f"{first.memory:.0f} MiB", *seconds(second.wall)
        row(f"{count} clone{'s' * (count > 1)}", *cells)
    print()


def _ignition(name: str) -> dict[str, t.Any]:
    data = base64.b64encode(os.urandom(6 << 10)).decode()
    files = [
        {"path": "/etc/hostname", "contents": {"source": f"data:,{name}"}},
        {"path": "/opt/data", "contents": {"source": f"data:;base64,{data}"}},
    ]
    return {"ignition": {"version": "3.3.0"}, "storage": {"files": files}}


def main() -> None:
    """One import, for Bench.alone, in a process of its own."""
    from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import import_ova, inventory, ova_source
    from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Wanted
    from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova

    options, path, name = json.loads(sys.argv[1])
    with connection.connect(connection.Settings(**options)) as session:
        there = inventory.Inventory.load(session)
        place = there.place(inventory.Wanted(cluster="DC0_C0", datastore="LocalDS_0"))
        import_ova.import_ova(session, there, place, open_ova(ova_source.source(path=path)), Wanted(name))


if __name__ == "__main__":
    main()
