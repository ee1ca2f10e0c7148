# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A VM becomes another: full and linked clones, of a template, a VM or a snapshot of it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import properties, sdk, storage, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine


def clone(
    session: Session,
    inventory: Inventory,
    source: Machine,
    name: str,
    place: Place,
    config: t.Any,
    *,
    snapshot: sdk.Ref = None,
    linked: bool = False,
    timeout: float = 3600,
) -> sdk.Ref:
    """The new VM, which is off. config is a ConfigSpec: the VM has its settings from the first moment on."""
    location = sdk.vim.vm.RelocateSpec(pool=place.pool, host=place.host, datastore=place.datastore)
    if linked:
        location.diskMoveType = "createNewChildDiskBacking"
    spec = sdk.vim.vm.CloneSpec(location=location, powerOn=False, template=False, config=config, snapshot=snapshot)
    if place.pod:
        location.datastore = _recommended(session, inventory, source, name, place, spec)
    with translated(f"Clone {source.name} to {name}"):
        return tasks.wait(session, source.ref.CloneVM_Task(folder=place.folder, name=name, spec=spec), timeout)


def snapshot(session: Session, source: Machine, name: str | None, *, linked: bool) -> sdk.Ref:
    """The snapshot of a name, or for a linked clone the current one; None where none is needed."""
    if name is None and not linked:
        return None
    # vcsim leaves out an object that has none of the asked properties.
    read = properties.read(session, [source.ref], ["snapshot"])
    found = read[0].values.get("snapshot") if read else None
    if name is None:
        if found is None:
            raise VsphereError(
                "not_found",
                f"{source.name} has no snapshot, from which alone a linked clone can be made. Take one, or set linked "
                "to false.",
            )
        return found.currentSnapshot
    trees = list(_trees(found.rootSnapshotList)) if found else []
    matching = [tree.snapshot for tree in trees if tree.name == name]
    if len(matching) != 1:
        code = "ambiguous" if matching else "not_found"
        names = sorted({tree.name for tree in trees})
        raise VsphereError(
            code,
            f"snapshot: {source.name} has {len(matching) or 'no'} snapshots named {name!r}. "
            f"Its snapshots: {', '.join(names) or 'none'}.",
            candidates=names,
        )
    return matching[0]


def _trees(roots: t.Iterable[t.Any]) -> t.Iterator[t.Any]:
    for root in roots or ():
        yield root
        yield from _trees(root.childSnapshotList)


def _recommended(
    session: Session, inventory: Inventory, source: Machine, name: str, place: Place, spec: t.Any
) -> sdk.Ref:
    """Where Storage DRS wants the clone in the place's datastore cluster; the emptiest where it wants nothing."""
    kind = sdk.vim.storageDrs
    wanted = kind.StoragePlacementSpec(
        type="clone",
        podSelectionSpec=kind.PodSelectionSpec(storagePod=place.pod),
        vm=source.ref,
        folder=place.folder,
        cloneName=name,
        cloneSpec=spec,
    )
    return storage.asked(session, wanted, name) or inventory.members(place)[0]
