# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Virtual machines as they are: what one read of the server says of each."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import properties, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.sdk import Ref, vim

#: The property with the settings.
EXTRA = "config.extraConfig"
PATHS = (
    "name",
    "parent",
    "config.annotation",
    EXTRA,
    "config.files.vmPathName",
    "config.firmware",
    "config.hardware.device",
    "config.hardware.memoryMB",
    "config.hardware.numCPU",
    "config.hardware.numCoresPerSocket",
    "config.instanceUuid",
    "config.template",
    "config.uuid",
    "config.version",
    "datastore",
    "guest.ipAddress",
    "guest.net",
    "guest.toolsRunningStatus",
    "resourcePool",
    "runtime.connectionState",
    "runtime.host",
    "runtime.powerState",
)
_POWER = {"poweredOn": "powered_on", "poweredOff": "powered_off", "suspended": "suspended"}


class Disk(t.NamedTuple):
    """place is such as scsi0:1, which stays when the file moves to another datastore; size is in bytes."""

    place: str
    size: int
    file: str
    device: t.Any


class Nic(t.NamedTuple):
    """network is what `network_id` says of it."""

    mac: str
    type: str
    network: str
    device: t.Any


class Machine(t.NamedTuple):
    """One VM or template. power is powered_on, powered_off or suspended.

    disks (the system disk first) and nics are in the guest's order.

    version is the number in vmx-13. ips are as the guest's tools report them. extra holds secrets.
    """

    ref: Ref
    moid: str
    name: str
    folder: Ref
    power: str
    template: bool
    instance_uuid: str
    bios_uuid: str
    host: Ref
    pool: Ref
    datastores: tuple[Ref, ...]
    file: str
    cpus: int
    cores: int
    memory_mb: int
    annotation: str
    version: int
    firmware: str
    devices: tuple[t.Any, ...]
    disks: tuple[Disk, ...]
    nics: tuple[Nic, ...]
    extra: dict[str, str]
    stamp: stamp.Stamp
    ips: tuple[str, ...]
    tools: bool


#: A machine, or why it could not be read.
Seen = t.Union[Machine, VsphereError]


def observe(session: Session, refs: t.Sequence[Ref]) -> dict[str, Seen]:
    """moid -> what it is, of all by one request."""
    found = {entry.ref._moId: entry.values for entry in properties.read(session, refs, PATHS)}
    return {ref._moId: _seen(ref, found.get(ref._moId)) for ref in refs}


def observe_one(session: Session, ref: Ref) -> Machine:
    """VsphereError when it cannot be read."""
    seen = observe(session, [ref])[ref._moId]
    if isinstance(seen, VsphereError):
        raise seen
    return seen


def _seen(ref: Ref, values: dict[str, t.Any] | None) -> Seen:
    if values is None:
        return VsphereError("not_found", f"The VM {ref._moId} has gone while this task looked at it.")
    if "config.version" in values:
        return _machine(ref, values)
    state = values.get("runtime.connectionState", "without configuration")
    return VsphereError(
        "fault",
        f"The VM {values.get('name')} ({ref._moId}) is {state}: the server cannot read its files. Mend the datastore "
        "or the host, or remove the VM from the inventory.",
    )


def _machine(ref: Ref, values: dict[str, t.Any]) -> Machine:
    settings = extra(values)
    devices = tuple(values.get("config.hardware.device") or ())
    return Machine(
        ref=ref,
        moid=ref._moId,
        name=values["name"],
        folder=values.get("parent"),
        power=_POWER[str(values["runtime.powerState"])],
        template=bool(values.get("config.template")),
        instance_uuid=values.get("config.instanceUuid") or "",
        bios_uuid=values.get("config.uuid") or "",
        host=values.get("runtime.host"),
        pool=values.get("resourcePool"),
        datastores=tuple(values.get("datastore") or ()),
        file=values.get("config.files.vmPathName") or "",
        cpus=values["config.hardware.numCPU"],
        cores=values.get("config.hardware.numCoresPerSocket") or 1,
        memory_mb=values["config.hardware.memoryMB"],
        annotation=values.get("config.annotation") or "",
        version=int(values["config.version"].rpartition("-")[2]),
        firmware=values.get("config.firmware") or "",
        devices=devices,
        disks=_disks(devices),
        nics=_nics(devices),
        extra=settings,
        stamp=stamp.read(settings),
        ips=ips(values),
        tools=values.get("guest.toolsRunningStatus") == "guestToolsRunning",
    )


def controllers(devices: t.Iterable[t.Any]) -> dict[int, str]:
    """Key -> name, as in a .vmx file (scsi0, sata0), of the controllers that disks can be at."""
    kinds = {
        "scsi": vim.vm.device.VirtualSCSIController,
        "sata": vim.vm.device.VirtualSATAController,
        "nvme": vim.vm.device.VirtualNVMEController,
        "ide": vim.vm.device.VirtualIDEController,
    }
    return {
        device.key: f"{name}{device.busNumber}"
        for device in devices
        for name, kind in kinds.items()
        if isinstance(device, kind)
    }


def _disks(devices: tuple[t.Any, ...]) -> tuple[Disk, ...]:
    known = controllers(devices)
    kinds = ("scsi", "nvme", "sata", "ide")
    rows = []
    for device in devices:
        if isinstance(device, vim.vm.device.VirtualDisk) and device.controllerKey in known:
            name, unit = known[device.controllerKey], device.unitNumber or 0
            size = device.capacityInBytes or (device.capacityInKB or 0) * 1024
            disk = Disk(f"{name}:{unit}", size, getattr(device.backing, "fileName", None) or "", device)
            rows.append(((kinds.index(name.rstrip("0123456789")), name, unit), disk))
    return tuple(disk for dummy, disk in sorted(rows, key=lambda row: row[0]))


def _nics(devices: tuple[t.Any, ...]) -> tuple[Nic, ...]:
    """By unit, as the guest numbers them; vcsim gives keys in any order."""
    cards = [device for device in devices if isinstance(device, vim.vm.device.VirtualEthernetCard)]
    cards.sort(key=lambda card: (card.unitNumber is None, card.unitNumber or 0, card.key))
    return tuple(Nic((card.macAddress or "").lower(), type_of(card), network_id(card.backing), card) for card in cards)


def type_of(card: t.Any) -> str:
    """vmxnet3, e1000, e1000e and so on."""
    return type(card).__name__.rpartition(".")[2].removeprefix("Virtual").lower()


def network_id(backing: t.Any) -> str:
    """What names the network of a NIC: the id of its object, which for a distributed port group is its key as well."""
    port = getattr(backing, "port", None)
    if port is not None:
        return port.portgroupKey or ""
    network = getattr(backing, "network", None)
    if network is not None:
        return str(network._moId)
    return getattr(backing, "opaqueNetworkId", None) or getattr(backing, "deviceName", None) or ""


def extra(values: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The settings, among which are secrets."""
    return {option.key: str(option.value) for option in values.get(EXTRA) or ()}


def ips(values: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """The addresses that the tools report, the one that they prefer first."""
    ips = [ip for nic in values.get("guest.net") or () for ip in nic.ipAddress or ()]
    first = values.get("guest.ipAddress")
    return tuple(dict.fromkeys(([first] if first else []) + ips))
