# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The golden cases of Ignition."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import validate
from ansible_collections.flatops.flatcar.tests.conformance.check_ignition import (
    MERGES,
    VALIDATIONS,
    Case,
    load,
    merge_difference,
    source,
    validate_difference,
)


def _name(case: Case) -> str:
    return str(case["name"])


def test_all_cases_are_there() -> None:
    assert len(load(MERGES)) == 160
    assert len(load(VALIDATIONS)) == 458


@pytest.mark.parametrize("case", load(MERGES), ids=_name)
def test_merge(case: Case) -> None:
    assert merge_difference(case) == ""


@pytest.mark.parametrize("case", load(VALIDATIONS), ids=_name)
def test_validate(case: Case) -> None:
    assert validate_difference(case, validate(source(case["input"]))) == ("", "")
