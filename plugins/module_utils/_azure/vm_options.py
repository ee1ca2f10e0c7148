# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of azure_vm: one table, for a VM by itself and for each of `instances`.

Names are those of azure.azcollection's azure_rm_virtualmachine where it has the same option.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.network_options import NETWORK
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import options

#: Of each of these an instance that gives one takes none of the task's.
IGNITION = ("ignition", "ignition_file")
PLACE = ("zones", "availability_set")

STATES = ("present", "absent", "running", "stopped", "deallocated", "restarted")
CACHING = ("None", "ReadOnly", "ReadWrite")
#: Those of an OS disk; a data disk can be of more.
OS_DISK_TYPES = ("Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS")
DISK_TYPES = (*OS_DISK_TYPES, "PremiumV2_LRS", "UltraSSD_LRS")
IDENTITIES = ("None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned")

_DATA_DISK: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "lun": {"type": "int"},
    "disk_size_gb": {"type": "int", "required": True},
    "managed_disk_type": {"type": "str", "choices": list(DISK_TYPES)},
    "caching": {"type": "str", "choices": list(CACHING)},
    "keep": {"type": "bool", "default": False},
}
_PLAN: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str", "required": True},
    "product": {"type": "str", "required": True},
    "publisher": {"type": "str", "required": True},
    "promotion_code": {"type": "str"},
}
_IDENTITY: dict[str, dict[str, t.Any]] = {
    "type": {"type": "str", "choices": list(IDENTITIES), "required": True},
    "user_assigned_identities": {
        "type": "dict",
        "options": {
            "id": {"type": "list", "elements": "str", "required": True},
            "append": {"type": "bool", "default": True},
        },
    },
}
_SECURITY: dict[str, dict[str, t.Any]] = {
    "security_type": {"type": "str", "choices": ["Standard", "TrustedLaunch", "ConfidentialVM"]},
    "encryption_at_host": {"type": "bool"},
    "uefi_settings": {
        "type": "dict",
        "options": {"secure_boot_enabled": {"type": "bool"}, "v_tpm_enabled": {"type": "bool"}},
    },
}
#: The options of one VM.
MACHINE: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "resource_group": {"type": "str"},
    "location": {"type": "str"},
    "state": {"type": "str", "choices": list(STATES), "default": "present"},
    "vm_size": {"type": "str"},
    "image": {"type": "raw"},
    "plan": {"type": "dict", "options": _PLAN},
    "accept_terms": {"type": "bool", "default": False},
    "ignition": {"type": "json", "no_log": True},
    "ignition_file": {"type": "path"},
    "ignition_in": {"type": "str", "choices": ["custom_data", "user_data"], "default": "custom_data"},
    "admin_username": {"type": "str"},
    "ssh_public_keys": {"type": "list", "elements": "raw"},
    "zones": {"type": "list", "elements": "str"},
    "availability_set": {"type": "str"},
    "proximity_placement_group": {"type": "str"},
    "priority": {"type": "str", "choices": ["Regular", "Spot"]},
    "eviction_policy": {"type": "str", "choices": ["Deallocate", "Delete"]},
    "max_price": {"type": "float"},
    "vm_identity": {"type": "dict", "options": _IDENTITY},
    "boot_diagnostics": {
        "type": "dict",
        "options": {"enabled": {"type": "bool", "default": True}, "storage_account": {"type": "str"}},
    },
    "managed_disk_type": {"type": "str", "choices": list(OS_DISK_TYPES)},
    "os_disk_size_gb": {"type": "int"},
    "os_disk_caching": {"type": "str", "choices": list(CACHING)},
    "ephemeral_os_disk": {"type": "bool"},
    "data_disks": {"type": "list", "elements": "dict", "options": _DATA_DISK},
    "security_profile": {"type": "dict", "options": _SECURITY},
    **NETWORK,
    "tags": {"type": "dict"},
    "append_tags": {"type": "bool", "default": True},
    **options.CHANGES,
}
INSTANCE = {**options.instance(MACHINE), "name": {"type": "str", "required": True}}
SPEC: dict[str, dict[str, t.Any]] = {**MACHINE, **options.task(INSTANCE, ("name",), (PLACE,))}
MUTUALLY_EXCLUSIVE = [IGNITION, PLACE, ("name", "instances")]
REQUIRED_ONE_OF = [("name", "instances")]


def each(given: options.Options) -> list[dict[str, t.Any]]:
    """The options of each VM: those of an instance, and the task's for what it leaves out."""
    return options.each(given, MACHINE, (IGNITION, PLACE))
