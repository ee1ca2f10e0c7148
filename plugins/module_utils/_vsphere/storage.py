# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""On which datastore an import goes."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import import_spec, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Made, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_descriptor import Descriptor


def choose(
    session: Session, inventory: Inventory, place: Place, text: str, wanted: Wanted, networks: t.Mapping[str, sdk.Ref]
) -> tuple[sdk.Ref, Made]:
    """The datastore and the import spec for it. In a datastore cluster Storage DRS chooses, or else free space does."""
    datastore = inventory.members(place)[0] if place.pod else place.datastore
    made = import_spec.create(session, place, datastore, text, wanted, networks)
    if place.pod:
        chosen = recommended(session, place, made, wanted.name)
        if chosen is not None and chosen != datastore:
            return chosen, import_spec.create(session, place, chosen, text, wanted, networks)
    return datastore, made


def recommended(session: Session, place: Place, made: Made, name: str) -> sdk.Ref:
    """The member of the place's datastore cluster that Storage DRS wants for a new VM, None where it wants none."""
    kind = sdk.vim.storageDrs
    disks = [
        kind.PodSelectionSpec.DiskLocator(diskId=change.device.key, diskBackingInfo=change.device.backing)
        for change in made.config.deviceChange
        if isinstance(change.device, sdk.vim.vm.device.VirtualDisk)
    ]
    spec = kind.StoragePlacementSpec(
        type="create",
        podSelectionSpec=kind.PodSelectionSpec(
            storagePod=place.pod,
            initialVmConfig=[kind.PodSelectionSpec.VmPodConfig(storagePod=place.pod, disk=disks)],
        ),
        configSpec=made.config,
        resourcePool=place.pool,
        host=place.host,
        folder=place.folder,
    )
    return asked(session, spec, name)


def asked(session: Session, spec: t.Any, name: str) -> sdk.Ref:
    """The datastore that Storage DRS recommends for a StoragePlacementSpec, None where it wants none."""
    kind = sdk.vim.storageDrs
    try:
        with translated(f"Storage DRS for {name}"):
            result = session.content.storageResourceManager.RecommendDatastores(spec)
    except VsphereError:
        return None
    for recommendation in result.recommendations:
        for action in recommendation.action:
            if isinstance(action, kind.StoragePlacementAction):
                return action.destination
    return None


def space(inventory: Inventory, datastore: sdk.Ref, about: Descriptor, wanted: Wanted) -> list[str]:
    """A warning where the disks may not fit."""
    capacity, free = sum(disk.capacity for disk in about.disks), inventory.value(datastore, "summary.freeSpace")
    if free is None or capacity <= free:
        return []
    may = "may grow to" if wanted.provisioning == "thin" else "take"
    where = inventory.path_of(datastore)
    return [f"The disks of {wanted.name} {may} {_gib(capacity)}, and {where} has {_gib(free)} free."]


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
