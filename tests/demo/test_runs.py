# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Only what a playbook has told of its changes counts."""

from __future__ import annotations

import pathlib
import sys

import pytest

from ansible_collections.flatops.flatcar.tests.demo.runs import Failed, Runs

RECAP = "%s : ok=3    changed=%s    unreachable=0    failed=0    skipped=0"


@pytest.fixture
def prints(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """What ansible-playbook prints."""
    program, said = tmp_path / "ansible-playbook", tmp_path / "said"
    program.write_text(f"#!/bin/sh\ncat {said}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return said


def test_changes_are_those_of_all_hosts(prints: pathlib.Path, tmp_path: pathlib.Path) -> None:
    prints.write_text(f"PLAY RECAP ***\n{RECAP % ('web1', 2)}\n{RECAP % ('web2', 1)}\n")
    assert Runs([], {}, tmp_path)("flatops.flatcar.render", "renders") == 3


def test_no_recap_is_no_success(prints: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """As of another callback, or in colours."""
    prints.write_text("web1 | CHANGED => {}\n")
    with pytest.raises(Failed, match="render has ended without a recap"):
        Runs([], {}, tmp_path)("flatops.flatcar.render", "renders")
