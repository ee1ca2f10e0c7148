# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The release server of the tests, and what its clients need."""

from __future__ import annotations

import collections.abc
import itertools
import pathlib
import subprocess

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import keyring, openpgp
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin

Verifiers = collections.abc.Callable[[keyring.Keyring], openpgp.Verifier]


class Mirror:
    """The stand-in under one fault, with requests of its own."""

    counter = itertools.count()

    def __init__(self, server: standin.Server, fault: str) -> None:
        self.server = server
        self.session = f"s{next(self.counter)}"
        self.base_url = f"{server.url}/{fault}/{self.session}/{{channel}}"
        self.folder = f"{server.url}/{fault}/{self.session}/stable/amd64-usr/{standin.VERSION}/"

    def requests(self, name: str = "") -> list[dict[str, object]]:
        """What was asked for, of a file alone or of all."""
        return [entry for entry in self.server.log[self.session] if str(entry["path"]).endswith(name)]


@pytest.fixture(scope="session")
def keys() -> standin.Keys:
    return standin.Keys()


@pytest.fixture(scope="session")
def server(keys: standin.Keys) -> collections.abc.Iterator[standin.Server]:
    running = standin.Server(keys)
    yield running
    running.shutdown()


@pytest.fixture(scope="session")
def tls(
    keys: standin.Keys, tmp_path_factory: pytest.TempPathFactory
) -> collections.abc.Iterator[tuple[standin.Server, pathlib.Path]]:
    """A server by HTTPS, and the file with its CA."""
    context, ca = certificate(tmp_path_factory.mktemp("tls"))
    running = standin.Server(keys, context)
    yield running, ca
    running.shutdown()


@pytest.fixture
def mirror(server: standin.Server) -> collections.abc.Callable[[str], Mirror]:
    return lambda fault: Mirror(server, fault)


def run_command(command: list[str]) -> tuple[int, str, str]:
    """As AnsibleModule.run_command."""
    done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def trusted(keys: standin.Keys) -> keyring.Keyring:
    return keyring.load(keys.public())


@pytest.fixture
def verifier_of() -> Verifiers:
    """Makes a verifier of a keyring."""
    return lambda known: openpgp.Verifier(known, run_command)


@pytest.fixture
def verifier(trusted: keyring.Keyring, verifier_of: Verifiers) -> openpgp.Verifier:
    return verifier_of(trusted)


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that the client has made instead of sleeping."""
    return []


@pytest.fixture
def client(pauses: list[float]) -> Client:
    """Without the certificates of the system, which take their time to load."""
    return Client(sleep=pauses.append, timeout=60, validate_certs=False)
