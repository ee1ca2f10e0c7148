# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures that are verified while the bytes pass, by pysequoia and by gpgv."""

from __future__ import annotations

import collections.abc
import importlib
import os
import pathlib
import shutil
import threading
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import keyring
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_check as core
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixtures
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.release.conftest import run_command


def run(command: list[str], **dummy: object) -> tuple[int, str, str]:
    return run_command(command)


@pytest.fixture(params=["pysequoia", "gpgv"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What verifies."""
    if request.param == "gpgv":

        def absent(name: str) -> t.NoReturn:
            raise ImportError(name)

        monkeypatch.setattr(importlib, "import_module", absent)


@pytest.fixture
def image(tmp_path: pathlib.Path) -> pathlib.Path:
    """Larger than a pipe holds."""
    fixtures.write(tmp_path / "image.ova", fixtures.Shape(random=3 << 20))
    return tmp_path / "image.ova"


@pytest.fixture
def signed(image: pathlib.Path, keys: standin.Keys) -> collections.abc.Callable[..., ova_source.Source]:
    def make(content: bytes | None = None, key: str = "good", known: str | None = None) -> ova_source.Source:
        signature = image.with_suffix(".sig")
        signature.write_bytes(standin.detached(getattr(keys, key), image.read_bytes() if content is None else content))
        trusted = keys.public() if known is None else known
        return ova_source.source(
            path=str(image), signature=str(signature), keyring=trusted, run=run, validate_certs=False
        )

    return make


def through(given: ova_source.Source) -> core.Verdict:
    ova = open_ova(given)
    for dummy in ova.disks():
        pass
    return ova.verdict()


def failure(given: ova_source.Source) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        through(given)
    return caught.value


def descriptors() -> set[str]:
    return set(os.listdir("/dev/fd"))


def test_good(backend: None, signed, keys: standin.Keys, image: pathlib.Path) -> None:
    verdict = through(signed())
    known = keyring.load(keys.public())
    assert verdict.signature is not None
    assert known.find(verdict.signature)


def test_other_bytes(backend: None, signed, image: pathlib.Path) -> None:
    error = failure(signed(b"other bytes"))
    assert error.code == "signature_bad"
    assert str(image) in str(error)


def test_last_byte(backend: None, signed, image: pathlib.Path) -> None:
    given = signed()
    with image.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\1")
    assert failure(given).code == "signature_bad"


@pytest.mark.parametrize("key", ["foreign", "late"])
def test_keys_that_are_not_good(backend: None, key: str, signed) -> None:
    assert failure(signed(key=key)).code == "signature_bad"


def test_no_signature(backend: None, signed, image: pathlib.Path) -> None:
    """The child ends before it has taken a byte."""
    given = signed()
    given = given._replace(signature=given.signature._replace(signature=b"nonsense"))
    assert failure(given).code == "signature_bad"


def test_keyring_that_is_none(signed) -> None:
    with pytest.raises(VsphereError) as caught:
        signed(known="/none")
    assert caught.value.code == "bad_option"


def test_nothing_that_verifies(signed, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*dummy: object) -> t.NoReturn:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", none)
    monkeypatch.setattr(shutil, "which", lambda dummy: None)
    with pytest.raises(VsphereError) as caught:
        signed()
    assert caught.value.code == "missing_library"


def test_nothing_is_left_behind(backend: None, signed) -> None:
    """Neither descriptors nor children, also after a pass that was given up."""
    before = descriptors()
    through(signed())
    failure(signed(b"other bytes"))
    passing = open_ova(signed()).disks()
    next(passing)
    passing.close()
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_passes_beside_each_other(signed) -> None:
    """A child that kept the pipes of another one open would keep it from its end."""
    ova, other = open_ova(signed()), open_ova(signed())
    first, second = ova.disks(), other.disks()
    next(first)
    next(second)
    assert list(first) == []
    assert ova.verdict().signature
    assert list(second) == []
    assert other.verdict().signature


def test_threads(signed) -> None:
    given = signed()
    found: list[core.Verdict] = []
    threads = [threading.Thread(target=lambda: found.append(through(given))) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


class Silent:
    """A verifier that neither reads nor answers."""

    def detached(self, *dummy: object) -> t.NoReturn:
        threading.Event().wait()
        raise AssertionError


def test_child_that_hangs(signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "_PATIENCE", 0.2)
    given = signed()
    error = failure(given._replace(signature=given.signature._replace(verifier=Silent())))
    assert error.code == "signature_bad"
    assert "gave no answer" in str(error)


def test_child_that_dies(signed) -> None:
    class Dying:
        def detached(self, *dummy: object) -> t.NoReturn:
            os._exit(1)

    given = signed()
    error = failure(given._replace(signature=given.signature._replace(verifier=Dying())))
    assert "gave no answer" in str(error)
