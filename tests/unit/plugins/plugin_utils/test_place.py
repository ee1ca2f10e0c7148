# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a value of the inventory is written."""

from __future__ import annotations

import pathlib

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.flatops.flatcar.plugins.plugin_utils._place import Place, is_literal, place

TEXT = """---
plain: text
literal: |
  a
folded: >
  b
listed:
  - |
    c
  - d: e
"""


@pytest.mark.parametrize(
    "steps, line, column, literal",
    [
        (("plain",), 2, 8, False),
        (("literal",), 3, 10, True),
        (("folded",), 5, 9, False),
        (("listed",), 8, 3, False),
        (("listed", 0), 8, 5, True),
        (("listed", 1), 10, 5, False),
    ],
)
def test_places(steps: tuple[str | int, ...], line: int, column: int, literal: bool, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "vars.yml"
    path.write_text(TEXT)
    value = DataLoader().load_from_file(str(path))
    for step in steps:
        value = value[step]
    assert place(value) == (str(path), line, column)
    assert is_literal(place(value)) is literal


def test_unknown_places() -> None:
    assert place("text") == Place()
    assert not is_literal(Place())
    assert not is_literal(Place("/nonexistent", 1, 1))
