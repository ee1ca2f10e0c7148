# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation's site, guides and reference, in .cache/docs/html: `make docs`."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path

import venvs
from cores import home
from places import CACHE, ROOT, live
from steps import Run, guarded

FOLDER = CACHE / "docs"
HTML = FOLDER / "html"


def site(run: Run, programs: Path) -> None:
    """The pages as antsibull-docs writes them, then the site that Sphinx makes of them. Warnings are errors."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    pages = FOLDER / "rst"
    (pages / "docsite").mkdir(parents=True)
    # antsibull-docs writes to no folder that others may write to, and takes of the guides' folder the texts alone.
    pages.chmod(0o755)
    shutil.copy(ROOT / "docs" / "docsite" / "rst" / "architecture.svg", pages / "docsite")
    written = [f"--dest-dir={pages}", "--use-current", "--squash-hierarchy", "--fail-on-error", "flatops.flatcar"]
    env = {
        # antsibull-docs keeps a log there, and Ansible looks for settings.
        "HOME": str(home(FOLDER / "home")),
        # It starts ansible-doc.
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "ANSIBLE_COLLECTIONS_PATH": str(live()),
    }
    run.step("documentation, pages", [f"{programs}/antsibull-docs", "collection", *written], ROOT, env)
    command = [f"{programs}/sphinx-build", "-q", "-W", "--keep-going", "-c", str(ROOT / "docs" / "site")]
    run.step("documentation, site", [*command, "-d", str(FOLDER / "doctrees"), str(pages), str(HTML)], ROOT)


def build(run: Run) -> None:
    site(run, venvs.with_core("lint", "requirements-lint.txt"))
    print(f"\n{HTML.relative_to(ROOT) / 'index.html'}")


if __name__ == "__main__":
    whole = Run()
    guarded(whole, "preparation", partial(build, whole))()
    sys.exit(whole.summary())
