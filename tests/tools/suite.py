# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of the collection, on a fresh clone as well: `make test`."""

from __future__ import annotations

import os
import re
import sys
import threading
from functools import partial
from pathlib import Path

import azurite
import check
import demo
import gotools
import lint
import peers
import pythons
import venvs
from cores import CORES, Core, Place, home, prepare
from places import BIN, CACHE, ROOT, live
from steps import Run, guarded

#: Documents that each fuzzer compares here; `make conformance` takes more.
DOCUMENTS = "1000"
#: The tests on nodes mostly wait for them, so that some files of them run at once, each with nodes of its own.
ON_NODES = ["-n", "4", "--dist", "loadfile", "tests/node"]
#: A cluster is busy by itself, and its nodes take of the machine's few inotify instances.
ON_CLUSTERS = ["-n", "2", "--dist", "loadfile", "tests/cluster"]
#: Half of what these do is to wait for a simulator.
ON_VSPHERE = ["-n", "2", "--dist", "loadfile", "tests/vsphere"]
#: What takes long and shows nothing of ansible-core runs on one release alone: on the oldest, which each run needs, but
#: what it shows of Azure on the newest one, so that both take as long.
ONCE = ["-m", "not one_core"]
#: The cores in module_utils import nothing of ansible-core: for them the oldest and the newest Python count.
WITHOUT_CORES = ["--ignore=tests/unit/plugins/module_utils"]
#: Those on the stand-in of Azure, each file with a stand-in of its own, wait as well.
ON_AZURE = ["-n", "2", "--dist", "loadfile", "tests/azure"]
#: Targets of integration tests that take minutes, for the oldest ansible-core alone.
LONG = re.compile(r"azure_|ova_info$|release_image$|vsphere_vm$")
#: Those of what runs inside of ansible-core itself, for the releases between the oldest and the newest.
INSIDE = re.compile(r"filter_|lookup_|test_|playbook_|ignition$")
#: Held by the core that plays on test nodes: more of them at once would slow each other down.
NODES = threading.Lock()
#: Held by the job that builds the real programs, or finds that they are built.
BUILDING = threading.Lock()


def on_core(run: Run, core: Core) -> None:
    """The tests that depend on ansible-core, and on Python."""
    found = pythons.first(core.pythons)
    if found is None:
        wanted = " or ".join(core.pythons)
        run.could_not_run(f"{core.release} all", f"no Python {wanted} on PATH or under pyenv", needed=core.needed)
        return
    version, interpreter = found
    place = prepare(core, interpreter)
    built = programs()
    name = f"{core.release} on Python {version}:"
    there = [one for one in CORES if pythons.first(one.pythons)]
    oldest = core is CORES[0]
    chosen = [] if oldest else ONCE
    of_azure = [] if core is [one for one in there if one.whole][-1] else ONCE

    def nodes() -> None:
        with NODES:
            env = {**gotools.kubernetes(), **peers.kubernetes_core()}
            tests(run, place, f"{name} nodes", [*ON_NODES, *chosen], env)
            tests(run, place, f"{name} clusters", [*ON_CLUSTERS, *chosen], env)
            if oldest:
                with BUILDING:
                    script = demo.prepared()
                # That has a core of its own; what looks at it runs with this one.
                tests(run, place, "demo", ["tests/demo"], {"DEMO": str(script)})

    # The oldest core ends with them: neither waits for the other.
    if core.whole and not oldest:
        nodes()
    tests(run, place, f"{name} unit", ["tests/unit", *([] if core.whole else WITHOUT_CORES)])
    tests(run, place, f"{name} tarball", ["tests/package"])
    integration = ["integration", "--python", version, *targets(core)]
    ansible_test(run, place, f"{name} integration", "integration test", integration)
    # The newest release has the most checks.
    of_sanity = [] if core is there[-1] else ["--test", "import", "--test", "validate-modules"]
    ansible_test(run, place, f"{name} sanity", "Running sanity test", ["sanity", "--python", version, *of_sanity])
    if core.whole:
        tests(run, place, f"{name} conformance", ["tests/conformance"])
        tests(run, place, f"{name} azure", [*ON_AZURE, *of_azure], built)
        tests(run, place, f"{name} vsphere", [*ON_VSPHERE, *chosen], built)
    if oldest:
        nodes()


def programs() -> dict[str, str]:
    """The environment variables that name the real programs, which are built or installed when they are not there."""
    with BUILDING:
        return {**gotools.build(), **azurite.install()}


def targets(core: Core) -> list[str]:
    """The targets of integration tests for a core."""
    folders = sorted((ROOT / "tests" / "integration" / "targets").iterdir())
    names = [folder.name for folder in folders if not folder.name.startswith("setup_")]
    if core is CORES[0]:
        return names
    return [name for name in names if not LONG.match(name) and (core.whole or INSIDE.match(name))]


def tests(run: Run, place: Place, name: str, arguments: list[str], env: dict[str, str] | None = None) -> None:
    command = [f"{place.bin}/python", "-m", "pytest", "-q", *arguments]
    # The tree of the test nodes is the same for each copy of the collection.
    env = {**place.env, **(env or {}), "PYTHONPATH": str(place.root), "FLATOPS_NODE_CACHE": str(CACHE / "node")}
    run.step(name, command, place.collection, env, tests=True)


def ansible_test(run: Run, place: Place, name: str, proof: str, arguments: list[str]) -> None:
    command = [f"{place.bin}/ansible-test", *arguments, "--color", "no"]
    # ansible-test lets no variable of ours through; the targets find the programs on PATH.
    env = {**place.env, "PATH": os.pathsep.join([place.env["PATH"], str(BIN)])}
    run.step(name, command, place.collection, env, proof=proof)


def against_the_programs(run: Run, bin_folder: Path, documents: str) -> None:
    """The fuzzers, which compare with the real programs."""
    built = programs()
    for fuzzer in sorted((ROOT / "tests" / "conformance").glob("fuzz_*.py")):
        run.step(
            f"{fuzzer.stem}, {documents} documents",
            [f"{bin_folder}/python", "-m", "pytest", "-q", "-s", str(fuzzer)],
            ROOT,
            {**built, "PYTHONPATH": str(live()), "DOCUMENTS": documents},
            tests=True,
        )


def on_awx(run: Run) -> None:
    """The project for AWX, as AWX runs it, with one core."""
    lists = ("requirements.txt", "requirements-azure.txt", "requirements-awx.txt")
    bin_folder = venvs.with_core("awx", *lists)
    root = str(live())
    env = {
        "HOME": str(home(CACHE / "awx" / "home")),
        "PYTHONPATH": root,
        "ANSIBLE_COLLECTIONS_PATH": root,
        "FLATOPS_NODE_CACHE": str(CACHE / "node"),
    }
    command = [f"{bin_folder}/python", "-m", "pytest", "-q", "tests/awx"]
    run.step("AWX", command, ROOT, {**programs(), **peers.awx(), **env}, tests=True)


def in_chromium(run: Run, bin_folder: Path) -> None:
    """The page of a fleet report in a browser."""
    command = [f"{bin_folder}/python", "-m", "pytest", "-q", "tests/chromium"]
    run.step("fleet report in Chromium", command, ROOT, {"PYTHONPATH": str(live())}, tests=True)


def everything(run: Run) -> None:
    bin_folder = check.tools()
    longest_first = sorted(CORES, key=lambda core: not core.whole)
    jobs = {f"{core.release} preparation": partial(on_core, run, core) for core in longest_first}
    jobs["linters' preparation"] = partial(lint.collection_checks, run)
    jobs["AWX's preparation"] = partial(on_awx, run)
    jobs["style and types"] = partial(check.static, run, bin_folder)
    jobs["fleet report in Chromium"] = partial(in_chromium, run, bin_folder)
    jobs["Go programs"] = partial(against_the_programs, run, bin_folder, DOCUMENTS)
    run.jobs([guarded(run, name, job) for name, job in jobs.items()], at_once=2)


if __name__ == "__main__":
    whole = Run()
    guarded(whole, "preparation", partial(everything, whole))()
    sys.exit(whole.summary())
