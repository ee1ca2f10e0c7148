# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of the sessions of test nodes: taken and given back by many at once, one has each at a time."""

from __future__ import annotations

import concurrent.futures
import fcntl
import os
import pathlib
import shutil
import typing as t

import pytest

from ansible_collections.flatops.flatcar.tests.standins.node import nodes as standin

pytestmark = pytest.mark.one_core
ROUNDS = 50


@pytest.fixture(autouse=True)
def sessions(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder of sessions of our own, in which no node is started."""
    monkeypatch.setattr(standin, "SESSIONS", tmp_path)
    monkeypatch.setattr(standin, "bridge", lambda number: f"absent{number}")
    return tmp_path


def left_by_a_dead_session() -> standin.Nodes:
    session = standin.take()
    (session.folder / "node1").mkdir()
    os.close(session.lock)
    return session


def test_a_number_ends_between_the_look_and_the_lock_of_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another session has made of the number meanwhile is not what the sweep has seen."""
    before = standin.take()
    real = fcntl.flock
    taken: list[standin.Nodes] = []

    def flock(file: t.Any, operation: int) -> None:
        if not taken:
            monkeypatch.setattr(fcntl, "flock", real)
            before.stop()
            taken.append(standin.take())
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    standin.sweep()
    (after,) = taken
    assert after.number == before.number
    assert after.folder.exists()
    after.stop()


def test_what_a_dead_session_has_left_is_removed() -> None:
    dead = left_by_a_dead_session()
    standin.sweep()
    assert not dead.folder.exists()
    session = standin.take()
    assert session.number == dead.number
    session.stop()


def test_what_cannot_be_removed_only_costs_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = left_by_a_dead_session()

    def fails(*dummy: object) -> None:
        raise OSError("Directory not empty")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", fails)
        standin.sweep()
        session = standin.take()
        assert session.number != dead.number
        with pytest.raises(OSError, match="not empty"):
            session.stop()
    standin.sweep()
    assert not session.folder.exists() and not dead.folder.exists()


def come_and_go() -> set[int]:
    """A session after another. It makes its folder's content, and removes it, and fails where another one does so."""
    found = set()
    for dummy in range(ROUNDS):
        standin.sweep()
        session = standin.take()
        (session.folder / "node1").mkdir()
        session.stop()
        found.add(session.number)
    return found


def test_many_sessions_come_and_go(sessions: pathlib.Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        numbers = [waiting.result() for waiting in [pool.submit(come_and_go) for dummy in range(6)]]
    assert len(set().union(*numbers)) > 1
    assert [path for path in sessions.iterdir() if path.is_dir()] == []
