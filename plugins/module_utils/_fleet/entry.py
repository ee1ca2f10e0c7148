# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One machine on its way through a task, and the work on several at a time."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, terminable


class Entry:
    """A machine; an error ends its way. label is what messages call it."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.error: FleetError | None = None

    def attempt(self, step: t.Callable[..., None], *arguments: t.Any) -> None:
        """Takes a step with this entry and further arguments, unless an earlier one has failed."""
        if self.error is None:
            try:
                step(self, *arguments)
            except FleetError as error:
                self.error = error


def once(entry: Entry, key: object, named: set[t.Any]) -> None:
    """Notes what an entry is about; FleetError where another one is about the same."""
    if key in named:
        raise FleetError("bad_option", f"instances: {entry.label} is there twice.")
    named.add(key)


def too_many(name: str, reason: str, most: int) -> FleetError:
    """What is said of a machine whose replacement is one more than the task may make."""
    return FleetError(
        "replacement_limit",
        f"The VM {name} would have to be replaced ({reason}), and this task may replace {most} (max_replacements). "
        "It is as it was.",
    )


def work(
    entries: t.Sequence[Entry], threads: int, interrupt: Interrupt, step: t.Callable[..., None], *arguments: t.Any
) -> None:
    """Takes a step with each entry, so many at a time. Whatever ends this thread meanwhile ends the others as well."""
    if len(entries) < 2:
        for entry in entries:
            entry.attempt(step, *arguments)
        return
    with terminable(), concurrent.futures.ThreadPoolExecutor(min(threads, len(entries))) as pool:
        futures = [pool.submit(entry.attempt, step, *arguments) for entry in entries]
        try:
            for future in futures:
                future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            interrupt.set()
            raise
