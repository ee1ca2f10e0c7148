# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which place is chosen in an inventory, and what is said where none can be."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import sdk
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import (
    Identity,
    Inventory,
    Wanted,
    escaped,
    identity,
    plain,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.properties import Found

vim = sdk.vim
GIB = 1 << 30
MAIN = Wanted(cluster="main", datastore="fast")


class Server:
    """The objects of a server; each is named by its id when another refers to it."""

    def __init__(self) -> None:
        self.refs: dict[str, sdk.Ref] = {}
        self.values: dict[str, dict[str, t.Any]] = {}

    def add(self, kind: t.Any, moid: str, name: str, parent: str, **values: t.Any) -> None:
        """A double underscore in the name of a value stands for a dot; lists and `resourcePool` hold ids."""
        self.refs[moid] = kind(moid)
        self.values[moid] = {"name": name, "parent": parent}
        self.values[moid].update((key.replace("__", "."), value) for key, value in values.items())

    def inventory(self) -> Inventory:
        found = []
        for moid, values in self.values.items():
            plain = {key: self.resolved(key, value) for key, value in values.items()}
            found.append(Found(self.refs[moid], {key: value for key, value in plain.items() if value is not None}))
        return Inventory(found)

    def resolved(self, key: str, value: t.Any) -> t.Any:
        if key in ("parent", "resourcePool", "vmFolder"):
            return self.refs.get(value)
        if key in ("network", "datastore"):
            return [self.refs[moid] for moid in value]
        return value


@pytest.fixture
def server() -> Server:
    """Datacenter dc: cluster main (hosts h1, h2; pools web and web/inner), cluster bare without DRS, a lone host."""
    made = Server()
    made.add(vim.Datacenter, "datacenter-1", "dc", "", vmFolder="group-v")
    for moid, name in (("group-v", "vm"), ("group-h", "host"), ("group-s", "datastore"), ("group-n", "network")):
        made.add(vim.Folder, moid, name, "datacenter-1")
    made.add(vim.Folder, "group-v1", "prod", "group-v")
    made.add(vim.Folder, "group-v2", "k8s%2fblue", "group-v1")
    made.add(vim.StoragePod, "group-p1", "pod", "group-s")
    made.add(vim.StoragePod, "group-p2", "empty", "group-s")
    usable = {"summary__accessible": True, "summary__maintenanceMode": "normal", "summary__freeSpace": 5 * GIB}
    made.add(vim.Datastore, "datastore-1", "fast", "group-s", **usable)
    made.add(vim.Datastore, "datastore-2", "slow", "group-p1", **usable)
    made.add(vim.Datastore, "datastore-3", "gone", "group-s", summary__accessible=False)
    made.add(
        vim.Datastore, "datastore-4", "resting", "group-s", **{**usable, "summary__maintenanceMode": "inMaintenance"}
    )
    made.add(vim.Network, "network-1", "lan", "group-n")
    group = vim.dvs.DistributedVirtualPortgroup
    made.add(group, "dvportgroup-1", "lan", "group-n", config__uplink=False)
    made.add(group, "dvportgroup-2", "dmz", "group-n", config__uplink=False)
    made.add(group, "dvportgroup-3", "uplinks", "group-n", config__uplink=True)
    made.add(group, "dvportgroup-4", "dvs-DVUplinks-9", "group-n")
    made.add(group, "dvportgroup-5", "dvs-DVUplinks-of-ours", "group-n", config__uplink=False)
    networks = ["network-1", "dvportgroup-1", "dvportgroup-2", "dvportgroup-3", "dvportgroup-4", "dvportgroup-5"]
    stores = ["datastore-1", "datastore-2", "datastore-3", "datastore-4"]
    cluster(made, "main", "domain-c1", network=networks, datastore=stores, configuration__drsConfig__enabled=True)
    host(made, "h1", "host-1", "domain-c1", network=["network-1"], datastore=["datastore-1"])
    host(made, "h2", "host-2", "domain-c1", network=networks, datastore=stores)
    made.add(vim.ResourcePool, "resgroup-web", "web", "pool-domain-c1")
    made.add(vim.VirtualApp, "resgroup-inner", "inner", "resgroup-web")
    cluster(made, "bare", "domain-c2", network=[], datastore=["datastore-1"], configuration__drsConfig__enabled=False)
    for number, used in (("3", 90), ("4", 10), ("5", 20)):
        host(
            made,
            f"h{number}",
            f"host-{number}",
            "domain-c2",
            datastore=["datastore-1"],
            hardware__memorySize=100 << 20,
            summary__quickStats__overallMemoryUsage=used,
        )
    made.add(vim.ComputeResource, "domain-s1", "lone", "group-h", resourcePool="pool-lone", network=[], datastore=[])
    made.add(vim.ResourcePool, "pool-lone", "Resources", "domain-s1")
    host(made, "lone", "host-6", "domain-s1")
    return made


def cluster(server: Server, name: str, moid: str, **values: t.Any) -> None:
    server.add(vim.ClusterComputeResource, moid, name, "group-h", resourcePool=f"pool-{moid}", **values)
    server.add(vim.ResourcePool, f"pool-{moid}", "Resources", moid)


def host(server: Server, name: str, moid: str, parent: str, **values: t.Any) -> None:
    state = {"runtime__connectionState": "connected", "runtime__inMaintenanceMode": False}
    server.add(vim.HostSystem, moid, name, parent, **{"network": [], "datastore": [], **state, **values})


def test_paths(server: Server) -> None:
    objects = server.inventory()
    assert objects.path_of(server.refs["group-v2"]) == "/dc/vm/prod/k8s%2fblue"
    assert objects.name_of(server.refs["group-v2"]) == "k8s/blue"
    assert objects.path_of(server.refs["resgroup-inner"]) == "/dc/host/main/Resources/web/inner"
    assert objects.path_of(vim.Folder("group-unseen")) == ""


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (MAIN, {"compute": "domain-c1", "pool": "pool-domain-c1", "folder": "group-v", "datastore": "datastore-1"}),
        (MAIN._replace(cluster="/dc/host/main"), {"compute": "domain-c1"}),
        (MAIN._replace(cluster="domain-c1", datacenter="datacenter-1"), {"compute": "domain-c1"}),
        (Wanted(host="h1"), {"compute": "domain-c1", "host": "host-1", "datastore": "datastore-1"}),
        (MAIN._replace(host="h2"), {"host": "host-2"}),
        (Wanted(resource_pool="web", datastore="fast"), {"compute": "domain-c1", "pool": "resgroup-web"}),
        (Wanted(resource_pool="inner", datastore="fast"), {"pool": "resgroup-inner"}),
        (Wanted(resource_pool="main/Resources/web", datastore="fast"), {"pool": "resgroup-web"}),
        (MAIN._replace(resource_pool="Resources"), {"pool": "pool-domain-c1"}),
        (MAIN._replace(folder="prod"), {"folder": "group-v1"}),
        (MAIN._replace(folder="/dc/vm/prod/k8s%2fblue"), {"folder": "group-v2"}),
        (MAIN._replace(folder="group-v2"), {"folder": "group-v2"}),
        (MAIN._replace(datastore="/dc/datastore/pod/slow"), {"datastore": "datastore-2", "pod": None}),
        (MAIN._replace(datastore=None, datastore_cluster="pod"), {"datastore": None, "pod": "group-p1"}),
    ],
)
def test_places(server: Server, wanted: Wanted, chosen: dict[str, str | None]) -> None:
    place = server.inventory().place(wanted)._asdict()
    assert {name: place[name] and place[name]._moId for name in chosen} == chosen


@pytest.mark.parametrize(
    ("wanted", "code", "said", "candidates"),
    [
        (Wanted(), "ambiguous", "Give cluster, host or resource_pool", ["domain-c2", "domain-s1", "domain-c1"]),
        (Wanted(cluster="mian"), "not_found", "There is no cluster 'mian'", ["domain-c2", "domain-s1", "domain-c1"]),
        (Wanted(datacenter="dd"), "not_found", "There is no datacenter 'dd'", ["datacenter-1"]),
        (Wanted(cluster="main", host="h3"), "not_found", "in /dc/host/main", ["host-1", "host-2"]),
        (Wanted(resource_pool="Resources"), "ambiguous", "fits several", None),
        (Wanted(cluster="main"), "ambiguous", "5.0 GiB free", ["datastore-1", "datastore-2"]),
        (Wanted(cluster="lone"), "not_found", "No datastore can be used", []),
        (MAIN._replace(datastore="gone"), "not_found", "fast (datastore-1", ["datastore-1", "datastore-2"]),
        (MAIN._replace(datastore="resting"), "not_found", "no datastore 'resting'", ["datastore-1", "datastore-2"]),
        (MAIN._replace(datastore_cluster="pod"), "bad_option", "exclude each other", None),
        (Wanted(cluster="main", datastore_cluster="empty"), "not_found", "'empty' can be used", None),
        (Wanted(host="h1", datastore_cluster="pod"), "not_found", "'pod' can be used at /dc/host/main/h1", None),
        (MAIN._replace(folder="prod/x"), "not_found", "no folder 'x' in /dc/vm/prod; create_folder", ["group-v2"]),
        (MAIN._replace(folder="/dc/host/prod"), "bad_option", "not below /dc/vm", None),
        (MAIN._replace(folder="/dd/vm"), "not_found", "no datacenter of folder '/dd/vm'", ["datacenter-1"]),
    ],
)
def test_no_place(server: Server, wanted: Wanted, code: str, said: str, candidates: list[str] | None) -> None:
    with pytest.raises(VsphereError) as caught:
        server.inventory().place(wanted)
    assert caught.value.code == code
    assert said in str(caught.value)
    if candidates is not None:
        assert [each["moid"] for each in caught.value.about["candidates"]] == candidates


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"runtime.inMaintenanceMode": True}, "in maintenance mode"),
        ({"runtime.connectionState": "notResponding"}, "notResponding"),
    ],
)
def test_a_host_that_takes_no_vm(server: Server, state: dict[str, t.Any], said: str) -> None:
    server.values["host-1"].update(state)
    with pytest.raises(VsphereError, match=said):
        server.inventory().place(Wanted(host="h1"))


def test_without_drs_the_hosts_take_turns_by_their_memory(server: Server) -> None:
    objects = server.inventory()
    chosen = [objects.place(Wanted(cluster="bare")).host._moId for dummy in range(4)]
    assert chosen == ["host-4", "host-5", "host-3", "host-4"]


def test_without_drs_no_host_may_be_left(server: Server) -> None:
    for number in "345":
        server.values[f"host-{number}"]["runtime.inMaintenanceMode"] = True
    with pytest.raises(VsphereError, match="No host of /dc/host/bare") as caught:
        server.inventory().place(Wanted(cluster="bare"))
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("dmz", "dvportgroup-2"),
        ("/dc/network/dmz", "dvportgroup-2"),
        ("network-1", "network-1"),
        ("dvportgroup-1", "dvportgroup-1"),
        ("dvs-DVUplinks-of-ours", "dvportgroup-5"),
    ],
)
def test_networks(server: Server, name: str, chosen: str) -> None:
    objects = server.inventory()
    assert objects.network(name, objects.place(MAIN))._moId == chosen


@pytest.mark.parametrize(
    ("name", "code", "candidates"),
    [
        ("lan", "ambiguous", ["network-1", "dvportgroup-1"]),
        ("uplinks", "not_found", ["dvportgroup-2", "dvportgroup-5", "network-1", "dvportgroup-1"]),
        ("dvs-DVUplinks-9", "not_found", ["dvportgroup-2", "dvportgroup-5", "network-1", "dvportgroup-1"]),
    ],
)
def test_no_network(server: Server, name: str, code: str, candidates: list[str]) -> None:
    objects = server.inventory()
    with pytest.raises(VsphereError) as caught:
        objects.network(name, objects.place(MAIN))
    assert caught.value.code == code
    assert [each["moid"] for each in caught.value.about["candidates"]] == candidates


def test_a_host_sees_its_own_networks_only(server: Server) -> None:
    objects = server.inventory()
    place = objects.place(Wanted(host="h1"))
    assert objects.network("lan", place)._moId == "network-1"
    with pytest.raises(VsphereError, match="at /dc/host/main/h1"):
        objects.network("dmz", place)


def test_long_lists_are_cut_in_the_message_alone(server: Server) -> None:
    for number in range(30):
        server.add(vim.Folder, f"group-many{number}", f"many{number}", "group-v1")
    with pytest.raises(VsphereError, match="and 11 more") as caught:
        server.inventory().place(MAIN._replace(folder="prod/x"))
    assert len(caught.value.about["candidates"]) == 31


def test_a_folder_above_the_datacenter(server: Server) -> None:
    server.add(vim.Folder, "group-d1", "europe", "")
    server.values["datacenter-1"]["parent"] = "group-d1"
    objects = server.inventory()
    assert objects.path_of(server.refs["group-v1"]) == "/europe/dc/vm/prod"
    assert objects.place(MAIN._replace(folder="/europe/dc/vm/prod")).folder == server.refs["group-v1"]


@pytest.mark.parametrize("name", ["web", "a/b", "100%", "a\\b", "%2f"])
def test_escapes(name: str) -> None:
    assert plain(escaped(name)) == name
    assert "/" not in escaped(name)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("web", Identity("web", "dc")),
        ("/dc/vm/prod/web", Identity("web", "dc", "/dc/vm/prod")),
        ("vm-12", Identity(moid="vm-12")),
    ],
)
def test_identity(value: str, meant: Identity) -> None:
    assert identity(value, "dc") == meant
