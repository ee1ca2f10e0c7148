# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs in memory whose disks are files: one is gone when a VM is destroyed that has it, and not when it was detached."""

from __future__ import annotations

import copy
import itertools
import typing as t

from pyVmomi import vim

from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.fake import Ref, Server, Task, Thing

_GIB = 1 << 20
_NUMBERS = itertools.count()


class Vm(Thing):
    """A VM with a SCSI controller and a system disk of 10 GiB. files is what the datastore has: path -> KiB."""

    kind = vim.VirtualMachine

    def __init__(self, server: Server, name: str, files: dict[str, int]) -> None:
        super().__init__(server, name=name)
        self.files = files
        self.ends = True
        self.failing: list[str] = []
        self.devices: list[t.Any] = [vim.vm.device.ParaVirtualSCSIController(key=1000, busNumber=0)]
        self.values.update(
            {
                "config.hardware.memoryMB": 2048,
                "config.hardware.numCPU": 2,
                "config.version": "vmx-13",
                "config.files.vmPathName": f"[ds] {name}/{name}.vmx",
                "config.extraConfig": vim.option.OptionValue.Array(),
                "runtime.powerState": "poweredOff",
            }
        )
        disk = vim.vm.device.VirtualDisk(controllerKey=1000, unitNumber=0, capacityInKB=10 * _GIB)
        self._add(disk, True)

    def read(self, path: str) -> t.Any:
        return (
            vim.vm.device.VirtualDevice.Array(self.devices) if path == "config.hardware.device" else super().read(path)
        )

    @property
    def disks(self) -> dict[int, str]:
        """Unit -> file."""
        found: list[t.Any] = [each for each in self.devices if isinstance(each, vim.vm.device.VirtualDisk)]
        return {disk.unitNumber: disk.backing.fileName for disk in found}

    @property
    def extra(self) -> dict[str, str]:
        return {option.key: option.value for option in self.values["config.extraConfig"]}

    def _task(self, name: str, work: t.Callable[[], t.Any]) -> Ref:
        if name in self.failing:
            return Task(self.server, error=vim.fault.GenericVmConfigFault(msg=f"{name} fails")).ref
        try:
            return Task(self.server, work()).ref
        except vim.fault.VimFault as fault:
            return Task(self.server, error=fault).ref

    def _add(self, disk: t.Any, create: bool) -> None:
        name = self.values["name"]
        if create:
            file = f"[ds] {name}/{next(_NUMBERS)}.vmdk"
            self.files[file] = disk.capacityInKB
            disk.backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName=file, diskMode="persistent")
        elif disk.backing.fileName not in self.files:
            raise vim.fault.FileNotFound(file=disk.backing.fileName)
        disk.key = 2000 + disk.unitNumber
        disk.capacityInKB = self.files[disk.backing.fileName]
        self.devices.append(disk)

    def _configure(self, spec: t.Any) -> None:
        for change in spec.deviceChange:
            known = {device.key: place for place, device in enumerate(self.devices)}
            if change.operation == "add":
                self._add(copy.copy(change.device), change.fileOperation == "create")
            elif change.operation == "remove":
                del self.devices[known[change.device.key]]
            else:
                self.devices[known[change.device.key]] = change.device
        options = self.extra | {option.key: option.value for option in spec.extraConfig}
        self.values["config.extraConfig"] = vim.option.OptionValue.Array(
            [vim.option.OptionValue(key=key, value=value) for key, value in options.items() if value]
        )

    def ReconfigVM_Task(self, spec: t.Any) -> Ref:
        return self._task("ReconfigVM_Task", lambda: self._configure(spec))

    def CloneVM_Task(self, folder: Ref, name: str, spec: t.Any) -> Ref:
        def work() -> Ref:
            clone = Vm(self.server, name, self.files)
            clone.failing = [each.removeprefix("clone.") for each in self.failing if each.startswith("clone.")]
            clone._configure(spec.config)
            return clone.ref

        return self._task("CloneVM_Task", work)

    def _destroy(self) -> None:
        for file in self.disks.values():
            del self.files[file]
        self.server.remove(self.ref)

    def Destroy_Task(self) -> Ref:
        return self._task("Destroy_Task", self._destroy)

    def _power(self, state: str) -> None:
        self.values["runtime.powerState"] = state

    def PowerOnVM_Task(self) -> Ref:
        return self._task("PowerOnVM_Task", lambda: self._power("poweredOn"))

    def PowerOffVM_Task(self) -> Ref:
        return self._task("PowerOffVM_Task", lambda: self._power("poweredOff"))

    def ShutdownGuest(self) -> None:
        """A guest that does not end stays on."""
        if self.ends:
            self._power("poweredOff")
