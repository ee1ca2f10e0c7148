# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Azure, what leads modules there, and a login."""

from __future__ import annotations

import collections.abc
import pathlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session, open_session
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.arm import client, models

SPEC = arguments.auth_spec(tuple)
HERE = pathlib.Path(__file__).parent
#: The files whose tests show something of ansible-core.
OF_EACH_CORE = ("test_image_modules", "test_image_upload_module", "test_playbook", "test_vm_module")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and item.path.stem not in OF_EACH_CORE:
            item.add_marker(pytest.mark.one_core)


@pytest.fixture(scope="module")
def started() -> collections.abc.Iterator[client.Server]:
    with client.arm() as server:
        yield server


@pytest.fixture
def arm(started: client.Server) -> collections.abc.Iterator[client.Server]:
    """The stand-in of this file's tests, with nothing in it. What went over the wire is held against Azure's models."""
    started.reset()
    yield started
    assert models.problems(started.log()) == []


@pytest.fixture
def azure_env(arm: client.Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that lead to the stand-in, which are those of this process too."""
    for name, value in arm.environment().items():
        monkeypatch.setenv(name, value)
    return arm.environment()


@pytest.fixture
def session(azure_env: dict[str, str]) -> collections.abc.Iterator[Session]:
    """A login with the options as a task has them that gives none; an operation may take a minute."""
    with open_session({**{name: spec.get("default") for name, spec in SPEC.items()}, "timeout": 60}) as opened:
        yield opened


@pytest.fixture
def play(tmp_path: pathlib.Path, azure_env: dict[str, str]) -> Player:
    """Runs tasks on localhost, which find the stand-in by their environment."""
    inventory = tmp_path / "inventory.yml"
    inventory.write_text("{all: {hosts: {localhost: {ansible_connection: local}}}}", encoding="utf-8")
    return Player(inventory, tmp_path)
