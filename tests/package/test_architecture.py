# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page about the architecture says, held against the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

COLLECTION = Path(__file__).resolve().parents[2]
PAGE = (COLLECTION / "docs" / "docsite" / "rst" / "guide_architecture.rst").read_text(encoding="utf-8")
CORES = sorted((COLLECTION / "plugins" / "module_utils").glob("_*"))


def stands_on() -> dict[str, set[str]]:
    """The table of cores: each, and those that it stands on."""
    table = PAGE.split("     - what it stands on")[1].split("\nWhat happens")[0]
    rows = [re.split(r"\n +- ?", row) for row in table.split("\n   * - ")[1:]]
    return {
        name: set(re.findall(r"``(_\w+)``", others))
        for core, dummy, others in rows
        for name in re.findall(r"module_utils/(_\w+)", core)
    }


@pytest.mark.parametrize("core", CORES, ids=lambda path: path.name)
def test_core_stands_on_what_the_page_says(core: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in core.glob("*.py"))
    imported = set(re.findall(r"flatops\.flatcar\.plugins\.(?:module_utils\.)?(\w+)", text)) - {core.name}
    assert imported <= stands_on()[core.name]


@pytest.mark.parametrize("core", CORES, ids=lambda path: path.name)
def test_core_imports_nothing_of_ansible(core: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in core.rglob("*.py"))
    assert re.findall(r"^ *(?:import|from) ansible\b.*", text, re.MULTILINE) == []


def test_every_place_exists() -> None:
    named = set(re.findall(r"``((?:plugins|roles|playbooks|tests|meta)[/\w.*<>]*)``", PAGE))
    patterns = {re.sub(r"<\w+>", "*", name) for name in named}
    assert len(patterns) > 20
    assert [pattern for pattern in sorted(patterns) if not list(COLLECTION.glob(pattern))] == []
