# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The hardware that a machine shall have, a difference from it, and the ConfigSpec that puts it right."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import vim

GIB = 1 << 30
NIC_TYPES = ("vmxnet3", "e1000e", "e1000")
PROVISIONING = ("thin", "thick", "eagerZeroedThick")

LIVE, OFF, REBUILD = "live", "off", "rebuild"


def gib(size: int) -> float:
    """Bytes for people: GiB, whole where it is."""
    return size // GIB if size % GIB == 0 else round(size / GIB, 2)


class ExtraDisk(t.NamedTuple):
    """size is in bytes; without a datastore the disk lies with the machine."""

    name: str
    size: int
    datastore: str | None
    provisioning: str
    keep: bool


class ExtraNic(t.NamedTuple):
    """Without a mac the server makes one."""

    network: str
    mac: str | None
    type: str


class Hardware(t.NamedTuple):
    """What is None is left as it is. disk_size is that of the system disk in bytes, macs is of the source's NICs."""

    cpus: int | None = None
    cores: int | None = None
    memory_mb: int | None = None
    disk_size: int | None = None
    disks: tuple[ExtraDisk, ...] = ()
    nics: tuple[ExtraNic, ...] = ()
    macs: tuple[str, ...] = ()
    version: int | None = None
    annotation: str | None = None


class Target(t.NamedTuple):
    """A network that a NIC can be on: id as machine.network_id gives it, backing for the NIC's device."""

    name: str
    id: str
    backing: t.Any


class Networks(t.NamedTuple):
    """The networks that NICs shall be on: by the network's name at the source, and of Hardware.nics in their order."""

    source: t.Mapping[str, Target]
    extra: tuple[Target, ...]


class Spec:
    """A ConfigSpec in the making. Changes of one device come together in one edit."""

    def __init__(self) -> None:
        self.config = vim.vm.ConfigSpec()
        self.edits: dict[int, t.Any] = {}
        self.added: list[t.Any] = []

    def edit(self, device: t.Any) -> t.Any:
        """A copy of a device whose changes go to the server."""
        if device.key not in self.edits:
            self.edits[device.key] = copy.copy(device)
        return self.edits[device.key]

    def add(self, device: t.Any, *, create: bool = False) -> None:
        """A new device; create makes the file of a disk."""
        device.key = -1 - len(self.added)
        operation = vim.vm.device.VirtualDeviceSpec.Operation.add
        spec = vim.vm.device.VirtualDeviceSpec(operation=operation, device=device)
        if create:
            spec.fileOperation = vim.vm.device.VirtualDeviceSpec.FileOperation.create
        self.added.append(spec)

    def remove(self, device: t.Any) -> None:
        """Takes a device from the machine; the file of a disk stays."""
        operation = vim.vm.device.VirtualDeviceSpec.Operation.remove
        self.added.append(vim.vm.device.VirtualDeviceSpec(operation=operation, device=device))

    def extra(self, values: t.Mapping[str, str]) -> None:
        """Further extraConfig; an empty value removes a key."""
        self.config.extraConfig = [
            *(self.config.extraConfig or ()),
            *(vim.option.OptionValue(key=key, value=value) for key, value in values.items()),
        ]

    def done(self) -> t.Any:
        operation = vim.vm.device.VirtualDeviceSpec.Operation.edit
        edits = [vim.vm.device.VirtualDeviceSpec(operation=operation, device=device) for device in self.edits.values()]
        if edits or self.added:
            self.config.deviceChange = edits + self.added
        return self.config


class Change(t.NamedTuple):
    """A difference. needs says when it can be applied: live, off or rebuild, which is in a new machine only.

    part is machine, nic, disk, kept (a disk that comes back) or version, which is applied by a task of its own. apply
    puts it into a Spec.
    """

    field: str
    before: object
    after: object
    needs: str
    part: str
    apply: t.Callable[[Spec], None] = lambda spec: None
