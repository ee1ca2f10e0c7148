# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vsphere_vm against a simulated vCenter: machines that are there and not as described."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, layout, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import DATA, ENCODING, KARGS, decode
from ansible_collections.flatops.flatcar.tests.options import ignition
from ansible_collections.flatops.flatcar.tests.vsphere.lab import TEMPLATE, Lab

pytestmark = pytest.mark.one_core

DISKS = [{"name": "data", "size_gb": 1, "keep": True}]


@pytest.fixture
def lab(session: connection.Session) -> Lab:
    return Lab(session)


def made(lab: Lab, **given: object) -> dict[str, object]:
    """What a machine was made with."""
    options = {"name": "node1", **TEMPLATE, "ignition": ignition("old"), **given}
    row = lab.vm(**options)
    assert not row["failed"], row
    return options


def test_a_change_of_ignition_fails(lab: Lab) -> None:
    options = made(lab)
    before = lab.facts("node1")
    for check in (True, False):
        row = lab.vm(check=check, **{**options, "ignition": ignition("new"), "annotation": "changed"})
        assert (row["error_code"], row["changed"], row["moid"]) == ("ignition_changed", False, before.moid)
    assert lab.facts("node1") == before


def test_a_change_of_ignition_is_ignored(lab: Lab) -> None:
    options = {**made(lab), "ignition": ignition("new"), "on_ignition_change": "ignore"}
    row = lab.vm(**options)
    assert (row["changed"], row["ignition"]["changed"]) == (False, True)
    row = lab.vm(**options, annotation="but this is not")
    assert (row["actions"], row["ignition"]["changed"]) == (["updated"], True)


def test_a_change_of_ignition_is_accepted(lab: Lab) -> None:
    options = {**made(lab), "ignition": ignition("new"), "on_ignition_change": "accept"}
    row = lab.twice(**options)
    assert (row["actions"], row["ignition"]["changed"]) == (["stamped"], True)
    seen = lab.seen("node1")
    assert b"old" in (decode(seen.extra) or b"")
    assert seen.stamp.ignition_sha256 == row["ignition"]["sha256"]


def test_a_change_of_ignition_is_set_for_a_later_boot(lab: Lab) -> None:
    options = {**made(lab, network_kargs="ip=dhcp"), "ignition": ignition("new"), "on_ignition_change": "update"}
    del options["network_kargs"]
    for check in (True, False):
        assert lab.vm(check=check, **options)["error_code"] == "power_state"
    row = lab.twice(**options, force=True)
    assert row["actions"] == ["powered_off", "updated", "powered_on"]
    assert "first_boot" in row["warnings"][0]
    seen = lab.seen("node1")
    assert b"new" in (decode(seen.extra) or b"")
    assert KARGS not in seen.extra


def test_a_change_of_ignition_replaces(lab: Lab) -> None:
    options = {**made(lab), "ignition": ignition("new"), "on_ignition_change": "replace"}
    before = lab.seen("node1")
    row = lab.twice(**options)
    assert row["actions"] == ["powered_off", "deleted", "cloned", "powered_on"]
    assert row["ignition"]["changed"]
    after = lab.seen("node1")
    assert after.moid != before.moid
    assert b"new" in (decode(after.extra) or b"")


def test_what_the_guest_writes_over_its_config_is_no_change(lab: Lab) -> None:
    options = made(lab)
    lab.write("node1", {DATA: "e30K", ENCODING: "base64"})
    row = lab.vm(**options)
    assert (row["changed"], row["ignition"]["changed"]) == (False, False)


def test_other_keys_count_as_well(lab: Lab) -> None:
    options = made(lab, network_kargs="ip=dhcp")
    assert lab.vm(**{**options, "network_kargs": "ip=ens192:dhcp"})["error_code"] == "ignition_changed"


def test_a_replacement_is_not_begun_when_it_cannot_end(lab: Lab) -> None:
    options = {**made(lab), "ignition": ignition("new"), "on_ignition_change": "replace"}
    before = lab.facts("node1")
    row = lab.vm(**{**options, "template": "none", "on_immutable_change": "replace"})
    assert (row["error_code"], row["changed"]) == ("not_found", False)
    assert lab.facts("node1") == before


def test_hardware_of_a_machine_that_runs(lab: Lab) -> None:
    options = made(lab)
    live = {"annotation": "live", "disk_gb": 20, "nics": [{"network": "VM Network"}], "disks": [{"size_gb": 1}]}
    row = lab.twice(**options, **live)
    assert row["actions"] == ["updated"]
    assert [change["needs"] for change in row["drift"]] == ["live"] * 4
    off = {"cpus": 4, "memory_mb": 4096, "macs": ["00:50:56:00:00:09"], "hardware_version": "19"}
    for check in (True, False):
        row = lab.vm(check=check, **options, **live, **off)
        assert (row["error_code"], row["changed"]) == ("power_state", False)
    row = lab.twice(**options, **live, **off, force=True)
    assert row["actions"] == ["powered_off", "updated", "powered_on"]
    assert (row["hardware"]["cpus"], row["hardware"]["hardware_version"]) == (4, 19)


def test_networks_of_nics(lab: Lab) -> None:
    options = made(lab)
    row = lab.twice(**options, networks={"DC0_DVPG0": "VM Network"})
    assert [nic["network"] for nic in row["hardware"]["nics"]] == ["VM Network"]
    row = lab.twice(**options, networks={"DC0_DVPG0": "/DC0/network/DC0_DVPG0"})
    assert [nic["network"] for nic in row["hardware"]["nics"]] == ["DC0_DVPG0"]


def test_power_states(lab: Lab) -> None:
    options = made(lab, power_state="powered_off")
    assert lab.twice(**{**options, "power_state": "powered_on"})["actions"] == ["powered_on"]
    assert lab.vm(**{**options, "power_state": "unmanaged"})["actions"] == []
    assert lab.vm(**options)["error_code"] == "power_state"
    assert lab.twice(**options, force=True)["actions"] == ["powered_off"]
    assert lab.twice(**{**options, "power_state": "unmanaged"}, cpus=3)["actions"] == ["updated"]


def test_a_guest_with_tools_is_shut_down(lab: Lab) -> None:
    options = made(lab)
    lab.set("node1", toolsRunningStatus="guestToolsRunning")
    assert lab.twice(**{**options, "power_state": "powered_off"})["actions"] == ["shut_down"]


def test_what_only_a_new_machine_can_have(lab: Lab) -> None:
    options = made(lab, disk_gb=20)
    lab.vm(name="other", **TEMPLATE, power_state="powered_off")
    for given in ({"disk_gb": 15}, {"hardware_version": "10"}, {"template": "other"}):
        row = lab.vm(**{**options, **given})
        assert (row["error_code"], row["changed"]) == ("immutable_changed", False)
    row = lab.twice(**{**options, "template": "other", "on_immutable_change": "replace"})
    assert row["actions"] == ["powered_off", "deleted", "cloned", "powered_on"]
    assert row["drift"][0] == {
        "field": "source",
        "before": "template DC0_C0_RP0_VM0",
        "after": "template other",
        "needs": "rebuild",
    }


def test_a_machine_is_made_anew_each_time(lab: Lab) -> None:
    options = made(lab)
    moids = {lab.vm(**options, recreate=True)["moid"] for dummy in range(2)}
    assert len(moids) == 2
    assert lab.vm(**options, recreate=True, max_replacements=0)["error_code"] == "replacement_limit"


def test_a_machine_of_somebody_else_is_left_alone(lab: Lab) -> None:
    options = {"name": "DC0_H0_VM0", "ignition": ignition(), "cpus": 4, "on_ignition_change": "replace"}
    before = lab.facts("DC0_H0_VM0")
    row = lab.vm(**options)
    assert (row["changed"], row["ignition"]["changed"]) == (False, None)
    assert "adopt" in row["warnings"][0]
    assert [change["field"] for change in row["drift"]] == ["cpus"]
    assert lab.vm(**options, recreate=True)["error_code"] == "not_ours"
    assert lab.facts("DC0_H0_VM0") == before


def test_a_machine_is_adopted(lab: Lab) -> None:
    options = {"name": "DC0_H0_VM0", "ignition": ignition(), "adopt": True, "networks": {"net": "DC0_DVPG0"}}
    row = lab.twice(**options)
    assert row["actions"] == ["stamped"]
    seen = lab.seen("DC0_H0_VM0")
    assert seen.stamp.is_ours
    assert DATA not in seen.extra
    row = lab.twice(**{**options, "networks": {"net": "VM Network"}, "adopt": False})
    assert row["actions"] == ["updated"]
    assert lab.vm(**{**options, "ignition": ignition("new"), "adopt": False})["error_code"] == "ignition_changed"


def test_an_unfinished_import(lab: Lab) -> None:
    options = made(lab)
    lab.write("node1", stamp.stamp(state=stamp.IMPORTING))
    moid = lab.seen("node1").moid
    for check in (True, False):
        row = lab.vm(check=check, **options)
        assert (row["error_code"], row["left_behind"]) == ("import_unfinished", moid)
    assert lab.vm(name="node2", **{**TEMPLATE, "template": "node1"})["error_code"] == "import_unfinished"
    row = lab.twice(**options, force=True, max_replacements=0)
    assert row["actions"] == ["powered_off", "deleted", "cloned", "powered_on"]
    assert lab.seen("node1").stamp.state == stamp.COMPLETE


def test_a_kept_disk_is_detached_first(lab: Lab) -> None:
    """vcsim removes all files of a folder with the machine, so that the disk cannot come back there."""
    options = made(lab, disks=DISKS)
    assert lab.seen("node1").stamp.state == stamp.COMPLETE
    file = lab.seen("node1").disks[1].file
    noted = layout.Layout(("scsi0:0",), ("DC0_DVPG0",), {"data": "scsi0:1"}, ("data",))
    assert layout.read(lab.seen("node1").extra) == noted
    row = lab.vm(**options, recreate=True)
    assert row["actions"] == ["powered_off", "disks_detached", "deleted", "cloned"]
    assert (row["error_code"], row["moid"]) == ("fault", lab.seen("node1").moid)
    seen = lab.seen("node1")
    assert layout.read_kept(seen.extra) == (layout.Kept("data", file, "scsi0:1"),)
    assert len(seen.disks) == 1
    row = lab.vm(check=True, **options)
    assert [change["after"] for change in row["drift"]] == [file]


def test_a_disk_stays_when_its_machine_goes(lab: Lab) -> None:
    made(lab, disks=DISKS)
    file = lab.seen("node1").disks[1].file
    row = lab.twice(name="node1", state="absent", force=True)
    assert row["actions"] == ["powered_off", "disks_detached", "deleted"]
    assert row["warnings"] == [f"The disk data of node1 is kept: {file}."]


def test_a_diff_has_no_secrets(lab: Lab) -> None:
    options = made(lab, extra_config={"guestinfo.token": "hunter2"})
    row = lab.vm(**options, cpus=4, force=True)
    assert lab.diff[0]["node1"]["cpus"] == 1
    assert lab.diff[1]["node1"]["cpus"] == 4
    assert "hunter2" not in f"{row}{lab.diff}"
