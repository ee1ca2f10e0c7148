# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clones in a datastore cluster, and the networks of NICs."""

from __future__ import annotations

import typing as t

import pytest
from pyVmomi import vim

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import clone, machine, networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.properties import Found
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.fake import (
    Datastore,
    FakeSession,
    Folder,
    Pod,
    Pool,
    Ref,
    Task,
    Thing,
)
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.fake_vm import Vm


class Cluster(Thing):
    kind = vim.ClusterComputeResource


class Opaque(Thing):
    """A network of NSX."""

    kind = vim.OpaqueNetwork


@pytest.mark.parametrize("recommends", [True, False])
def test_storage_drs_chooses_where_a_clone_goes(recommends: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    base = Vm(session.server, "base", {})
    small, large = (Datastore(session.server, name, free) for name, free in (("small", 1), ("large", 2)))
    pod = Pod(session.server, name="pod")
    found = [Found(pod.ref, {"name": "pod"})]
    found += [Found(each.ref, {**each.values, "parent": pod.ref}) for each in (small, large)]
    compute = Cluster(session.server)
    found.append(Found(compute.ref, {"name": "prod", "datastore": [small.ref, large.ref]}))
    session.storage.recommends = [small.ref] if recommends else []
    specs = []

    def take(this: Vm, folder: Ref, name: str, spec: t.Any) -> Ref:
        specs.append(spec)
        return Task(this.server).ref

    monkeypatch.setattr(Vm, "CloneVM_Task", take)
    place = Place(None, compute.ref, Pool(session.server).ref, Folder(session.server).ref, pod=pod.ref)
    source = machine.observe_one(session, base.ref)
    clone.clone(session, Inventory(found), source, "node1", place, vim.vm.ConfigSpec())
    assert specs[0].location.datastore == (small if recommends else large).ref
    asked = session.storage.asked[0]
    assert (asked.type, asked.cloneName, asked.vm) == ("clone", "node1", base.ref)


def test_a_nic_on_a_network_of_nsx() -> None:
    session = FakeSession()
    summary = vim.OpaqueNetwork.Summary(
        name="segment", accessible=True, ipPoolName="", opaqueNetworkId="id-1", opaqueNetworkType="nsx.LogicalSwitch"
    )
    network = Opaque(session.server, name="segment", summary=summary)
    known = Inventory([Found(network.ref, {"name": "segment"})])
    target = networks.target(session, known, network.ref)
    assert (target.name, target.id) == ("segment", "id-1")
    assert machine.network_id(target.backing) == "id-1"
