# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""In what the disks of a VM differ from what is described.

Source of what takes a VM that is deallocated: Azure's documentation of how to expand disks and change their types.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_disks import UNCACHED
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    DEALLOCATE,
    LIVE,
    REBUILD,
    Change,
    DataDisk,
    Seen,
    SeenDisk,
    Settings,
)

#: GiB. A data disk grows beyond it only while its VM is deallocated.
_GROWS_LIVE = 4096


def differences(settings: Settings, seen: Seen) -> t.Iterator[Change]:
    """AzureError immutable_changed for a disk that is kept, and would have to become smaller or of another kind.

    AzureError bad_option where the number that a disk shall have is another's.
    """
    if seen.os_disk is not None and not seen.ephemeral:
        yield from _os_disk(settings, seen.os_disk)
    for wanted in settings.data_disks:
        there = attached(wanted, seen)
        if there is None:
            _check_place(wanted, seen)
            yield Change(f"data_disks[{wanted.name}]", None, f"{wanted.size} GiB", LIVE)
        else:
            yield from _data_disk(wanted, there)


def attached(wanted: DataDisk, seen: Seen) -> SeenDisk | None:
    """The disk of that name, where the VM has it."""
    return next((disk for disk in seen.data_disks if disk.name.lower() == wanted.resource.lower()), None)


def _check_place(wanted: DataDisk, seen: Seen) -> None:
    holder = next((disk for disk in seen.data_disks if disk.lun == wanted.lun), None)
    if wanted.has_lun and holder is not None:
        raise AzureError(
            "bad_option",
            f"data_disks[{wanted.name}].lun: at {wanted.lun} the VM {seen.name} has the disk {holder.name}. Leave lun "
            "out, or take another.",
        )


def plain(value: t.Any) -> t.Any:
    """Azure is not of one mind about upper and lower case."""
    return value.lower() if isinstance(value, str) else value


def _os_disk(settings: Settings, there: SeenDisk) -> t.Iterator[Change]:
    size = settings.os_disk_size
    if size and there.size and size != there.size:
        yield Change("os_disk_size_gb", there.size, size, DEALLOCATE if size > there.size else REBUILD)
    for field, before, after in (
        ("managed_disk_type", there.type, settings.os_disk_type),
        ("os_disk_caching", there.caching, settings.os_disk_caching),
    ):
        if after and before and plain(before) != plain(after):
            yield Change(field, before, after, DEALLOCATE)


def _data_disk(wanted: DataDisk, there: SeenDisk) -> t.Iterator[Change]:
    field = f"data_disks[{wanted.name}]"
    if there.size and wanted.size != there.size:
        needs = REBUILD
        if wanted.size > there.size:
            needs = DEALLOCATE if there.size <= _GROWS_LIVE < wanted.size else LIVE
        yield _possible(Change(f"{field}.disk_size_gb", there.size, wanted.size, needs), wanted, there)
    if wanted.type and there.type and plain(wanted.type) != plain(there.type):
        needs = REBUILD if {wanted.type, there.type} & set(UNCACHED) else DEALLOCATE
        yield _possible(Change(f"{field}.managed_disk_type", there.type, wanted.type, needs), wanted, there)
    if wanted.has_lun and wanted.lun != there.lun:
        yield Change(f"{field}.lun", there.lun, wanted.lun, REBUILD)
    if wanted.caching and plain(wanted.caching) != plain(there.caching or "None"):
        yield Change(f"{field}.caching", there.caching, wanted.caching, LIVE)
    if wanted.keep == there.deletes:
        yield Change(f"{field}.keep", not there.deletes, wanted.keep, LIVE)


def _possible(change: Change, wanted: DataDisk, there: SeenDisk) -> Change:
    """A disk that is kept comes back to the new VM as it was."""
    if change.needs == REBUILD and wanted.keep:
        raise AzureError(
            "immutable_changed",
            f"{change.field}: the disk {there.name} is kept, and cannot go from {change.before} to {change.after}. Put "
            "the option back, or move its data to a disk of another name.",
        )
    return change
