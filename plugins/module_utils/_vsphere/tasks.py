# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Waiting for the tasks of a server."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import faults, sdk, watch
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

_INFO = ("info.state", "info.result", "info.error", "info.descriptionId", "info.entityName")


def wait(session: Session, task: sdk.Ref, timeout: float = 600) -> t.Any:
    """The result of a task; VsphereError when it fails, or has not ended after timeout seconds.

    A task whose time is over goes on at the server.
    """

    def has_ended(seen: watch.Seen) -> bool:
        return seen.get(task._moId, {}).get("info.state") in ("success", "error")

    seen, dummy = watch.until(session, [task], _INFO, has_ended, timeout)
    if task._moId not in seen:
        raise VsphereError("not_found", f"The server no longer knows the task {task._moId}.")
    info = seen[task._moId]
    what = f"{info.get('info.descriptionId') or 'A task'} of {info.get('info.entityName') or 'the server'}"
    if info.get("info.state") == "success":
        return info.get("info.result")
    if info.get("info.state") == "error":
        raise faults.failure(info["info.error"], what)
    raise VsphereError("timeout", f"{what} has not ended within {timeout:g} seconds, and goes on ({task._moId}).")
