# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A template that several runs want at the same time is imported by one of them, and the others take it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import machine, stamp, watch
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.entry import Entry


def wait(session: Session, entries: t.Sequence[Entry], report: progress.Report) -> bool:
    """Waits for the imports of templates that other runs have begun; whether there was anything to wait for.

    An import that is not over import_timeout seconds after its beginning was interrupted. Most of those are waited for
    no longer than 300 seconds: when a lease is over the server itself removes the VM.
    """
    imported = [each for each in entries if _is_imported(each)]
    if not imported:
        return False
    now = session.now()
    left = {each.seen.ref: each.seen.stamp.began + each.given["import_timeout"] - now for each in imported if each.seen}
    running = [ref for ref, seconds in left.items() if seconds > 0]
    if running:
        report("template", 0, None)
        watch.until(session, running, [machine.EXTRA], _are_over, max(left.values()))
    return bool(running)


def overtaken(entries: t.Sequence[Entry]) -> list[Entry]:
    """Those whose template another run began to import after this one had looked: they may look again, once."""
    found = [each for each in entries if _is_overtaken(each)]
    for each in found:
        each.error, each.was_overtaken = None, True
    return found


def _is_imported(this: Entry) -> bool:
    wanted = this.given["state"] == "template" and not this.given["force"]
    return this.error is None and wanted and this.seen is not None and this.seen.stamp.is_unfinished


def _are_over(values: watch.Seen) -> bool:
    return not any(stamp.read(machine.extra(each)).is_unfinished for each in values.values())


def _is_overtaken(this: Entry) -> bool:
    taken = this.error is not None and this.error.code == "name_exists"
    return taken and this.given["state"] == "template" and this.seen is None and not this.was_overtaken
