# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What the options of one machine ask for, checked as far as that goes without a server."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo_arguments
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import Guestinfo
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import (
    GIB,
    ExtraDisk,
    ExtraNic,
    Hardware,
)

Options = t.Mapping[str, t.Any]
Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_VERSION = re.compile(r"(?:vmx-)?0*([0-9]{1,2})")
#: vCenter takes no longer name for a VM.
_LONGEST_NAME = 80


class Waiting(t.NamedTuple):
    """Which addresses count. timeout is in seconds, version 4, 6 or None."""

    timeout: int
    network: Network | None
    version: int | None

    def accepts(self, text: str) -> bool:
        """Whether an address that the guest reports is one to reach it by."""
        try:
            ip = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast:
            return False
        if self.version is not None and ip.version != self.version:
            return False
        return self.network is None or ip in self.network


class Desired(t.NamedTuple):
    """One machine. label is what messages call it; name is None where uuid or moid alone names it.

    guestinfo holds secrets. has_ignition says whether user data are given at all. options has what only the making of a
    machine looks at: its source, its place and the rest of an import.
    """

    label: str
    name: str | None
    uuid: str | None
    moid: str | None
    state: str
    power: str
    hardware: Hardware
    networks: dict[str, str]
    guestinfo: Guestinfo
    has_ignition: bool
    on_ignition_change: str
    on_immutable_change: str
    recreate: bool
    adopt: bool
    force: bool
    waiting: Waiting | None
    options: Options


def desired(options: Options) -> Desired:
    """VsphereError bad_option, ignition_invalid or guestinfo_too_large for what no server needs to be asked about."""
    name = options["name"]
    if name is not None and (not name or len(name) > _LONGEST_NAME):
        raise VsphereError("bad_option", f"name {name!r}: a VM has a name of 1 to {_LONGEST_NAME} characters.")
    label = name or options["uuid"] or options["moid"]
    _check_source(options)
    waiting = _waiting(options) if options["wait_for_ip"] else None
    return Desired(
        label=label,
        name=name,
        uuid=options["uuid"],
        moid=options["moid"],
        state=options["state"],
        power=options["power_state"],
        hardware=_hardware(options),
        networks={str(key): str(value) for key, value in (options["networks"] or {}).items()},
        guestinfo=guestinfo_arguments.read(options, options["extra_config"]),
        has_ignition=any(options[source] is not None for source in ("ignition", "ignition_file", "ignition_url")),
        on_ignition_change=options["on_ignition_change"],
        on_immutable_change=options["on_immutable_change"],
        recreate=options["recreate"],
        adopt=options["adopt"],
        force=options["force"],
        waiting=waiting if options["state"] == "present" and options["power_state"] != "powered_off" else None,
        options=options,
    )


def _check_source(options: Options) -> None:
    for name, needed in (("linked", "template"), ("snapshot", "template"), ("url_password", "url_username")):
        if options[name] and not options[needed]:
            raise VsphereError("bad_option", f"{name} has no meaning without {needed}.")
    if options["template"]:
        for name in ("checksum", "signature", "ovf_properties", "deployment_option"):
            if options[name]:
                raise VsphereError("bad_option", f"{name} is for an OVA, and template names a VM to clone.")


def _waiting(options: Options) -> Waiting:
    network = None
    if options["ip_cidr"]:
        try:
            network = ipaddress.ip_network(options["ip_cidr"], strict=False)
        except ValueError:
            raise VsphereError(
                "bad_option", f"ip_cidr {options['ip_cidr']!r} is no network such as 10.0.0.0/24."
            ) from None
    version = {"any": None, "ipv4": 4, "ipv6": 6}[options["ip_version"]]
    if network and version and network.version != version:
        raise VsphereError("bad_option", f"ip_cidr {network} holds no {options['ip_version']} address.")
    return Waiting(_positive(options, "wait_timeout") or 0, network, version)


def _hardware(options: Options) -> Hardware:
    cpus, cores = _positive(options, "cpus"), _positive(options, "cores_per_socket")
    if cpus and cores and cpus % cores:
        raise VsphereError("bad_option", f"cpus ({cpus}) is no multiple of cores_per_socket ({cores}).")
    memory = _positive(options, "memory_mb")
    if memory and memory % 4:
        raise VsphereError("bad_option", f"memory_mb ({memory}) is no multiple of 4.")
    size = _positive(options, "disk_gb")
    disks = tuple(_disk(disk, place) for place, disk in enumerate(options["disks"] or ()))
    if len({disk.name for disk in disks}) < len(disks):
        raise VsphereError("bad_option", "disks: two of them have the same name.")
    return Hardware(
        cpus=cpus,
        cores=cores,
        memory_mb=memory,
        disk_size=size * GIB if size else None,
        disks=disks,
        nics=tuple(_nic(nic, place) for place, nic in enumerate(options["nics"] or ())),
        macs=tuple(_mac(mac, f"macs[{place}]") for place, mac in enumerate(options["macs"] or ())),
        version=_version(options["hardware_version"]),
        annotation=options["annotation"],
    )


def _disk(options: Options, place: int) -> ExtraDisk:
    size = _positive(options, "size_gb", f"disks[{place}].") or 0
    name = options["name"] or f"disk{place + 1}"
    return ExtraDisk(name, size * GIB, options["datastore"], options["provisioning"], options["keep"])


def _nic(options: Options, place: int) -> ExtraNic:
    mac = options["mac"] and _mac(options["mac"], f"nics[{place}].mac")
    return ExtraNic(options["network"], mac or None, options["type"])


def _mac(text: str, where: str) -> str:
    mac = text.lower().replace("-", ":")
    if not _MAC.fullmatch(mac) or int(mac[:2], 16) & 1:
        raise VsphereError("bad_option", f"{where}: {text!r} is no MAC address of a NIC; 00:50:56:00:00:01 is one.")
    return mac


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    match = _VERSION.fullmatch(text)
    if not match:
        raise VsphereError("bad_option", f"hardware_version {text!r} is neither a number nor such as vmx-19.")
    return int(match[1])


def _positive(options: Options, name: str, where: str = "") -> int | None:
    value: int | None = options[name]
    if value is not None and value < 1:
        raise VsphereError("bad_option", f"{where}{name} is {value}; it is at least 1.")
    return value
