# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vsphere_vm against a simulated vCenter: clones, templates, imports and removal."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, properties, sdk, stamp, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import DATA, ENCODING, KARGS, decode
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova, vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings, started
from ansible_collections.flatops.flatcar.tests.vsphere.lab import TEMPLATE, Lab

pytestmark = pytest.mark.one_core


@pytest.fixture
def lab(session: connection.Session) -> Lab:
    return Lab(session)


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "flatcar.ova"
    ova.write(path)
    return str(path)


def test_a_clone_has_everything_before_it_boots(lab: Lab) -> None:
    row = lab.twice(
        name="node1",
        **TEMPLATE,
        ignition=ignition(),
        network_kargs="ip=dhcp",
        extra_config={"disk.EnableUUID": True},
        cpus=4,
        cores_per_socket=2,
        memory_mb=4096,
        disk_gb=20,
        disks=[{"size_gb": 1}, {"name": "data", "size_gb": 2}],
        nics=[{"network": "VM Network", "mac": "00:50:56:00:00:02"}],
        macs=["00:50:56:00:00:01"],
        hardware_version="vmx-19",
        annotation="a note",
    )
    assert row["actions"] == ["cloned", "powered_on"]
    hardware = row["hardware"]
    assert (hardware["cpus"], hardware["cores_per_socket"], hardware["memory_mb"]) == (4, 2, 4096)
    assert (hardware["hardware_version"], hardware["annotation"]) == (19, "a note")
    assert [(disk["name"], disk["size_gb"], disk["place"]) for disk in hardware["disks"]] == [
        (None, 20, "scsi0:0"),
        ("disk1", 1, "scsi0:1"),
        ("data", 2, "scsi0:2"),
    ]
    assert [(nic["mac"], nic["network"]) for nic in hardware["nics"]] == [
        ("00:50:56:00:00:01", "DC0_DVPG0"),
        ("00:50:56:00:00:02", "VM Network"),
    ]
    seen = lab.seen("node1")
    assert b"/etc/word" in (decode(seen.extra) or b"")
    assert (seen.extra[KARGS], seen.extra["disk.EnableUUID"]) == ("ip=dhcp", "TRUE")
    assert seen.stamp.state == stamp.COMPLETE
    assert seen.stamp.source == "template DC0_C0_RP0_VM0"
    assert lab.seen("DC0_C0_RP0_VM0").disks[0].size == 10 << 30


def test_check_mode_makes_nothing(lab: Lab, archive: str) -> None:
    before = lab.names().keys()
    for source in (TEMPLATE, {"ova": archive, "cluster": "DC0_C0"}):
        row = lab.vm(check=True, name="node1", **source, folder="new", create_folder=True, ignition=ignition())
        assert (row["changed"], row["moid"]) == (True, None)
        assert lab.diff[0] == {"node1": {}}
    assert lab.names().keys() == before


def test_an_ova_becomes_a_machine(lab: Lab, archive: str) -> None:
    row = lab.twice(
        name="node1",
        ova=archive,
        cluster="DC0_C0",
        folder="/DC0/vm/prod/east",
        create_folder=True,
        networks={"VM Network": "DC0_DVPG0"},
        ignition=ignition(),
        guest_hostname="node1",
        cpus=4,
        memory_mb=8192,
        disk_gb=40,
        disks=[{"name": "data", "size_gb": 2}],
        hardware_version="15",
        annotation="a note",
    )
    assert row["actions"] == ["created", "powered_on"]
    assert (row["folder"], row["power_state"]) == ("/DC0/vm/prod/east", "powered_on")
    assert (row["import"]["manifest"], row["import"]["source"]) == ("verified", "ova flatcar.ova")
    assert [(disk["name"], disk["size_gb"]) for disk in row["hardware"]["disks"]] == [(None, 40), ("data", 2)]
    assert [nic["network"] for nic in row["hardware"]["nics"]] == ["DC0_DVPG0"]
    assert row["hardware"]["hardware_version"] == 15
    seen = lab.seen("node1")
    assert b"/etc/hostname" in (decode(seen.extra) or b"")
    assert seen.stamp == stamp.Stamp("complete", row["ignition"]["sha256"], "ova flatcar.ova", "")


def test_what_cannot_be_made_is_refused_and_nothing_is_left(lab: Lab, archive: str) -> None:
    before = lab.names().keys()
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({}, "bad_option"),
        ({"ova": archive, "disk_gb": 1}, "bad_option"),
        ({"ova": archive, "networks": {"prod": "VM Network"}}, "network_unknown"),
        ({"ova": archive, "macs": ["00:50:56:00:00:01", "00:50:56:00:00:02"]}, "bad_option"),
        ({"ova": archive + ".none"}, "source_unreadable"),
        ({"template": "none"}, "not_found"),
        ({"template": "DC0_C0_RP0_VM0", "networks": {"VM Network": "DC0_DVPG0"}}, "network_unknown"),
        ({"template": "DC0_C0_RP0_VM0", "linked": True}, "not_found"),
        ({"template": "DC0_C0_RP0_VM0", "disk_gb": 1}, "bad_option"),
        ({"template": "DC0_C0_RP0_VM0", "ignition": "{}"}, "ignition_invalid"),
        ({"template": "DC0_C0_RP0_VM0", "nics": [{"network": "none"}]}, "not_found"),
    )
    for check in (True, False):
        for given, code in cases:
            row = lab.vm(check=check and "macs" not in given, name="node1", **{"cluster": "DC0_C0", **given})
            assert (row["failed"], row.get("error_code")) == (True, code), (given, row)
            assert not row.get("left_behind")
    assert lab.names().keys() == before


def test_templates(lab: Lab, archive: str) -> None:
    row = lab.twice(name="base", state="template", ova=archive, cluster="DC0_C0", ignition=ignition("base"))
    assert (row["actions"], row["power_state"]) == (["created", "marked_as_template"], "powered_off")
    assert lab.seen("base").template
    wrong = lab.vm(name="base", ova=archive, cluster="DC0_C0")
    assert wrong["error_code"] == "name_exists"
    node = lab.twice(name="node1", template="base", cluster="DC0_C0", ignition=ignition("node"))
    assert node["actions"] == ["cloned", "powered_on"]
    assert lab.twice(name="node2", template="/DC0/vm/base", cluster="DC0_C0", power_state="powered_off")["moid"]
    # Its guestinfo keys come with the template; vcsim leaves them there.
    assert lab.seen("node2").stamp.ignition_sha256 == row["ignition"]["sha256"]
    gone = lab.twice(name="base", state="absent")
    assert (gone["actions"], gone["moid"]) == (["deleted"], None)
    assert lab.twice(
        name="node1", template="base", cluster="DC0_C0", ignition=ignition("node"), power_state="unmanaged"
    )


def test_a_machine_that_is_off_becomes_a_template(lab: Lab) -> None:
    lab.vm(name="base", **TEMPLATE)
    assert lab.vm(name="base", **TEMPLATE, state="template")["error_code"] == "power_state"
    row = lab.twice(name="base", **TEMPLATE, state="template", force=True)
    assert row["actions"] == ["powered_off", "marked_as_template"]


def test_linked_clones_and_snapshots(lab: Lab) -> None:
    source = lab.names()["DC0_C0_RP0_VM0"]
    for name in ("one", "two"):
        tasks.wait(lab.session, source.CreateSnapshot_Task(name=name, memory=False, quiesce=False))
    assert lab.twice(name="node1", **TEMPLATE, linked=True)["actions"] == ["cloned", "powered_on"]
    assert lab.twice(name="node2", **TEMPLATE, snapshot="one")["actions"] == ["cloned", "powered_on"]
    row = lab.vm(name="node3", **TEMPLATE, snapshot="three")
    assert (row["error_code"], row["candidates"]) == ("not_found", ["one", "two"])


def test_a_clone_whose_url_takes_the_place_of_the_templates_config(lab: Lab) -> None:
    lab.vm(name="base", **TEMPLATE, ignition=ignition(), power_state="powered_off")
    lab.twice(name="node1", template="base", cluster="DC0_C0", ignition_url="https://config.example.com/a.ign")
    extra = lab.seen("node1").extra
    assert not extra.get(DATA)
    assert not extra.get(ENCODING)


def test_removal(lab: Lab) -> None:
    lab.vm(name="node1", **TEMPLATE)
    for check in (True, False):
        assert lab.vm(check=check, name="node1", state="absent")["error_code"] == "power_state"
    assert lab.twice(name="node1", state="absent", force=True)["actions"] == ["powered_off", "deleted"]
    assert lab.vm(name="DC0_C0_RP0_VM1", state="absent", force=True)["error_code"] == "not_ours"
    assert lab.twice(name="DC0_C0_RP0_VM1", state="absent", force=True, adopt=True)["changed"]


def test_a_machine_is_found_by_its_ids(lab: Lab) -> None:
    row = lab.vm(name="node1", **TEMPLATE)
    for identity in ({"moid": row["moid"]}, {"uuid": row["instance_uuid"]}, {"uuid": row["bios_uuid"]}):
        assert lab.twice(**identity)["moid"] == row["moid"]
    assert lab.vm(moid="vm-99999", **TEMPLATE)["error_code"] == "not_found"
    again = lab.vm(moid=row["moid"], **TEMPLATE, recreate=True)
    assert again["name"] == "node1"
    assert again["moid"] != row["moid"]


def test_a_host_without_vcenter(esx: vcsim.Server, archive: str) -> None:
    with connection.connect(settings(esx)) as session:
        lab = Lab(session)
        row = lab.twice(name="node1", ova=archive, ignition=ignition(), cpus=4, disk_gb=20)
        assert row["actions"] == ["created", "powered_on"]
        before = lab.names().keys()
        refused = (
            {"template": "node1"},
            {"ova": archive, "state": "template"},
            {"ova": archive, "folder": "prod", "create_folder": True},
            {"ova": archive, "datastore_cluster": "pod"},
        )
        for given in refused:
            assert lab.vm(name="node2", **given)["error_code"] == "needs_vcenter", given
        assert lab.names().keys() == before
        assert lab.twice(name="node1", state="absent", force=True)["changed"]


def test_a_clone_has_addresses_of_its_own(lab: Lab) -> None:
    lab.vm(name="base", **TEMPLATE, macs=["00:50:56:00:00:01"], power_state="powered_off")
    lab.twice(name="node1", template="base", cluster="DC0_C0")
    lab.twice(name="node2", template="base", cluster="DC0_C0", macs=["00:50:56:00:00:02"])
    macs = [lab.seen(name).nics[0].mac for name in ("base", "node1", "node2")]
    assert (macs[0], macs[2], len(set(macs))) == ("00:50:56:00:00:01", "00:50:56:00:00:02", 3)


def test_a_datastore_cluster(archive: str) -> None:
    with started(pods=1, datastores=2) as server, connection.connect(settings(server)) as session:
        lab = Lab(session)
        stores = properties.view(session, sdk.vim.Datastore, ["name"])
        (pod,) = properties.view(session, sdk.vim.StoragePod, ["name"])
        tasks.wait(session, pod.ref.MoveIntoFolder_Task([store.ref for store in stores]))
        for number, source in enumerate(({"template": "DC0_C0_RP0_VM0"}, {"ova": archive})):
            where = {"cluster": "DC0_C0", "datastore_cluster": pod.values["name"]}
            row = lab.twice(name=f"node{number}", **source, **where)
            assert row["datastore"] in [store.values["name"] for store in stores]


@pytest.mark.parametrize(
    "method, privilege, actions, left",
    [
        ("ImportVApp", "VApp.Import", [], False),
        ("ReconfigVM_Task", "VirtualMachine.Config.AddNewDisk", [], False),
        ("PowerOnVM_Task", "VirtualMachine.Interact.PowerOn", ["created"], True),
    ],
)
def test_a_missing_privilege(archive: str, method: str, privilege: str, actions: list[str], left: bool) -> None:
    """A machine that is whole stays, and the next run goes on with it."""
    with started(deny=f"{method}={privilege}") as server, connection.connect(settings(server)) as session:
        lab = Lab(session)
        row = lab.vm(name="node1", ova=archive, cluster="DC0_C0", disks=[{"size_gb": 1}])
        assert (row["error_code"], row["privilege"], row["actions"]) == ("no_permission", privilege, actions)
        assert ("node1" in lab.names()) is left
        assert bool(row["moid"]) is left
