# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Waiting for the tasks of a server."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

#: The server answers a wait after this many seconds at the latest, so that connections are not idle for long.
_TURN = 20
_INFO = ("info.state", "info.progress", "info.result", "info.error", "info.descriptionId", "info.entityName")


def wait(
    session: Session, task: sdk.Ref, timeout: float = 600, progress: t.Callable[[int], None] | None = None
) -> t.Any:
    """The result of a task; VsphereError when it fails, or has not ended after timeout seconds.

    progress is told how far it is, in per cent. A task whose time is over goes on at the server.
    """
    deadline = time.monotonic() + timeout
    info: dict[str, t.Any] = {}
    with faults.translated("Waiting for a task"):
        for info in _updates(session, task, deadline):
            if info.get("info.state") in ("success", "error"):
                break
            if progress and info.get("info.progress") is not None:
                progress(info["info.progress"])
    what = f"{info.get('info.descriptionId') or 'A task'} of {info.get('info.entityName') or 'the server'}"
    if info.get("info.state") == "success":
        return info.get("info.result")
    if info.get("info.state") == "error":
        raise faults.failure(info["info.error"], what)
    raise VsphereError("timeout", f"{what} has not ended within {timeout:g} seconds, and goes on ({task._moId}).")


def _updates(session: Session, task: sdk.Ref, deadline: float) -> t.Iterator[dict[str, t.Any]]:
    """What is known of a task whenever that changes, until the deadline. Filters end with their session; then anew."""
    while time.monotonic() < deadline:
        try:
            yield from _watched(session, task, deadline)
        except sdk.vmodl.fault.ManagedObjectNotFound as fault:
            if fault.obj == task:
                raise


def _watched(session: Session, task: sdk.Ref, deadline: float) -> t.Iterator[dict[str, t.Any]]:
    """The collector is this wait's own: one that several threads share would give each update to one of them only."""
    kind = sdk.vmodl.query.PropertyCollector
    spec = kind.FilterSpec(
        objectSet=[kind.ObjectSpec(obj=task)],
        propSet=[kind.PropertySpec(type=sdk.vim.Task, pathSet=list(_INFO), all=False)],
    )
    longest = min(_TURN, session.settings.timeout // 2)
    collector = session.content.propertyCollector.CreatePropertyCollector()
    try:
        collector.CreateFilter(spec, False)
        version, seen = "", dict[str, t.Any]()
        while (left := deadline - time.monotonic()) > 0:
            updates = collector.WaitForUpdatesEx(version, kind.WaitOptions(maxWaitSeconds=min(longest, int(left) + 1)))
            if updates is None:
                continue
            version = updates.version
            for change in _changes(updates):
                seen[change.name] = change.val
            yield seen
    finally:
        with contextlib.suppress(sdk.MethodFault, *faults.BROKEN):
            collector.DestroyPropertyCollector()


def _changes(updates: t.Any) -> t.Iterator[t.Any]:
    for changed in updates.filterSet:
        for entry in changed.objectSet:
            yield from entry.changeSet
