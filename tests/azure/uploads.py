# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blob services for the tests of azure_image, and images made in this process."""

from __future__ import annotations

import collections.abc
import contextlib
import json
import pathlib
import subprocess
import sys
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    arguments,
    own_image,
    own_image_options,
    own_image_source,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_job import Outcome, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session, open_session
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.tests.standins import azurite, blob_way
from ansible_collections.flatops.flatcar.tests.standins.arm import client

Given = dict[str, t.Any]


class Site(t.NamedTuple):
    """A blob service, and the way to it on which a test has it."""

    service: azurite.Server
    way: blob_way.Way

    def blob(self, name: str, account: str = azurite.ACCOUNTS[0], container: str = "vhds") -> t.Any:
        """The client for a blob, past the way."""
        from azure.storage.blob import BlobClient

        return BlobClient.from_blob_url(f"{self.service.url}/{account}/{container}/{name}", credential=azurite.KEY)

    def blobs(self, account: str = azurite.ACCOUNTS[0], container: str = "vhds") -> list[str]:
        from azure.core.exceptions import ResourceNotFoundError
        from azure.storage.blob import ContainerClient

        url = f"{self.service.url}/{account}/{container}"
        with contextlib.suppress(ResourceNotFoundError):
            return [each.name for each in ContainerClient.from_container_url(url, credential=azurite.KEY).list_blobs()]
        return []

    def content(self, name: str, path: pathlib.Path) -> bool:
        """Whether a blob holds what a file holds."""
        whole = self.blob(name).download_blob().readall()
        return bool(whole == path.read_bytes())

    def clear(self) -> None:
        """Forgets what the way was told and has seen, and removes all containers."""
        from azure.storage.blob import BlobServiceClient

        self.way.rules.clear()
        self.way.log.clear()
        self.way.seconds = 0
        for account in azurite.ACCOUNTS:
            client = BlobServiceClient(f"{self.service.url}/{account}", credential=azurite.KEY)
            for container in client.list_containers():
                client.delete_container(container.name)


@contextlib.contextmanager
def site() -> collections.abc.Iterator[Site]:
    with azurite.azurite() as service, blob_way.Way(service.port) as way:
        yield Site(service, way)


SPEC = {**arguments.auth_spec(tuple), **own_image_options.SPEC}


def options(given: collections.abc.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options of a task as the module has them."""
    return {**{name: spec.get("default") for name, spec in SPEC.items()}, **given}


def kinds(arm: client.Server) -> list[str]:
    """The types of what there is in Azure."""
    return sorted(each["type"] for each in arm.resources().values() if "type" in each)


def make(session: Session, *, check: bool = False, settling: float = 0, **given: t.Any) -> Outcome:
    """What azure_image does, in this process."""
    asked = options(given)
    wanted, storage = own_image_options.wanted(asked), own_image_options.storage(asked)
    task = Task(session, wanted, storage, check, settling=settling)
    if asked["state"] == "absent":
        return own_image.absent(task)
    return own_image.present(task, own_image_source.find(asked, run_command, progress.silent))


def run_command(command: list[str], **dummy: t.Any) -> tuple[int, str, str]:
    """As AnsibleModule.run_command."""
    done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False)
    return done.returncode, done.stdout, done.stderr


def main() -> None:
    """One image, for a test that ends this process meanwhile."""
    given = json.loads(sys.argv[1])
    with open_session(options(given)) as session:
        make(session, **given)


if __name__ == "__main__":
    main()
