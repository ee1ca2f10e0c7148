# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of vsphere_vm: one table, for a machine by itself and for each of `instances`."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
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
    "on_ignition_change": {
        "type": "str",
        "choices": ["fail", "ignore", "accept", "update", "replace"],
        "default": "fail",
    },
    "on_immutable_change": {"type": "str", "choices": ["fail", "replace"], "default": "fail"},
    "recreate": {"type": "bool", "default": False},
    "adopt": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "wait_for_ip": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 300},
    "ip_cidr": {"type": "str"},
    "ip_version": {"type": "str", "choices": ["any", "ipv4", "ipv6"], "default": "any"},
}
#: The options of one of several machines, without defaults: what one leaves out is the task's.
INSTANCE: dict[str, dict[str, t.Any]] = {
    name: {key: value for key, value in spec.items() if key != "default"}
    for name, spec in MACHINE.items()
    if name != "ignition"
}
#: The options of the whole task.
TASK: dict[str, dict[str, t.Any]] = {
    "instances": {
        "type": "list",
        "elements": "dict",
        "options": INSTANCE,
        "mutually_exclusive": [IDENTITY, SOURCES, IGNITION[1:]],
        "required_one_of": [IDENTITY],
    },
    "threads": {"type": "int", "default": 8},
    "max_replacements": {"type": "int", "default": 1},
    "on_error": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    "progress_file": {"type": "path"},
}
SPEC: dict[str, dict[str, t.Any]] = {**MACHINE, **TASK}
MUTUALLY_EXCLUSIVE = [SOURCES, IGNITION, (*IDENTITY, "instances")]
REQUIRED_ONE_OF = [(*IDENTITY, "instances")]


def each(options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The options of each machine: those of an instance, and the task's for what it leaves out.

    The time-out of the connection counts for downloads too.
    """
    task = {name: options[name] for name in (*MACHINE, "timeout")}
    if options["instances"] is None:
        return [task]
    return [_merged(task, instance) for instance in options["instances"]]


def _merged(task: dict[str, t.Any], instance: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    given = {name: value for name, value in instance.items() if value is not None}
    hidden = {name for group in (SOURCES, IGNITION) if given.keys() & set(group) for name in group}
    return {**task, **dict.fromkeys(hidden), **given}


def secrets(options: t.Mapping[str, t.Any]) -> set[str]:
    """What is masked wherever it stands in a result: secret options as a whole, not the values of mappings.

    A setting of "1" would turn every digest into asterisks, so mappings are left out of results instead.
    """
    found = {options["password"]}
    for each in (options, *(options["instances"] or ())):
        harmless = ova_arguments.harmless(each)
        found.update(each[name] for name in _SECRET if each.get(name) and str(each[name]) not in harmless)
    return {str(secret) for secret in found if secret}


def shown(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options as a result may show them."""
    told = {name: _HIDDEN if name in _SETTINGS and value else value for name, value in options.items()}
    if options.get("instances"):
        told["instances"] = [shown(each) for each in options["instances"]]
    return told


_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_SETTINGS = tuple(name for name, spec in MACHINE.items() if spec.get("no_log") and spec["type"] == "dict")
_SECRET = tuple(name for name, spec in MACHINE.items() if spec.get("no_log") and spec["type"] != "dict")
