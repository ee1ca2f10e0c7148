# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where VMs go, at a simulated vCenter and at a host without one."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, properties, sdk, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import (
    Identity,
    Inventory,
    Place,
    Wanted,
    identity,
    machines,
    make_folders,
)
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings, started

CLUSTER = Wanted(cluster="DC0_C0")


def shown(objects: Inventory, place: Place) -> dict[str, object]:
    """The paths of a place."""
    return {
        name: objects.path_of(ref) for name, ref in place._asdict().items() if isinstance(ref, sdk.vim.ManagedEntity)
    }


def test_a_cluster(session: connection.Session) -> None:
    objects = Inventory.load(session)
    assert shown(objects, objects.place(CLUSTER)) == {
        "datacenter": "/DC0",
        "compute": "/DC0/host/DC0_C0",
        "pool": "/DC0/host/DC0_C0/Resources",
        "folder": "/DC0/vm",
        "datastore": "/DC0/datastore/LocalDS_0",
    }


def test_a_lone_host_is_a_compute_resource_of_its_name(session: connection.Session) -> None:
    objects = Inventory.load(session)
    by_host, by_compute = objects.place(Wanted(host="DC0_H0")), objects.place(Wanted(cluster="DC0_H0"))
    assert objects.path_of(by_host.compute) == objects.path_of(by_compute.compute) == "/DC0/host/DC0_H0"
    assert objects.path_of(by_host.host) == "/DC0/host/DC0_H0/DC0_H0"


def test_a_folder_with_the_name_of_a_vm(session: connection.Session) -> None:
    objects = Inventory.load(session)
    place = objects.place(CLUSTER._replace(folder="DC0_H0_VM0", create_folder=True))
    with pytest.raises(VsphereError, match="a VM there has this name") as raised:
        make_folders(session, place)
    assert raised.value.code == "bad_option"


def test_networks_of_a_place(session: connection.Session) -> None:
    objects = Inventory.load(session)
    place = objects.place(CLUSTER)
    plain, switched = objects.network("VM Network", place), objects.network("DC0_DVPG0", place)
    assert isinstance(switched, sdk.vim.dvs.DistributedVirtualPortgroup)
    assert objects.network("/DC0/network/VM Network", place) == plain
    assert objects.network(plain._moId, place) == plain
    with pytest.raises(VsphereError, match="VM Network") as caught:
        objects.network("DVS0-DVUplinks-8", place)
    assert caught.value.code == "not_found"
    assert [each["path"] for each in caught.value.about["candidates"]] == [
        "/DC0/network/DC0_DVPG0",
        "/DC0/network/VM Network",
    ]


def test_a_datastore_is_chosen_where_there_is_one_only() -> None:
    with started(datastores=2, pods=1) as server, connection.connect(settings(server)) as session:
        objects = Inventory.load(session)
        with pytest.raises(VsphereError, match="GiB free") as caught:
            objects.place(CLUSTER)
        assert caught.value.code == "ambiguous"
        place = objects.place(CLUSTER._replace(datastore="LocalDS_1"))
        assert objects.name_of(place.datastore) == "LocalDS_1"
        (pod,) = objects.all("StoragePod")
        wanted = CLUSTER._replace(datastore_cluster=objects.name_of(pod))
        with pytest.raises(VsphereError, match="can be used at /DC0/host/DC0_C0"):
            objects.place(wanted)
        tasks.wait(session, pod.MoveIntoFolder_Task([place.datastore]))
        objects = Inventory.load(session)
        place = objects.place(wanted)
        assert (place.datastore, place.pod) == (None, pod)


def test_folders_are_made_once(session: connection.Session) -> None:
    objects = Inventory.load(session)
    wanted = CLUSTER._replace(folder="prod/a%2fb")
    with pytest.raises(VsphereError, match="create_folder"):
        objects.place(wanted)
    place = objects.place(wanted._replace(create_folder=True))
    assert place.missing_folders == ("prod", "a/b")
    made: list[Place] = []
    threads = [threading.Thread(target=lambda: made.append(make_folders(session, place))) for dummy in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.folder for each in made}) == 1
    objects = Inventory.load(session)
    assert objects.place(wanted) == made[0]
    assert objects.path_of(made[0].folder) == "/DC0/vm/prod/a%2fb"


def test_several_datacenters() -> None:
    with started(datacenters=2) as server, connection.connect(settings(server)) as session:
        objects = Inventory.load(session)
        with pytest.raises(VsphereError, match="Give cluster, host or resource_pool") as caught:
            objects.place(Wanted())
        assert len(caught.value.about["candidates"]) == 4
        assert objects.path_of(objects.place(Wanted(datacenter="DC1", cluster="DC1_C0")).folder) == "/DC1/vm"
        assert objects.path_of(objects.place(Wanted(folder="/DC1/vm", host="DC1_H0")).compute) == "/DC1/host/DC1_H0"
        with pytest.raises(VsphereError, match="in datacenter DC1"):
            objects.place(Wanted(datacenter="DC1", cluster="DC0_C0"))


def test_a_host_without_vcenter(esx: vcsim.Server) -> None:
    with connection.connect(settings(esx)) as session:
        objects = Inventory.load(session)
        place = objects.place(Wanted(folder="/ha-datacenter/vm"))
        assert objects.path_of(place.folder) == "/ha-datacenter/vm"
        assert objects.name_of(objects.network("VM Network", place)) == "VM Network"
        for wanted in (Wanted(folder="prod", create_folder=True), Wanted(datastore_cluster="pod")):
            with pytest.raises(VsphereError) as caught:
                objects.place(wanted)
            assert caught.value.code == "needs_vcenter"


def test_machines(session: connection.Session) -> None:
    objects = Inventory.load(session)
    every = {
        found.values["name"]: (found.ref, found.values["config.instanceUuid"])
        for found in properties.view(session, sdk.vim.VirtualMachine, ["name", "config.instanceUuid"])
    }
    ref, uuid = every["DC0_H0_VM0"]
    name = "DC0_H0_VM0"
    wanted = [
        Identity(name),
        Identity(name, datacenter="DC0"),
        Identity(name, folder="/DC0/vm"),
        Identity(uuid=uuid),
        Identity(moid=ref._moId),
        identity(ref._moId),
        identity(f"/DC0/vm/{name}"),
        identity(name, "DC0"),
    ]
    assert machines(session, objects, wanted) == [ref] * len(wanted)
    missing = [Identity("x"), Identity(name, folder="x"), Identity(uuid="x"), Identity(moid="vm-999999")]
    assert machines(session, objects, missing) == [None] * len(missing)


def test_a_name_of_several_machines(session: connection.Session) -> None:
    objects = Inventory.load(session)
    (ref,) = machines(session, objects, [Identity("DC0_H0_VM0")])
    place = make_folders(session, objects.place(CLUSTER._replace(folder="other", create_folder=True)))
    spec = sdk.vim.vm.CloneSpec(location=sdk.vim.vm.RelocateSpec(), powerOn=False)
    tasks.wait(session, ref.CloneVM_Task(place.folder, "DC0_H0_VM0", spec))
    objects = Inventory.load(session)
    with pytest.raises(VsphereError, match=r"/DC0/vm/other/DC0_H0_VM0 \(vm-") as caught:
        machines(session, objects, [Identity("DC0_H0_VM0")])
    assert caught.value.code == "ambiguous"
    assert machines(session, objects, [Identity("DC0_H0_VM0", folder="vm")]) == [None]
    assert machines(session, objects, [identity("/DC0/vm/DC0_H0_VM0")]) == [ref]
