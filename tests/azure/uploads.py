# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disk images and blob services for the tests of azure_image."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import pathlib
import random
import typing as t
import uuid

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import vhd
from ansible_collections.flatops.flatcar.tests.standins import azurite, blob_way

MIB = 1 << 20
_ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


def disk(path: pathlib.Path, size: int = 64 * MIB, parts: int = 8, part: int = 3 * MIB, seed: int = 1) -> pathlib.Path:
    """A sparse fixed VHD whose disk has size bytes, with so many parts of random bytes, evenly."""
    make = random.Random(seed)
    with open(path, "wb") as stream:
        for number in range(parts):
            stream.seek(size // parts * number)
            stream.write(make.randbytes(part))
        stream.truncate(size)
        stream.seek(size)
        stream.write(vhd.footer(size, _ID))
    return path


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


def sparse_size(path: str | os.PathLike[str]) -> int:
    """The bytes that a file takes on the disk."""
    return os.stat(path).st_blocks * 512
