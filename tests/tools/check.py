# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that need no network and no other core: `make check`, and a part of `make test`."""

from __future__ import annotations

import sys
from pathlib import Path

import venvs
from places import CACHE, ROOT, TOOLS, live
from steps import Run, guarded

COLLECTION = "ansible_collections/flatops/flatcar"
#: What mypy holds, as modules of the collection. The tools are scripts, and held apart.
TYPED = (
    "plugins",
    "tests/awx",
    "tests/azure",
    "tests/benchmarks",
    "tests/chromium",
    "tests/cluster",
    "tests/conformance",
    "tests/demo",
    "tests/node",
    "tests/package",
    "tests/standins",
    "tests/unit",
    "tests/vsphere",
)

#: The shell scripts that run on nodes, and those of tests.
SCRIPTS = ("playbooks/files/*.sh", "roles/*/templates/*.sh", "tests/integration/targets/*/*.sh")


def tools() -> Path:
    """The bin folder of the virtual environment of daily work."""
    return venvs.with_core("check", "requirements.txt", "requirements-azure.txt", "requirements-check.txt")


def static(run: Run, bin_folder: Path) -> None:
    """Style and types of the working tree."""
    run.step("ruff check", [f"{bin_folder}/ruff", "check", "--no-cache"], ROOT)
    run.step("ruff format", [f"{bin_folder}/ruff", "format", "--check", "--no-cache"], ROOT)
    run.step("yamllint", [f"{bin_folder}/yamllint", "--strict", "."], ROOT)
    scripts = [str(path) for pattern in SCRIPTS for path in sorted(ROOT.glob(pattern))]
    run.step("shellcheck", [f"{bin_folder}/shellcheck", "-x", "-P", "SCRIPTDIR", *scripts], ROOT)
    mypy = [f"{bin_folder}/mypy", f"--config-file={ROOT}/mypy.ini", f"--cache-dir={CACHE}/mypy"]
    modules = [f"{COLLECTION}/{folder}" for folder in TYPED if any((ROOT / folder).rglob("*.py"))]
    run.step("mypy", [*mypy, *modules], live(), {"MYPYPATH": str(live())})
    run.step("mypy of the tools", [*mypy, "."], TOOLS)


def unit(run: Run, bin_folder: Path) -> None:
    """The unit tests, in the working tree."""
    run.step(
        "unit tests",
        [f"{bin_folder}/python", "-m", "pytest", "-q", "tests/unit"],
        ROOT,
        {"PYTHONPATH": str(live())},
        tests=True,
    )


def check(run: Run) -> None:
    bin_folder = tools()
    run.jobs([lambda: static(run, bin_folder), lambda: unit(run, bin_folder)], 2)


if __name__ == "__main__":
    whole = Run()
    guarded(whole, "preparation", lambda: check(whole))()
    sys.exit(whole.summary())
