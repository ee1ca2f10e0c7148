# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure_vm against the stand-in: another Ignition config, immutable differences, and VMs that are replaced."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import stamp
from ansible_collections.flatops.flatcar.tests.azure.lab import Lab
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.standins.arm.client import Server

#: A disk that outlives its VM, and one that does not.
DISKS = [{"name": "kept", "disk_size_gb": 4, "keep": True}, {"name": "lost", "disk_size_gb": 8}]
PUBLIC = {"outbound": "public_ip", "public_ip": "create", "ssh_sources": ["192.0.2.0/24"]}


@pytest.fixture
def lab(arm: Server, azure_env: dict[str, str]) -> Lab:
    return Lab(arm)


def born(lab: Lab, name: str = "node1") -> str:
    return str(lab.there()[name]["properties"]["vmId"])


def unique(lab: Lab, disk: str) -> str:
    return str(lab.there("disks")[disk]["properties"]["uniqueId"])


def test_another_ignition_fails_and_says_what_to_do(lab: Lab) -> None:
    lab.vm(ignition=ignition())
    with lab.looking():
        row = lab.vm(ignition=ignition("b"))
    assert row["error_code"] == "ignition_changed"
    assert row["ignition"]["changed"] is True
    assert lab.vm()["failed"] is False


def test_another_ignition_is_ignored_or_accepted(lab: Lab) -> None:
    first = lab.vm(ignition=ignition())
    row = lab.twice(ignition=ignition("b"), on_ignition_change="ignore")
    assert (row["actions"], row["ignition"]["changed"]) == ([], True)
    before = born(lab)
    row = lab.twice(ignition=ignition("b"), on_ignition_change="accept")
    assert row["actions"] == ["stamped"]
    assert row["stamp"]["ignition_sha256"] == row["ignition"]["sha256"] != first["ignition"]["sha256"]
    assert born(lab) == before


def test_user_data_are_written_for_a_later_boot(lab: Lab) -> None:
    lab.vm(ignition=ignition(), ignition_in="user_data")
    before = born(lab)
    row = lab.twice(ignition=ignition("b"), ignition_in="user_data", on_ignition_change="update")
    assert row["actions"] == ["updated"]
    assert "Ignition will not run again" in row["warnings"][0]
    assert born(lab) == before
    assert row["stamp"]["ignition_sha256"] == row["ignition"]["sha256"]
    with lab.looking():
        row = lab.vm(ignition=ignition("b"), on_ignition_change="update")
    assert row["error_code"] == "bad_option"


def test_a_replacement_keeps_disks_and_addresses(lab: Lab) -> None:
    given: dict[str, t.Any] = {**PUBLIC, "data_disks": DISKS, "on_ignition_change": "replace"}
    old = lab.vm(ignition=ignition(), **given)
    before, kept, lost = born(lab), unique(lab, "node1-kept"), unique(lab, "node1-lost")
    row = lab.twice(ignition=ignition("b"), **given)
    assert row["actions"] == ["deleted", "created"]
    assert born(lab) != before
    assert (row["public_ips"], row["private_ips"]) == (old["public_ips"], old["private_ips"])
    assert unique(lab, "node1-kept") == kept
    assert unique(lab, "node1-lost") != lost
    assert len(lab.there("disks")) == 3
    assert {disk["name"]: disk["keep"] for disk in row["disks"] if not disk["os"]} == {
        "node1-kept": True,
        "node1-lost": False,
    }


def test_a_kept_disk_comes_back_without_being_named(lab: Lab) -> None:
    lab.vm(data_disks=DISKS)
    kept = unique(lab, "node1-kept")
    row = lab.vm(recreate=True, data_disks=[{"name": "new", "disk_size_gb": 2}])
    assert not row["failed"], row
    assert {disk["name"]: disk["lun"] for disk in row["disks"] if not disk["os"]} == {"node1-new": 0, "node1-kept": 1}
    assert unique(lab, "node1-kept") == kept
    assert "node1-lost" not in lab.there("disks")


def test_a_disk_of_others_is_left_to_them(lab: Lab) -> None:
    """Such as a volume of Kubernetes, attached by its storage driver."""
    lab.vm()
    lab.attach("node1", "pvc-1")
    row = lab.vm(recreate=True)
    assert not row["failed"], row
    assert [disk["name"] for disk in row["disks"] if not disk["os"]] == []
    disk = lab.there("disks")["pvc-1"]
    assert "managedBy" not in disk
    assert not disk.get("tags")


def test_a_disk_outlives_the_vm_and_comes_back(lab: Lab) -> None:
    lab.vm(data_disks=DISKS)
    kept = unique(lab, "node1-kept")
    row = lab.vm(state="absent")
    told = f"The disk node1-kept of node1 is kept: {lab.there('disks')['node1-kept']['id']}."
    assert [warning.lower() for warning in row["warnings"]] == [told.lower()]
    assert sorted(lab.there("disks")) == ["node1-kept"]
    lab.vm(data_disks=DISKS)
    assert unique(lab, "node1-kept") == kept


def test_a_disk_may_become_one_that_is_kept(lab: Lab) -> None:
    lab.vm(data_disks=[{**DISKS[0], "keep": False}])
    kept = unique(lab, "node1-kept")
    assert lab.twice(data_disks=DISKS[:1])["actions"] == ["updated"]
    lab.vm(state="absent")
    lab.vm(data_disks=DISKS[:1])
    assert unique(lab, "node1-kept") == kept


def test_a_disk_becomes_kept_while_its_vm_is_replaced(lab: Lab) -> None:
    lab.vm(data_disks=[{**DISKS[0], "keep": False}])
    kept = unique(lab, "node1-kept")
    assert lab.vm(data_disks=DISKS[:1], recreate=True)["actions"] == ["deleted", "created"]
    assert unique(lab, "node1-kept") == kept


def test_a_disk_of_somebody_else_is_not_taken(lab: Lab) -> None:
    lab.vm(data_disks=DISKS[:1])
    lab.vm(state="absent")
    lab.untag_disk("node1-kept")
    with lab.looking():
        row = lab.vm(data_disks=DISKS[:1])
    assert row["error_code"] == "name_exists"
    assert lab.vm(data_disks=DISKS[:1], adopt=True)["failed"] is False


def test_immutable_differences_by_name(lab: Lab) -> None:
    lab.vm()
    given: dict[str, t.Any] = {"zones": ["1"], "image": "beta", "priority": "Spot"}
    with lab.looking():
        row = lab.vm(**given)
    assert row["error_code"] == "immutable_changed"
    for name in ("zones ([] -> ['1'])", "image (", "priority (Regular -> Spot)"):
        assert name in row["msg"]
    row = lab.twice(**given, on_immutable_change="replace")
    assert row["actions"] == ["deleted", "terms_accepted", "created"] or row["actions"] == [
        "terms_accepted",
        "deleted",
        "created",
    ]
    assert row["zones"] == ["1"]


def test_a_newer_image_is_no_difference(lab: Lab) -> None:
    lab.vm(image={"channel": "stable", "version": "4593.2.2"})
    lab.vm(name="node2")
    assert lab.twice(name="node2")["actions"] == []
    assert lab.vm(name="node2", image="kinvolk:flatcar-container-linux-free:stable-gen2:latest")["actions"] == []
    with lab.looking():
        row = lab.vm(image={"channel": "stable", "version": "3975.2.10"})
    assert row["error_code"] == "immutable_changed"
    assert "image" in row["msg"]


def test_recreate(lab: Lab) -> None:
    lab.vm()
    before = born(lab)
    for dummy in range(2):
        assert lab.vm(check=True, recreate=True)["actions"] == ["deleted", "created"]
        assert lab.vm(recreate=True)["actions"] == ["deleted", "created"]
        assert born(lab) != before
        before = born(lab)


def test_replacements_are_limited(lab: Lab, tmp_path: pathlib.Path) -> None:
    files = [tmp_path / f"node{number}.ign" for number in range(4)]
    for file in files:
        file.write_text(ignition())
    given: dict[str, t.Any] = {"instances": [{"name": file.stem, "ignition_file": str(file)} for file in files]}
    lab.vms(**given)
    before = [born(lab, file.stem) for file in files]
    for file in files[1:]:
        file.write_text(ignition("b"))
    for check in (True, False):
        rows = lab.vms(check=check, **given, on_ignition_change="replace", max_replacements=2)
        assert [row["actions"] for row in rows] == [[], ["deleted", "created"], ["deleted", "created"], []]
        assert [row.get("error_code") for row in rows] == [None, None, None, "replacement_limit"]
    after = [born(lab, file.stem) for file in files]
    assert [one == other for one, other in zip(before, after)] == [True, False, False, True]


def test_a_replacement_that_cannot_be_made_leaves_the_vm(lab: Lab) -> None:
    """What can be found out about the new VM is, before the old one goes."""
    lab.vm()
    before = born(lab)
    refused: tuple[dict[str, t.Any], ...] = (
        {"image": "kinvolk:flatcar-container-linux-free:stable-gen2:1.2.3"},
        {"zones": ["3"], "vm_size": "Standard_F2s_v2"},
    )
    for given in refused:
        with lab.looking():
            row = lab.vm(**given, recreate=True)
        assert row["failed"], row
        assert born(lab) == before


def test_a_replacement_that_fails_on_the_way_is_finished_by_the_next_run(lab: Lab) -> None:
    given: dict[str, t.Any] = {**PUBLIC, "data_disks": DISKS, "on_ignition_change": "replace"}
    old = lab.vm(ignition=ignition(), **given)
    kept = unique(lab, "node1-kept")
    refusal = {"method": "PUT", "path": "virtualMachines/node1$", "status": 409, "code": "AllocationFailed"}
    lab.server.control(fail=[refusal])
    row = lab.vm(ignition=ignition("b"), **given)
    assert (row["error_code"], row["actions"]) == ("capacity", ["deleted"])
    names = {id.rpartition("/")[2] for id in row["left_behind"]}
    assert names == {"node1-nic", "node1-kept"}
    assert "goes on with what is left" in row["msg"]
    row = lab.twice(ignition=ignition("b"), **given)
    assert row["actions"] == ["created"]
    assert row["public_ips"] == old["public_ips"]
    assert unique(lab, "node1-kept") == kept
    assert lab.tags("node1")["state"] == stamp.COMPLETE
