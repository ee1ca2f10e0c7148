# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What has to be known, or agreed to, before VMs are made: regions, images, sizes and terms; each asked for once."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    flatcar,
    image,
    sizes,
    terms,
    vm_user_data,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_entry import Entry, Task
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Desired, Seen

T = t.TypeVar("T")

_PREMIUM = "Premium"
#: GiB of Flatcar's OS disk, where the image does not say.
_OS_DISK = 30


class _Asked:
    """Answers, and errors, by what was asked."""

    def __init__(self) -> None:
        self._told: dict[t.Any, t.Any] = {}

    def once(self, key: t.Any, ask: t.Callable[[], T]) -> T:
        if key not in self._told:
            try:
                self._told[key] = ask()
            except AzureError as error:
                self._told[key] = error
        if isinstance(self._told[key], AzureError):
            raise self._told[key]
        return t.cast(T, self._told[key])


def prepare(task: Task, entries: t.Sequence[Entry]) -> None:
    """Of those that are to be made the location, the image and its terms; of those that change their size whether it
    fits."""
    asked = _Asked()
    for entry in entries:
        if entry.makes:
            entry.attempt(_place)
            entry.attempt(_image, task, asked)
            entry.attempt(_size, task, asked)
            entry.attempt(_terms, task, asked)
        elif entry.error is None and any(change.field == "vm_size" for change in entry.plan.changes):
            entry.attempt(_image_of_size, task, asked)
            entry.attempt(_size, task, asked)


def _place(entry: Entry) -> None:
    """Where it goes: where it says, else where the VM is that it replaces, else where its group is."""
    there = entry.seen.location if entry.seen and not entry.desired.location else None
    entry.location = there or entry.network.location(entry.wanted)


def _image(entry: Entry, task: Task, asked: _Asked) -> None:
    desired = entry.desired
    wanted = desired.image
    if wanted is None or not desired.settings.vm_size:
        missing = " and ".join(
            name for name, value in (("image", wanted), ("vm_size", desired.settings.vm_size)) if not value
        )
        raise AzureError("bad_option", f"The VM {desired.name} is to be made, which needs {missing}.")
    entry.image = _resolved(entry, task, asked)
    entry.outcome.warnings += entry.image.warnings
    vm_user_data.check_boots(desired.ignition, entry.image.release)


def _image_of_size(entry: Entry, task: Task, asked: _Asked) -> None:
    """What another size has to boot: the image that is described, if that can still be had."""
    entry.location = t.cast(Seen, entry.seen).location
    if entry.desired.image is not None:
        with contextlib.suppress(AzureError):
            entry.image = _resolved(entry, task, asked)


def _resolved(entry: Entry, task: Task, asked: _Asked) -> Image:
    wanted, group, here = t.cast(image.Wanted, entry.desired.image), entry.desired.resource_group, entry.location
    return asked.once((wanted, here, group.lower()), lambda: image.resolve(task.session, wanted, here, group))


def _size(entry: Entry, task: Task, asked: _Asked) -> None:
    here = entry.location
    known = asked.once(("sizes", here), lambda: sizes.listed(task.session, here))
    size = t.cast(str, entry.desired.settings.vm_size)
    entry.outcome.warnings += sizes.check(known, size, here, entry.image, _need(entry))


def _need(entry: Entry) -> sizes.Need:
    settings = entry.desired.settings
    types = (settings.os_disk_type, *(disk.type for disk in settings.data_disks))
    os_disk = settings.os_disk_size or (entry.image.disk_gb if entry.image else None) or _OS_DISK
    return sizes.Need(
        zones=(settings.zone,) if settings.zone else (),
        accelerated=bool(entry.wanted.accelerated),
        ephemeral_gb=os_disk if settings.ephemeral else None,
        premium=any((kind or "").startswith(_PREMIUM) for kind in types),
        data_disks=len(settings.data_disks),
        nics=max(1, len(entry.wanted.nics)),
        spot=settings.priority == "Spot",
        encryption_at_host=bool(settings.encryption_at_host),
        security_type=settings.security_type,
    )


def _terms(entry: Entry, task: Task, asked: _Asked) -> None:
    plan = plan_of(entry.desired, entry.image)
    if plan is None:
        return
    key = terms.label(plan)
    if asked.once(("terms", key), lambda: terms.state(task.session, plan)) != terms.NEEDED:
        return
    if not entry.desired.accept_terms:
        same = f" The offer {flatcar.NO_TERMS_OFFER} has the same images without terms." if _is_default(plan) else ""
        raise AzureError(
            "terms_required",
            f"The terms of {key} have not been accepted in this subscription. Read them (azure_image_terms shows where "
            f"they are), and set accept_terms to true, or accept them with azure_image_terms.{same}",
        )
    agreed: list[Entry] = asked.once(("accepted", key), lambda: _accepted(entry, task, plan))
    if agreed[0] is entry:
        entry.outcome.actions.append("terms_accepted")


def _is_default(plan: t.Mapping[str, str]) -> bool:
    return plan["product"] == flatcar.OFFERS["amd64"]


def _accepted(entry: Entry, task: Task, plan: t.Mapping[str, str]) -> list[Entry]:
    """The one for which they were accepted, which says so."""
    terms.accept(task.session, plan, task.check)
    return [entry]


def plan_of(desired: Desired, found: Image | None) -> t.Mapping[str, str] | None:
    """The plan of the request: the one that was given, else that of the image."""
    return desired.plan or (found.plan if found else None)
