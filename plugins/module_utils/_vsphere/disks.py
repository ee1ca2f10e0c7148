# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Disks: how those of a machine differ from what is wanted, and those that outlive their machine."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import machine as machines
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import (
    LIVE,
    REBUILD,
    Change,
    ExtraDisk,
    Hardware,
    Spec,
    gib,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.layout import Kept, Layout, read_kept
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Disk, Machine
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import vim

#: Units of each kind of controller. Unit 7 of SCSI is the controller itself.
_UNITS = {"scsi": [*range(7), *range(8, 16)], "sata": [*range(30)], "nvme": [*range(15)], "ide": [0, 1]}


def differences(wanted: Hardware, seen: Machine, layout: Layout) -> t.Iterator[Change]:
    """A disk that the layout does not name is none of ours, but for the first one, from which the system boots."""
    if wanted.disk_size is not None:
        if not seen.disks:
            raise VsphereError("bad_option", f"disk_gb: the VM {seen.name} has no disk.")
        yield from _size("disk_gb", seen.disks[0], wanted.disk_size)
    places = {disk.place: disk for disk in seen.disks}
    after = layout_after(wanted, seen, layout)
    waiting = read_kept(seen.extra)
    for kept in waiting:
        yield Change(f"disks[{kept.name}]", None, kept.file, LIVE, "kept", _attach(kept, seen))
    for extra in wanted.disks:
        field = f"disks[{extra.name}]"
        place = after.disks[extra.name]
        if any(kept.name == extra.name for kept in waiting):
            continue
        if layout.disks.get(extra.name) == place and place in places:
            yield from _size(f"{field}.size_gb", places[place], extra.size)
        else:
            yield Change(field, None, f"{gib(extra.size)} GiB", LIVE, "disk", _create(extra, place, seen))
        if extra.keep != (extra.name in layout.keep) and layout.disks.get(extra.name) == place:
            yield Change(f"{field}.keep", not extra.keep, extra.keep, LIVE, "machine")


def layout_after(wanted: Hardware, seen: Machine, layout: Layout) -> Layout:
    """The layout once the differences are gone."""
    places = {disk.place for disk in seen.disks}
    found = {name: place for name, place in layout.disks.items() if place in places}
    waiting = read_kept(seen.extra)
    found.update({kept.name: kept.place for kept in waiting})
    for extra in wanted.disks:
        if extra.name not in found:
            found[extra.name] = _free_place(seen, found.values())
    keep = {**dict.fromkeys(layout.keep, True), **{kept.name: True for kept in waiting}}
    keep.update((extra.name, extra.keep) for extra in wanted.disks)
    return layout._replace(disks=found, keep=tuple(name for name in keep if keep[name]))


def to_keep(wanted: Hardware, seen: Machine, layout: Layout) -> tuple[Kept, ...]:
    """The disks that are to outlive the machine: those that it has, and those that wait to come to it."""
    files = {disk.place: disk.file for disk in seen.disks}
    flags = {**dict.fromkeys(layout.keep, True), **{extra.name: extra.keep for extra in wanted.disks}}
    attached = [
        Kept(name, files[place], place) for name, place in layout.disks.items() if flags.get(name) and place in files
    ]
    held = {kept.name for kept in attached}
    return (*attached, *(kept for kept in read_kept(seen.extra) if kept.name not in held))


def foreign(seen: Machine, layout: Layout) -> tuple[Disk, ...]:
    """Disks that others have attached, which must not go with the machine."""
    if seen.template or seen.stamp.is_unfinished:
        return ()
    known = {*layout.own, *layout.disks.values()}
    return tuple(disk for disk in seen.disks if disk.place not in known)


def detach(spec: Spec, files: t.Collection[str], seen: Machine) -> bool:
    """Takes the disks with these files from the machine, and says whether there were any; the files stay."""
    there = [disk.device for disk in seen.disks if disk.file in files]
    for device in there:
        spec.remove(device)
    return bool(there)


def _attach(kept: Kept, seen: Machine) -> t.Callable[[Spec], None]:
    """At the place where it was; VsphereError where that is taken or its controller is missing."""

    def apply(spec: Spec) -> None:
        files = {disk.place: disk.file for disk in seen.disks}
        if files.get(kept.place) == kept.file:
            return
        if kept.place in files or _controller(seen, kept.place) is None:
            raise VsphereError(
                "immutable_changed",
                f"The kept disk {kept.name} ({kept.file}) cannot come back to {kept.place} of {seen.name}: there is "
                "another disk, or no such controller. It is unharmed; attach it by hand.",
            )
        backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(diskMode="persistent", fileName=kept.file)
        spec.add(_disk(backing, kept.place, seen))

    return apply


def _size(field: str, disk: Disk, size: int) -> t.Iterator[Change]:
    if size != disk.size:
        needs = LIVE if size > disk.size else REBUILD
        yield Change(field, gib(disk.size), gib(size), needs, "disk", _grow(disk, size))


def _grow(disk: Disk, size: int) -> t.Callable[[Spec], None]:
    def apply(spec: Spec) -> None:
        device = spec.edit(disk.device)
        device.capacityInKB, device.capacityInBytes = size // 1024, size

    return apply


def _create(extra: ExtraDisk, place: str, seen: Machine) -> t.Callable[[Spec], None]:
    def apply(spec: Spec) -> None:
        datastore = extra.datastore or seen.file.partition("]")[0].lstrip("[")
        backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
            diskMode="persistent",
            fileName=f"[{datastore}]",
            thinProvisioned=extra.provisioning == "thin",
            eagerlyScrub=extra.provisioning == "eagerZeroedThick",
        )
        disk = _disk(backing, place, seen)
        disk.capacityInKB, disk.capacityInBytes = extra.size // 1024, extra.size
        spec.add(disk, create=True)

    return apply


def _disk(backing: t.Any, place: str, seen: Machine) -> t.Any:
    return vim.vm.device.VirtualDisk(
        backing=backing, controllerKey=_controller(seen, place), unitNumber=int(place.partition(":")[2])
    )


def _controller(seen: Machine, place: str) -> int | None:
    """The key of the controller that a place is at."""
    known = machines.controllers(seen.devices)
    return next((key for key, name in known.items() if name == place.partition(":")[0]), None)


def _free_place(seen: Machine, given: t.Collection[str]) -> str:
    """The next free unit at the controller of the system disk, or at another of its kind."""
    if not seen.disks:
        raise VsphereError("bad_option", f"disks: the VM {seen.name} has no disk from which it could boot.")
    first = seen.disks[0].place.partition(":")[0]
    kind = first.rstrip("0123456789")
    for key, name in sorted(machines.controllers(seen.devices).items(), key=lambda item: (item[1] != first, item[1])):
        taken = {device.unitNumber for device in seen.devices if device.controllerKey == key}
        for unit in _UNITS[kind]:
            if name.startswith(kind) and unit not in taken and f"{name}:{unit}" not in given:
                return f"{name}:{unit}"
    raise VsphereError("bad_option", f"disks: the {kind} controllers of the VM {seen.name} have no free unit.")
