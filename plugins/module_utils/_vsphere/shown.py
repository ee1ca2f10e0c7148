# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A VM as the results of the modules show it. No value of a guestinfo key is among that."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine

_DATASTORE = re.compile(r"\[([^]]+)\]")


def shown(machine: Machine, inventory: Inventory) -> dict[str, t.Any]:
    """Identity, place, power, addresses and hardware; the names are those of the options of vsphere_vm."""
    return {
        "name": machine.name,
        "moid": machine.moid,
        "instance_uuid": machine.instance_uuid,
        "bios_uuid": machine.bios_uuid,
        "folder": inventory.path_of(machine.folder) or None,
        "host": inventory.name_of(machine.host) or None,
        "datastore": _datastore(machine.file),
        "power_state": machine.power,
        "ips": list(machine.ips),
        "hardware": _hardware(machine, inventory),
    }


def _hardware(machine: Machine, inventory: Inventory) -> dict[str, t.Any]:
    networks = {ref._moId: inventory.name_of(ref) for ref in inventory.all("Network")}
    return {
        "cpus": machine.cpus,
        "cores_per_socket": machine.cores,
        "memory_mb": machine.memory_mb,
        "hardware_version": machine.version,
        "firmware": machine.firmware,
        "annotation": machine.annotation,
        "disks": [
            {"place": disk.place, "size_gb": round(disk.size / (1 << 30), 2), "datastore": _datastore(disk.file)}
            for disk in machine.disks
        ],
        "nics": [
            {"mac": nic.mac, "type": nic.type, "network": networks.get(nic.network, nic.network)}
            for nic in machine.nics
        ],
    }


def _datastore(path: str) -> str | None:
    """The datastore of a path such as "[ds1] web/web.vmx"."""
    found = _DATASTORE.match(path)
    return found[1] if found else None
