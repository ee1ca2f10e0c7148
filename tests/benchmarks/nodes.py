# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""200 files on running nodes: by node_config, and by as many copy tasks on a node that has been given a Python."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
import typing as t
from pathlib import Path

import yaml

from ansible_collections.flatops.flatcar.tests.benchmarks import budgets, plays
from ansible_collections.flatops.flatcar.tests.benchmarks.costs import Cost, command, row, seconds
from ansible_collections.flatops.flatcar.tests.benchmarks.documents import many
from ansible_collections.flatops.flatcar.tests.standins.node import nodes, python, tree

FILES = 200
#: Hosts of a play, and the most machines for them: some 30 use up the 128 inotify instances of an unchanged kernel.
HOSTS = (1, 10, 50)
MACHINES = 10

TEXT = many(FILES, 0).replace("path: /etc/", "path: /etc/{{ inventory_hostname }}/")
#: Where ssh asks for a terminal, stdin cannot be used.
TERMINAL = {"ansible_ssh_extra_args": "-tt"}
#: What opens the connections, and is the least that a play with a task on a node costs.
NOTHING = {"ansible.builtin.raw": "true"}

_COUNTING = """\
#!/bin/sh
case "$*" in *ControlPath*) echo >>"$TRIPS" ;; esac
exec {program} "$@"
"""

# A program that runs a command with a /var/lib/flatops of its own, by a number.
_APART = """\
mkdir -p /opt/bench /var/lib/flatops
cat >/opt/bench/apart <<'END'
#!/bin/sh
mkdir -p "/var/lib/flatops-$1" && mount --bind "/var/lib/flatops-$1" /var/lib/flatops && shift && exec "$@"
END
chmod +x /opt/bench/apart
"""


class Trip(t.NamedTuple):
    """What a play costs: on the controller, and in runs of ssh and sftp."""

    cost: Cost
    trips: int


class Bench:
    """Runs plays on nodes, with its files in a folder of its own."""

    def __init__(self, started: nodes.Nodes, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            **plays.ENVIRONMENT,
            "ANSIBLE_FORKS": str(max(HOSTS)),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(started.folder / "ssh"),
            "TRIPS": str(folder / "trips"),
        }
        for program in ("ssh", "sftp"):
            wrapper = folder / program
            wrapper.write_text(_COUNTING.format(program=shutil.which(program)))
            wrapper.chmod(0o755)
            self.env[f"ANSIBLE_{program.upper()}_EXECUTABLE"] = str(wrapper)
        inventory = json.loads(started.inventory.read_text())
        inventory["nodes"]["hosts"] = hosts(started)
        (folder / "hosts.json").write_text(json.dumps(inventory))

    def play(self, *tasks: dict[str, t.Any], hosts: int = 1, pipelining: bool = True, variables: t.Any = None) -> Trip:
        trips = self.folder / "trips"
        trips.write_text("")
        play = {"hosts": f"nodes[0:{hosts - 1}]", "gather_facts": False, "vars": variables or {}, "tasks": tasks}
        (self.folder / "play.json").write_text(json.dumps([play]))
        env = {**self.env, "ANSIBLE_PIPELINING": str(pipelining)}
        cost = command(plays.command("play.json"), cwd=self.folder, env=env)
        return Trip(cost, len(trips.read_text()))


def hosts(started: nodes.Nodes) -> dict[str, dict[str, str]]:
    """Hosts for the inventory: each machine, and as many more as are wanted, which are machines once more."""
    found = {f"host{at}": {"ansible_host": node.address} for at, node in enumerate(started.nodes)}
    for node in started.nodes:
        started.run(node.name, f"sudo sh -c {shlex.quote(_APART)}").check_returncode()
    for at in range(len(started.nodes), max(HOSTS)):
        node = started.nodes[at % len(started.nodes)]
        become = f"sudo unshare --mount /opt/bench/apart {at} sudo"
        found[f"host{at}"] = {"ansible_host": node.address, "ansible_become_exe": become}
    return found


def copies() -> list[dict[str, t.Any]]:
    """The same files as tasks, in other folders."""
    files = yaml.safe_load(TEXT.replace("path: /etc/", "path: /etc/copied/"))["storage"]["files"]
    return [
        {"ansible.builtin.copy": {"dest": file["path"], "content": file["contents"]["inline"], "mode": "0644"}}
        for file in files
    ]


def config(owner: str, text: str) -> dict[str, t.Any]:
    """A task with an owner for each host."""
    return {"flatops.flatcar.node_config": {"name": f"{owner} {{{{ inventory_hostname }}}}", "butane": text}}


def apart(word: str) -> dict[str, t.Any]:
    """The task with files and an owner of its own."""
    return config(word, TEXT.replace("path: /etc/", f"path: /etc/of-{word}-"))


def measure() -> budgets.Results:
    try:
        with nodes.running(MACHINES) as started, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            python.give(started, "node1")
            started.run("node1", "sudo mkdir -p /etc/copied/host0/service-0 /etc/copied/host0/service-1")
            bench = Bench(started, Path(folder))
            results = one_node(bench)
            many_nodes(bench)
            return results
    except (nodes.CannotStart, tree.CannotBuild) as reason:
        print(f"nodes were not measured: {reason}\n")
        return {}


def one_node(bench: Bench) -> budgets.Results:
    results: budgets.Results = {}
    bench.play(NOTHING)
    print(f"The load is {os.getloadavg()[0]:.1f}: more than the number of cores makes wall times long.")
    row(f"{FILES} files on a node, with pipelining", "node_config", "copy tasks", "ratio", "budget", "")
    ours_task = config("bench", TEXT)
    tasks = [{**task, "vars": {"ansible_python_interpreter": python.PROGRAM}} for task in copies()]
    for time, wall in budgets.NODE_WALL.items():
        ours, theirs = bench.play(ours_task), bench.play(*tasks)
        walls, processors = (ours.cost.wall, theirs.cost.wall), (ours.cost.cpu, theirs.cost.cpu)
        row(f"the {time} time, wall time", *seconds(*walls), *wall.cells(walls[0] / walls[1]))
        row("  CPU of the controller", *seconds(*processors), f"{processors[0] / processors[1]:.2f} x")
        budget = budgets.NODE_TRIPS[time]
        row("  round trips", str(ours.trips), str(theirs.trips), *budget.cells(ours.trips))
        results |= {wall: walls[0] / walls[1], budget: ours.trips}
    least, again = bench.play(NOTHING), bench.play(ours_task, pipelining=False)
    row("a play with one raw task", *seconds(least.cost.wall, least.cost.cpu), "wall, CPU")
    row("the second time, without pipelining", *seconds(again.cost.wall, again.cost.cpu), "wall, CPU")
    budget, trips = budgets.NODE_TRIPS_WITHOUT_STDIN, bench.play(apart("terminal"), variables=TERMINAL).trips
    row("the first time where ssh asks for a terminal", "", "", *budget.cells(trips))
    print()
    return results | {budget: trips}


def many_nodes(bench: Bench) -> None:
    row(f"{FILES} files on nodes at once", "wall", "CPU", "CPU a node", "trips a node", "x raw task")
    for hosts in HOSTS:
        bench.play(NOTHING, hosts=hosts)
        least = bench.play(NOTHING, hosts=hosts)
        for time in budgets.NODE_TRIPS:
            done = bench.play(apart(str(hosts)), hosts=hosts)
            name = f"{hosts} node{'s' * (hosts > 1)}, the {time} time"
            cells = *seconds(done.cost.wall, done.cost.cpu), f"{done.cost.cpu / hosts:.2f} s", f"{done.trips / hosts:g}"
            row(name, *cells, f"{done.cost.cpu / least.cost.cpu:.2f} x")
    print(
        f"{MACHINES} machines; more nodes than that are several hosts on each, with a /var/lib/flatops of their own\n"
    )
