# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides."""

from __future__ import annotations

import collections.abc
import pathlib
import textwrap

FOLDER = pathlib.Path(__file__).parents[1] / "docs" / "docsite" / "rst"


def examples(guide: str) -> list[str]:
    """The YAML of a guide, block by block."""
    blocks = (FOLDER / f"{guide}.rst").read_text(encoding="utf-8").split(".. code-block:: yaml\n\n")[1:]
    return [textwrap.dedent("".join(_lines(block))) for block in blocks]


def _lines(block: str) -> collections.abc.Iterator[str]:
    """The indented lines at the beginning of a text."""
    for line in block.splitlines(keepends=True):
        if line.strip() and not line.startswith(" "):
            return
        yield line
