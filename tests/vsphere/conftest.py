# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated vCenter, a simulated host without one, logins there, and what runs playbooks."""

from __future__ import annotations

import collections.abc
import contextlib
import pathlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim


@contextlib.contextmanager
def started(*, esx: bool = False, deny: str = "", **numbers: int) -> collections.abc.Iterator[vcsim.Server]:
    """A simulator. Where it cannot start the tests are skipped, which CI does not allow."""
    try:
        with vcsim.vcsim(esx=esx, deny=deny, **numbers) as server:
            yield server
    except vcsim.CannotStart as reason:
        pytest.skip(str(reason))


def settings(server: vcsim.Server) -> connection.Settings:
    return connection.Settings(
        server.host, server.username, server.password, port=server.port, ca_path=str(server.ca_path)
    )


@pytest.fixture
def server() -> collections.abc.Iterator[vcsim.Server]:
    """A vCenter, with one datacenter, cluster, standalone host and datastore."""
    with started() as running:
        yield running


@pytest.fixture
def esx() -> collections.abc.Iterator[vcsim.Server]:
    """A host without vCenter."""
    with started(esx=True) as running:
        yield running


@pytest.fixture
def session(server: vcsim.Server) -> collections.abc.Iterator[connection.Session]:
    with connection.connect(settings(server)) as login:
        yield login


@pytest.fixture
def play(tmp_path: pathlib.Path) -> Player:
    """Runs tasks on localhost."""
    inventory = tmp_path / "inventory.yml"
    inventory.write_text("{all: {hosts: {localhost: {ansible_connection: local}}}}", encoding="utf-8")
    return Player(inventory, tmp_path)
