# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A VM as results show it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import resource_id
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import Json, Seen, SeenDisk

#: What is said of a VM that is not there.
BARE: Json = {
    "id": None,
    "resource_group": None,
    "location": None,
    "vm_size": None,
    "power_state": None,
    "provisioning_state": None,
    "public_ips": [],
    "private_ips": [],
    "ips": [],
    "image": None,
    "zones": [],
    "disks": [],
    "network_interfaces": [],
    "tags": {},
    "stamp": None,
}
#: Keys of an image reference as results show them.
_IMAGE = {
    "publisher": "publisher",
    "offer": "offer",
    "sku": "sku",
    "version": "version",
    "exact_version": "exactVersion",
    "id": "id",
    "community_gallery_image_id": "communityGalleryImageId",
}


def described(seen: Seen, nics: t.Mapping[str, Json], ips: t.Mapping[str, Json]) -> Json:
    """nics and ips are JSON by resource_id.key, as far as they are known."""
    public, private = addresses(seen, nics, ips)
    disks = [seen.os_disk] if seen.os_disk else []
    return {
        "id": seen.id,
        "resource_group": seen.resource_group,
        "location": seen.location,
        "vm_size": seen.vm_size,
        "power_state": seen.power,
        "provisioning_state": seen.provisioning,
        "public_ips": public,
        "private_ips": private,
        "ips": [*public, *private],
        "image": {name: seen.image.get(key) for name, key in _IMAGE.items()},
        "zones": list(seen.zones),
        "disks": [_disk(disk, seen) for disk in (*disks, *seen.data_disks)],
        "network_interfaces": list(seen.nics),
        "tags": dict(seen.tags),
        "stamp": _stamp(seen),
    }


def addresses(seen: Seen, nics: t.Mapping[str, Json], ips: t.Mapping[str, Json]) -> tuple[list[str], list[str]]:
    """Public and private addresses, those of the primary NIC and of its primary configuration first."""
    public, private = [], []
    for id in seen.nics:
        configurations = _properties(nics.get(resource_id.key(id))).get("ipConfigurations") or ()
        for each in sorted(configurations, key=lambda each: not _properties(each).get("primary")):
            inner = _properties(each)
            private.append(inner.get("privateIPAddress"))
            there = inner.get("publicIPAddress") or {}
            public.append(_properties(ips.get(resource_id.key(there.get("id")))).get("ipAddress"))
    return [ip for ip in public if ip], [ip for ip in private if ip]


def _disk(disk: SeenDisk, seen: Seen) -> Json:
    return {
        "name": disk.name,
        "id": disk.id or None,
        "os": disk is seen.os_disk,
        "lun": disk.lun,
        "size_gb": disk.size,
        "type": disk.type,
        "caching": disk.caching,
        "keep": not disk.deletes,
    }


def _stamp(seen: Seen) -> Json | None:
    if not seen.stamp.is_ours:
        return None
    return {"state": seen.stamp.state, "ignition_sha256": seen.stamp.ignition, "source": seen.stamp.source}


def _properties(found: Json | None) -> Json:
    return (found or {}).get("properties") or {}
