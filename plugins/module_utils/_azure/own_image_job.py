# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the work on one own image needs, and how far it has come."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import blobs
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Storage, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.page_upload import Sent
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress

Json = dict[str, t.Any]


class Task(t.NamedTuple):
    """What all steps share; check says that nothing is written.

    settling is how many seconds a new storage account may take to be known by its name and to let us in.
    """

    session: Session
    wanted: Wanted
    storage: Storage | None
    check: bool
    report: progress.Report = progress.silent
    settling: float = blobs.SETTLING


class Outcome:
    """What was done so far; in check mode what would be. image and definition are what is there afterwards.

    begun holds what this run has made so far and would leave if it failed, leftovers what is no longer needed in the
    end and costs money: {kind, id, bytes}.
    """

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.begun: list[str] = []
        self.leftovers: list[Json] = []
        self.sent: Sent | None = None
        self.image: Json | None = None
        self.definition: Json | None = None
        self.before: Json = {}
        self.after: Json = {}

    def made(self, action: str, id: str) -> None:
        self.actions.append(action)
        self.begun.append(id)
