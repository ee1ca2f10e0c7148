# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""On which datastore an import goes."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import import_spec, properties, sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Made, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_descriptor import Descriptor


def made(
    session: Session, place: Place, text: str, wanted: Wanted, networks: t.Mapping[str, sdk.Ref]
) -> tuple[sdk.Ref, Made]:
    """The datastore and the import spec for it. In a datastore cluster Storage DRS chooses, or free space does."""
    datastore = emptiest(session, place) if place.pod else place.datastore
    spec = import_spec.create(session, place, datastore, text, wanted, networks)
    if not place.pod:
        return datastore, spec
    chosen = recommended(session, place, spec, wanted.name)
    if chosen is None or chosen == datastore:
        return datastore, spec
    return chosen, import_spec.create(session, place, chosen, text, wanted, networks)


def emptiest(session: Session, place: Place) -> sdk.Ref:
    """The accessible member of the place's datastore cluster with the most free space."""
    (pod,) = properties.read(session, [place.pod], ["name", "childEntity"])
    paths = ["summary.accessible", "summary.freeSpace", "summary.maintenanceMode"]
    members = [
        found
        for found in properties.read(session, pod.values.get("childEntity") or [], paths)
        if found.values["summary.accessible"] and found.values.get("summary.maintenanceMode", "normal") == "normal"
    ]
    if not members:
        raise VsphereError(
            "not_found", f"datastore_cluster: no datastore of {pod.values['name']} is accessible. Give datastore."
        )
    return max(members, key=lambda found: found.values["summary.freeSpace"]).ref


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


def space(session: Session, datastore: sdk.Ref, about: Descriptor, wanted: Wanted) -> list[str]:
    """A warning where the disks may not fit."""
    capacity = sum(disk.capacity for disk in about.disks)
    values = properties.read(session, [datastore], ["name", "summary.freeSpace"])[0].values
    free = values["summary.freeSpace"]
    if capacity <= free:
        return []
    may = "may grow to" if wanted.provisioning == "thin" else "take"
    return [f"The disks of {wanted.name} {may} {_gib(capacity)}, and {values['name']} has {_gib(free)} free."]


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
