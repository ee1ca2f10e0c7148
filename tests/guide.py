# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the guides and of the README."""

from __future__ import annotations

import collections.abc
import pathlib
import re
import textwrap

FOLDER = pathlib.Path(__file__).parents[1] / "docs" / "docsite" / "rst"
README = pathlib.Path(__file__).parents[1] / "README.md"


def of_readme(name: str) -> str:
    """The YAML that the README gives for a file of this name."""
    (found,) = re.findall(
        rf"^```yaml\n# {re.escape(name)}\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return str(found)


def examples(guide: str) -> list[str]:
    """The YAML of a guide, block by block."""
    blocks = (FOLDER / f"{guide}.rst").read_text(encoding="utf-8").split(".. code-block:: yaml\n\n")[1:]
    return [textwrap.dedent("".join(_lines(block))) for block in blocks]


def messages(section: str) -> list[str]:
    """What a section of the guide to errors shows of them, block by block."""
    text = (FOLDER / "guide_errors.rst").read_text(encoding="utf-8")
    part = text.split(f"\n{section}\n{'-' * len(section)}\n")[1].split("\n---")[0]
    blocks = part.split(".. code-block:: text\n\n")[1:]
    return [" ".join("".join(_lines(block)).split()) for block in blocks]


def told(message: str, output: str) -> bool:
    """Whether a message of the guide, which leaves out what is `...` in it, stands in an output."""
    parts = [re.escape(part) for part in message.split("...")]
    return re.search(".*?".join(parts), " ".join(output.split())) is not None


def _lines(block: str) -> collections.abc.Iterator[str]:
    """The indented lines at the beginning of a text."""
    for line in block.splitlines(keepends=True):
        if line.strip() and not line.startswith(" "):
            return
        yield line
