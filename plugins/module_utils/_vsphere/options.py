# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of vsphere_vm: one table, for a machine by itself and for each of `instances`."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release import layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo, hardware, ova_source

#: Of each of these an instance that gives one takes none of the task's.
IDENTITY = ("name", "uuid", "moid")
SOURCES = ("ova", "url", "channel", "template")
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
#: The options of one machine, without their defaults.
MACHINE: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "uuid": {"type": "str"},
    "moid": {"type": "str"},
    "datacenter": {"type": "str"},
    "folder": {"type": "str"},
    "create_folder": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent", "template"]},
    "power_state": {"type": "str", "choices": ["powered_on", "powered_off", "unmanaged"]},
    "ova": {"type": "path"},
    "url": {"type": "str"},
    "url_headers": {"type": "dict", "no_log": True},
    "url_username": {"type": "str"},
    "url_password": {"type": "str", "no_log": True},
    "url_ca_path": {"type": "path"},
    "url_validate_certs": {"type": "bool"},
    "channel": {"type": "str", "choices": list(layout.CHANNELS)},
    "version": {"type": "str"},
    "base_url": {"type": "str"},
    "template": {"type": "str"},
    "linked": {"type": "bool"},
    "snapshot": {"type": "str"},
    "checksum": {"type": "str"},
    "signature": {"type": "str"},
    "keyring": {"type": "str", "no_log": False},
    "manifest": {"type": "str", "choices": list(ova_source.POLICIES)},
    "import_timeout": {"type": "int"},
    "cluster": {"type": "str"},
    "host": {"type": "str"},
    "resource_pool": {"type": "str"},
    "datastore": {"type": "str"},
    "datastore_cluster": {"type": "str"},
    "networks": {"type": "dict"},
    "disk_provisioning": {"type": "str", "choices": list(hardware.PROVISIONING)},
    "deployment_option": {"type": "str"},
    "ovf_properties": {"type": "dict"},
    "cpus": {"type": "int"},
    "cores_per_socket": {"type": "int"},
    "memory_mb": {"type": "int"},
    "disk_gb": {"type": "int"},
    "disks": {"type": "list", "elements": "dict", "options": _DISK},
    "nics": {"type": "list", "elements": "dict", "options": _NIC},
    "macs": {"type": "list", "elements": "str"},
    "hardware_version": {"type": "str"},
    "annotation": {"type": "str"},
    "ignition": {"type": "json", "no_log": True},
    "ignition_file": {"type": "path"},
    "ignition_url": {"type": "str"},
    "encoding": {"type": "str", "choices": list(guestinfo.ENCODINGS)},
    "force_plain": {"type": "bool"},
    "network_kargs": {"type": "raw"},
    "guest_hostname": {"type": "str"},
    "interfaces": {"type": "list", "elements": "dict"},
    "dns": {"type": "dict"},
    "extra_config": {"type": "dict"},
    "max_guestinfo": {"type": "int"},
    "on_ignition_change": {"type": "str", "choices": ["fail", "ignore", "accept", "update", "replace"]},
    "on_immutable_change": {"type": "str", "choices": ["fail", "replace"]},
    "recreate": {"type": "bool"},
    "adopt": {"type": "bool"},
    "force": {"type": "bool"},
    "wait_for_ip": {"type": "bool"},
    "wait_timeout": {"type": "int"},
    "ip_cidr": {"type": "str"},
    "ip_version": {"type": "str", "choices": ["any", "ipv4", "ipv6"]},
}
DEFAULTS: dict[str, t.Any] = {
    "create_folder": False,
    "state": "present",
    "power_state": "powered_on",
    "url_validate_certs": True,
    "version": "current",
    "base_url": layout.BASE_URL,
    "linked": False,
    "manifest": "verify",
    "import_timeout": 3600,
    "disk_provisioning": "thin",
    "encoding": "gz+base64",
    "force_plain": False,
    "max_guestinfo": guestinfo.LIMIT,
    "on_ignition_change": "fail",
    "on_immutable_change": "fail",
    "recreate": False,
    "adopt": False,
    "force": False,
    "wait_for_ip": False,
    "wait_timeout": 300,
    "ip_version": "any",
}
#: The options of the whole task.
TASK: dict[str, dict[str, t.Any]] = {
    "instances": {
        "type": "list",
        "elements": "dict",
        "options": {name: spec for name, spec in MACHINE.items() if name != "ignition"},
        "mutually_exclusive": [SOURCES, ("ignition_file", "ignition_url")],
        "required_one_of": [IDENTITY],
    },
    "threads": {"type": "int", "default": 8},
    "max_replacements": {"type": "int", "default": 1},
    "on_error": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    "progress_file": {"type": "path"},
}
SPEC: dict[str, dict[str, t.Any]] = {
    **{name: {**spec, "default": DEFAULTS[name]} if name in DEFAULTS else spec for name, spec in MACHINE.items()},
    **TASK,
}
MUTUALLY_EXCLUSIVE = [
    SOURCES,
    IGNITION,
    *([name, "instances"] for name in IDENTITY),
]
REQUIRED_ONE_OF = [(*IDENTITY, "instances")]


def each(options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The options of each machine: those of an instance, and the task's for what it leaves out."""
    task = {name: options[name] for name in MACHINE}
    if options["instances"] is None:
        return [task]
    return [_merged(task, instance) for instance in options["instances"]]


def _merged(task: dict[str, t.Any], instance: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    given = {name: value for name, value in instance.items() if value is not None}
    hidden = {name for group in (SOURCES, IGNITION) if given.keys() & set(group) for name in group}
    return {**task, **dict.fromkeys(hidden), **given}
