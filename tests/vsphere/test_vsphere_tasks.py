# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for tasks, at a simulated vCenter."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, properties, sdk, tasks, watch
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError


def machines(session: connection.Session) -> list[sdk.Ref]:
    return [found.ref for found in properties.view(session, sdk.vim.VirtualMachine, ["name"])]


def clone(session: connection.Session, source: sdk.Ref, name: str) -> sdk.Ref:
    """The task of a clone beside the source."""
    folder = properties.read(session, [source], ["parent"])[0].values["parent"]
    return source.CloneVM_Task(folder, name, sdk.vim.vm.CloneSpec(location=sdk.vim.vm.RelocateSpec(), powerOn=False))


def test_the_result(session: connection.Session) -> None:
    made = tasks.wait(session, clone(session, machines(session)[0], "copy"))
    assert properties.read(session, [made], ["name"])[0].values == {"name": "copy"}


def test_a_failure(session: connection.Session) -> None:
    with pytest.raises(VsphereError, match=r"VirtualMachine\.powerOn") as caught:
        tasks.wait(session, machines(session)[0].PowerOnVM_Task())
    assert caught.value.code == "power_state"


def test_the_name_exists(session: connection.Session) -> None:
    source = machines(session)[0]
    tasks.wait(session, clone(session, source, "copy"))
    with pytest.raises(VsphereError) as caught:
        tasks.wait(session, clone(session, source, "copy"))
    assert caught.value.code == "name_exists"


def test_the_time_is_over(session: connection.Session) -> None:
    with pytest.raises(VsphereError, match="goes on") as caught:
        tasks.wait(session, machines(session)[0].PowerOffVM_Task(), timeout=0)
    assert caught.value.code == "timeout"


def test_several_threads_wait_at_once(session: connection.Session) -> None:
    found = machines(session)
    made = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(tasks.wait(session, clone(session, found[n % 4], f"copy{n}"))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8


def test_filters_that_are_gone_are_made_anew(session: connection.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a new login, which ends all that the session before had at the server."""
    watched = watch._watched
    lost: list[bool] = []

    def first_gone(*arguments: t.Any) -> t.Any:
        if not lost:
            lost.append(True)
            raise sdk.vmodl.fault.ManagedObjectNotFound(obj=session.content.propertyCollector)
        return watched(*arguments)

    monkeypatch.setattr(watch, "_watched", first_gone)
    assert tasks.wait(session, clone(session, machines(session)[0], "copy"))
    assert lost


def test_a_task_that_is_gone(session: connection.Session) -> None:
    with pytest.raises(VsphereError) as caught:
        tasks.wait(session, sdk.vim.Task("task-999999", session.stub))
    assert caught.value.code == "not_found"
