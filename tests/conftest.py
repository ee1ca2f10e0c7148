# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for all of pytest's tests here."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

CI = os.environ.get("CI") == "true"
# Steps run beside each other, and a slow moment is no failure. CI tries the same examples each time.
settings.register_profile("ours", deadline=None, derandomize=CI)
settings.load_profile("ours")

Report = pytest.TestReport | pytest.CollectReport


def skipped_is_failed(report: Report) -> None:
    """A test that was skipped proves nothing: where others rely on the run (CI=true), that is a failure."""
    if report.skipped and CI:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longreprtext or report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    skipped_is_failed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    skipped_is_failed(report)
    return report
