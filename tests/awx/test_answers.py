# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of surveys as they come to playbooks. What looks like another type has become it."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.flatops.flatcar.tests.awx.data import COLLECTION
from ansible_collections.flatops.flatcar.tests.awx.jobs import written

WINDOW = COLLECTION / "playbooks" / "vars" / "window.yml"


def read(folder: pathlib.Path, **answers: t.Any) -> dict[str, t.Any]:
    """The answers as Ansible reads them in the file that AWX writes."""
    file = folder / "extravars"
    file.write_text(written(answers))
    found: dict[str, t.Any] = DataLoader().load_from_file(str(file))
    return found


@pytest.mark.parametrize(
    "answer, window",
    [
        ("22:00", "22:00"),
        ("22:05", "22:05"),
        ("8:30", "8:30"),
        ("08:30", "08:30"),
        ("Sat 22:00", "Sat 22:00"),
        ("", ""),
    ],
)
def test_when_nodes_may_be_rebooted(answer: str, window: str, tmp_path: pathlib.Path) -> None:
    told = read(tmp_path, flatcar_window_start=answer)
    assert isinstance(told["flatcar_window_start"], str) == (answer in ("08:30", "Sat 22:00"))
    variables = yaml.safe_load(WINDOW.read_text(encoding="utf-8"))
    known = {name: trust_as_template(value) for name, value in variables.items() if isinstance(value, str)}
    templar = Templar(DataLoader(), {**variables, **known, **told})
    assert templar.template(known["_window_given"]) == window
