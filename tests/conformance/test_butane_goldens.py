# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine against the answers that butane 0.29.0 gave to 450 documents."""

from __future__ import annotations

import functools

import pytest

from ansible_collections.flatops.flatcar.tests.conformance.check_butane import Verdict, engine, load, run

CASES = {f"{case['category']}/{case['name']}": case for case in load()}

#: Reports that may differ: the ones that butane itself would not give twice.
MISSES = 4


@functools.cache
def verdict(name: str) -> Verdict:
    return run(CASES[name], engine)


@pytest.mark.parametrize("name", CASES)
def test_result(name: str) -> None:
    assert verdict(name).result, verdict(name).why


def test_reports() -> None:
    missed = {name: verdict(name).why for name in CASES if not verdict(name).report}
    assert len(CASES) == 450
    assert len(missed) <= MISSES, missed
