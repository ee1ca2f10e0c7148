# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the collection as a whole, which Galaxy and Ansible's documentation make too."""

from __future__ import annotations

import os

import peers
import venvs
from collection import copy, tarball
from cores import home
from places import CACHE, ROOT
from steps import Run

import docs

IMPORTER = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
OFFLINE_ANSIBLE_LINT = True
RUN_ANSIBLE_TEST = False
"""


def collection_checks(run: Run) -> None:
    """Lint a copy of the collection, its documentation, changelog and licences, import its tarball, build its site."""
    programs = venvs.with_core("lint", "requirements-lint.txt")
    folder = CACHE / "lint"
    place = copy(folder / "tree")
    config = folder / "galaxy-importer.cfg"
    config.write_text(IMPORTER, encoding="utf-8")
    env = {
        # ansible-lint and galaxy-importer start other programs of their environment.
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "HOME": str(home(folder / "home")),
        # The roles call modules of kubernetes.core, and the example for AWX those of awx.awx.
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(folder / "tree"), str(peers.collections())]),
        "GALAXY_IMPORTER_CONFIG": str(config),
        "NO_COLOR": "1",
    }
    # The working tree itself: reuse asks git what is ignored.
    run.step("reuse", [f"{programs}/reuse", "lint", "--lines"], ROOT)
    run.step("antsibull-changelog", [f"{programs}/antsibull-changelog", "lint"], place, env)
    documentation = ["--plugin-docs", "--skip-rstcheck", "--validate-collection-refs=all"]
    command = [
        f"{programs}/antsibull-docs",
        "lint-collection-docs",
        *documentation,
        "--disallow-unknown-collection-refs",
    ]
    run.step("antsibull-docs", [*command, "."], place, env)
    run.step("ansible-lint", [f"{programs}/ansible-lint", "--profile", "production", "--offline"], place, env)
    built = tarball(programs, place, folder / "tarball")
    run.step("galaxy-importer", [f"{programs}/python", "-m", "galaxy_importer.main", str(built)], folder, env)
    docs.site(run, programs)
