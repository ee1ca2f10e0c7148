# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Waiting until objects of a server are as wanted, by one collector for all of them and without polling."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session

#: The server answers a wait after this many seconds at the latest, so that connections are not idle for long.
_TURN = 20

#: moid -> path -> value
Seen = dict[str, dict[str, t.Any]]


def until(
    session: Session,
    refs: t.Sequence[sdk.Ref],
    paths: t.Sequence[str],
    done: t.Callable[[Seen], bool],
    timeout: float,
) -> tuple[Seen, bool]:
    """The properties of the objects when done says so, or when timeout seconds are over; and whether it was done.

    An object that goes is missing from then on. A filter ends with its session: after a new login the wait begins anew.
    """
    deadline = time.monotonic() + timeout
    seen: Seen = {ref._moId: {} for ref in refs}
    with faults.translated("Waiting for changes"):
        while seen and time.monotonic() < deadline:
            try:
                left = [ref for ref in refs if ref._moId in seen]
                for dummy in _watched(session, left, paths, seen, deadline):
                    if done(seen):
                        return seen, True
                break
            except sdk.vmodl.fault.ManagedObjectNotFound as fault:
                if fault.obj in refs:
                    seen.pop(fault.obj._moId, None)
    return seen, done(seen)


def _watched(
    session: Session, refs: t.Sequence[sdk.Ref], paths: t.Sequence[str], seen: Seen, deadline: float
) -> t.Iterator[None]:
    """Yields after every change. The collector is this wait's own: threads that share one take each other's updates."""
    kind = sdk.vmodl.query.PropertyCollector
    spec = kind.FilterSpec(
        objectSet=[kind.ObjectSpec(obj=ref) for ref in refs],
        propSet=[kind.PropertySpec(type=each, pathSet=list(paths), all=False) for each in {type(ref) for ref in refs}],
    )
    longest = min(_TURN, session.settings.timeout // 2)
    collector = session.content.propertyCollector.CreatePropertyCollector()
    version = ""
    try:
        collector.CreateFilter(spec, False)
        while True:
            left = max(0, min(longest, int(deadline - time.monotonic()) + 1))
            updates = collector.WaitForUpdatesEx(version, kind.WaitOptions(maxWaitSeconds=left))
            if updates is not None:
                version = updates.version
                for entry in (entry for each in updates.filterSet for entry in each.objectSet):
                    _take(entry, seen)
                yield
            if time.monotonic() >= deadline:
                return
    finally:
        with contextlib.suppress(sdk.MethodFault, *faults.BROKEN):
            collector.DestroyPropertyCollector()


def _take(entry: t.Any, seen: Seen) -> None:
    if entry.kind == "leave":
        seen.pop(entry.obj._moId, None)
    else:
        seen.setdefault(entry.obj._moId, {}).update((change.name, change.val) for change in entry.changeSet)
