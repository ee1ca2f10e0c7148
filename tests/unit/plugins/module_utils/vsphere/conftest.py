# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release server that has OVAs, and what reads them."""

from __future__ import annotations

import collections.abc
import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_source import Source, source
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixtures
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.release.conftest import Mirror, keys

__all__ = ["keys"]

#: The OVA of a release, and one whose descriptor comes last.
USUAL, LATE = "flatcar_production_vmware_ova.ova", "late.ova"
#: Larger than what the stand-in sends before it cuts a connection.
RANDOM = 2 << 20


class Memory:
    """Bytes as a stream; without a total when it shall not be known."""

    def __init__(self, content: bytes, known: bool = True) -> None:
        self.content = content
        self.position = 0
        self.total = len(content) if known else None

    def read(self, size: int) -> bytes:
        block = self.content[self.position : self.position + size]
        self.position += len(block)
        return block

    def skip(self, size: int) -> None:
        self.position += size

    def close(self) -> None:
        """Nothing is open."""


def of_memory(content: bytes, seekable: bool = True, manifest: str = "verify") -> Source:
    return Source("memory", lambda: Memory(content, seekable), seekable, manifest)


@pytest.fixture(scope="session")
def ovas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Name -> content of what the server has."""
    folder = tmp_path_factory.mktemp("ovas")
    shapes = {
        USUAL: fixtures.Shape(random=RANDOM),
        LATE: fixtures.Shape(random=RANDOM, order=("disks", "ovf", "mf")),
    }
    for name, shape in shapes.items():
        fixtures.write(folder / name, shape)
    return {name: (folder / name).read_bytes() for name in shapes}


@pytest.fixture(scope="session")
def server(keys: standin.Keys, ovas: dict[str, bytes]) -> collections.abc.Iterator[standin.Server]:
    running = standin.Server(keys, files=ovas)
    yield running
    running.shutdown()


@pytest.fixture(scope="session")
def tls(
    keys: standin.Keys, ovas: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> collections.abc.Iterator[tuple[standin.Server, pathlib.Path]]:
    """A server by HTTPS, and the file with its CA."""
    context, ca = certificate(tmp_path_factory.mktemp("tls"))
    running = standin.Server(keys, context, ovas)
    yield running, ca
    running.shutdown()


@pytest.fixture
def mirror(server: standin.Server) -> collections.abc.Callable[[str], Mirror]:
    return lambda fault: Mirror(server, fault)


@pytest.fixture
def write(tmp_path: pathlib.Path) -> collections.abc.Callable[..., Source]:
    """Writes an OVA of the shape that the keywords say, and returns it as a source."""

    def make(manifest_policy: str = "verify", **shape: t.Any) -> Source:
        path = tmp_path / "image.ova"
        fixtures.write(path, fixtures.Shape(**shape))
        return source(path=str(path), manifest=manifest_policy)

    return make
