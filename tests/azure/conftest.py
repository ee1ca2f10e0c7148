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
from ansible_collections.flatops.flatcar.tests.azure import uploads
from ansible_collections.flatops.flatcar.tests.node.play import Player
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
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


@pytest.fixture(scope="module")
def blob_service() -> collections.abc.Iterator[uploads.Site]:
    """Where Azurite cannot start the tests are skipped, which CI does not allow."""
    try:
        with uploads.site() as running:
            yield running
    except azurite.CannotStart as reason:
        pytest.skip(str(reason))


@pytest.fixture
def site(blob_service: uploads.Site, arm: client.Server) -> uploads.Site:
    """An empty blob service, which is behind the storage accounts of the stand-in."""
    blob_service.clear()
    arm.control(blob=blob_service.way.url, storage_key=azurite.KEY)
    return blob_service


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> pathlib.Path:
    """A VHD of 64 MiB with 24 MiB of data."""
    return vhd.disk(tmp_path / "disk.vhd")


@pytest.fixture
def own_image(site: uploads.Site, disk: pathlib.Path, tmp_path: pathlib.Path) -> uploads.Given:
    """Options that make a managed image, and all that it needs, in a subscription with nothing in it."""
    return {
        "name": "node",
        "vhd": str(disk),
        "resource_group": "images",
        "create_resource_group": True,
        "location": "westeurope",
        "storage_account": azurite.ACCOUNTS[0],
        "create_storage_account": True,
        "work_dir": str(tmp_path / "work"),
        "timeout": 60,
    }


@pytest.fixture
def own_version(own_image: uploads.Given) -> uploads.Given:
    """The same for a version in a gallery."""
    return {**own_image, "gallery": "own", "gallery_version": "1.0.0", "create_gallery": True}
