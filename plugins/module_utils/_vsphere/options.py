# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of vsphere_vm: one table, for a machine by itself and for each of `instances`."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import options
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    arguments,
    guestinfo_arguments,
    hardware,
    ova_arguments,
)

#: Of each of these an instance that gives one takes none of the task's.
IDENTITY = ("name", "uuid", "moid")
SOURCES = (*ova_arguments.ORIGINS, "template")
IGNITION = ("ignition", "ignition_file", "ignition_url")

_DISK: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "size_gb": {"type": "int", "required": True},
    "datastore": {"type": "str"},
    "provisioning": {"type": "str", "choices": list(hardware.PROVISIONING), "default": "thin"},
    "keep": {"type": "bool", "default": False},
}
_NIC: dict[str, dict[str, t.Any]] = {
    "network": {"type": "str", "required": True},
    "mac": {"type": "str"},
    "type": {"type": "str", "choices": list(hardware.NIC_TYPES), "default": "vmxnet3"},
}
#: The options of one machine.
MACHINE: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "uuid": {"type": "str"},
    "moid": {"type": "str"},
    "datacenter": {"type": "str"},
    "folder": {"type": "str"},
    "create_folder": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent", "template"], "default": "present"},
    "power_state": {
        "type": "str",
        "choices": ["powered_on", "powered_off", "unmanaged"],
        "default": "powered_on",
    },
    **ova_arguments.SPEC,
    "template": {"type": "str"},
    "linked": {"type": "bool", "default": False},
    "snapshot": {"type": "str"},
    "import_timeout": {"type": "int", "default": 3600},
    "cluster": {"type": "str"},
    "host": {"type": "str"},
    "resource_pool": {"type": "str"},
    "datastore": {"type": "str"},
    "datastore_cluster": {"type": "str"},
    "networks": {"type": "dict"},
    "disk_provisioning": {"type": "str", "choices": list(hardware.PROVISIONING), "default": "thin"},
    "deployment_option": {"type": "str"},
    "ovf_properties": {"type": "dict", "no_log": True},
    "cpus": {"type": "int"},
    "cores_per_socket": {"type": "int"},
    "memory_mb": {"type": "int"},
    "disk_gb": {"type": "int"},
    "disks": {"type": "list", "elements": "dict", "options": _DISK},
    "nics": {"type": "list", "elements": "dict", "options": _NIC},
    "macs": {"type": "list", "elements": "str"},
    "hardware_version": {"type": "str"},
    "annotation": {"type": "str"},
    **guestinfo_arguments.SPEC,
    "extra_config": {"type": "dict", "no_log": True},
    **options.CHANGES,
    "wait_for_ip": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 300},
    "ip_cidr": {"type": "str"},
    "ip_version": {"type": "str", "choices": ["any", "ipv4", "ipv6"], "default": "any"},
}
INSTANCE = options.instance(MACHINE)
#: The options of the whole task.
TASK: dict[str, dict[str, t.Any]] = {
    **options.task(INSTANCE, IDENTITY, (IDENTITY, SOURCES, IGNITION[1:])),
    "progress_file": {"type": "path"},
}
SPEC: dict[str, dict[str, t.Any]] = {**MACHINE, **TASK}
MUTUALLY_EXCLUSIVE = [SOURCES, IGNITION, (*IDENTITY, "instances")]
REQUIRED_ONE_OF = [(*IDENTITY, "instances")]


def each(given: options.Options) -> list[dict[str, t.Any]]:
    """The options of each machine. The time-out of the connection counts for downloads too."""
    return options.each(given, (*MACHINE, "timeout"), (SOURCES, IGNITION))


def secrets(given: options.Options) -> set[str]:
    """What is masked wherever it stands in a result."""
    return options.secrets(given, {**arguments.AUTH, **MACHINE}, ova_arguments.harmless)


def shown(given: options.Options) -> dict[str, t.Any]:
    """The options as a result may show them."""
    return options.shown(given, MACHINE)
