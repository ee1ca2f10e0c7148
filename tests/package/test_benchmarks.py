# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmarks' last table has all budgets, whatever became of their parts."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.tests.benchmarks import bench, budgets

WITHIN = budgets.AZURE_MEMORY


def in_table(output: str) -> dict[str, str]:
    """The last word of the row of each budget."""
    lines = output.partition("all budgets")[2].splitlines()
    return {budget.what: line.split()[-1] for budget in budgets.BUDGETS for line in lines if budget.what in line}


def test_each_budget_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    values = list(vars(budgets).values())
    values += [each for value in values if isinstance(value, dict) for each in value.values()]
    assert {each for each in values if isinstance(each, budgets.Budget)} == set(budgets.BUDGETS)
    budgets.table({})
    assert in_table(capsys.readouterr().out) == {budget.what: "measured" for budget in budgets.BUDGETS}


def test_a_part_that_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are measured, and the table tells of them."""

    def failing() -> budgets.Results:
        raise RuntimeError("no such program")

    monkeypatch.setattr(bench, "PARTS", {"first": failing, "second": lambda: {WITHIN: WITHIN.limit}})
    monkeypatch.delenv("PARTS", raising=False)
    assert bench.main() == 1
    output = capsys.readouterr().out
    assert "first could not be measured: no such program" in output
    assert in_table(output)[WITHIN.what] == "within"
