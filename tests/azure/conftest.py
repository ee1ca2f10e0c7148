# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Azure, what leads modules there, and a login."""

from __future__ import annotations

import collections.abc

import pytest

from ansible_collections.flatops.flatcar.tests.standins.arm import client


@pytest.fixture(scope="module")
def started() -> collections.abc.Iterator[client.Server]:
    with client.arm() as server:
        yield server


@pytest.fixture
def arm(started: client.Server) -> client.Server:
    """The stand-in of this file's tests, with nothing in it."""
    started.reset()
    return started


@pytest.fixture
def azure_env(arm: client.Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that lead to the stand-in, which are those of this process too."""
    for name, value in arm.environment().items():
        monkeypatch.setenv(name, value)
    return arm.environment()
