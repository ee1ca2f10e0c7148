# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module vsphere_guestinfo against a simulated vCenter, and a simulated host without one."""

from __future__ import annotations

import base64
import collections.abc
import json
import pathlib
import sys
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, guestinfo, sdk, stamp, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import DATA, ENCODING, KARGS
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Identity, Inventory, machines
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import Machine, observe_one
from ansible_collections.flatops.flatcar.tests.node.play import Played, Player
from ansible_collections.flatops.flatcar.tests.standins.vsphere import vcsim
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings, started

# Its integration target runs on each core.
pytestmark = pytest.mark.one_core

SECRET = "hunter2-correcthorse"
VM = "DC0_H0_VM0"
STAMP = stamp.PREFIX + "ignition_sha256"


def config(word: str) -> dict[str, t.Any]:
    """A config with numbers and words that stand in results too, which nothing may mask."""
    file = {"path": "/a", "mode": 420, "contents": {"source": f"data:,{word}"}}
    return {"ignition": {"version": "3.4.0"}, "storage": {"files": [file]}}


class Lab:
    """A server with VMs: runs the module there, and looks at what it did."""

    def __init__(self, server: vcsim.Server, session: connection.Session, play: Player) -> None:
        self.server, self.session, self.play = server, session, play
        self.inventory = Inventory.load(session)
        self.name = VM

    def __call__(self, *calls: dict[str, t.Any], check: bool = False) -> list[dict[str, t.Any]]:
        played = self.played(*calls, check=check)
        assert len(played.results) == len(calls), played.output
        assert SECRET not in played.output
        return [{"failed": result.failed, **result.result} for result in played.results]

    def played(self, *calls: dict[str, t.Any], check: bool = False) -> Played:
        module = "flatops.flatcar.vsphere_guestinfo"
        found = [
            {
                module: {
                    **self.server.options(),
                    **({} if {"uuid", "moid"} & call.keys() else {"name": self.name}),
                    **call,
                },
                "ignore_errors": True,
            }
            for call in calls
        ]
        return self.play(
            found,
            hosts="localhost",
            variables={"ansible_python_interpreter": sys.executable},
            arguments=["-vvv"],
            check=check,
            diff=True,
        )

    def seen(self) -> Machine:
        (ref,) = machines(self.session, self.inventory, [Identity(name=self.name)])
        return observe_one(self.session, ref)

    def keys(self) -> dict[str, str]:
        """What the VM has that is ours or the guest's."""
        return {key: value for key, value in self.seen().extra.items() if key.startswith(("guestinfo.", stamp.PREFIX))}

    def set(self, keys: dict[str, str]) -> None:
        options = [sdk.vim.option.OptionValue(key=key, value=value) for key, value in keys.items()]
        tasks.wait(self.session, self.seen().ref.ReconfigVM_Task(sdk.vim.vm.ConfigSpec(extraConfig=options)))

    def boot(self) -> None:
        """What the guest does at its first boot: it writes over its user data."""
        self.set({DATA: guestinfo.OVERWRITTEN, ENCODING: "base64"})

    def power(self, on: bool) -> None:
        seen = self.seen()
        if on != (seen.power == "powered_on"):
            tasks.wait(self.session, seen.ref.PowerOnVM_Task() if on else seen.ref.PowerOffVM_Task())


@pytest.fixture
def lab(server: vcsim.Server, session: connection.Session, play: Player) -> Lab:
    found = Lab(server, session, play)
    found.power(False)
    return found


def test_the_life_of_a_config(lab: Lab) -> None:
    wanted = {"ignition": config(SECRET), "guest_hostname": "node1", "network_kargs": {"address": "10.0.0.2/24"}}
    (checked,) = lab(wanted, check=True)
    assert checked["changed"]
    assert checked["actions"] == []
    assert lab.keys() == {}

    made, again = lab(wanted, {**wanted, "ignition": json.dumps(wanted["ignition"]), "encoding": "base64"})
    assert made["changed"]
    assert made["actions"] == ["changed"]
    assert made["changed_keys"] == [STAMP, KARGS, DATA, ENCODING] == checked["changed_keys"]
    assert made["removed_keys"] == []
    assert made["diff"] == checked["diff"]
    assert made["diff"]["before"][DATA] is None
    assert made["ignition"]["changed"]
    assert made["ignition"]["encoding"] == "gz+base64"
    assert made["ignition"]["encoded_bytes"] == made["sizes"][DATA]
    assert made["vm"]["power_state"] == "powered_off"
    assert not made["requires_reboot"]
    assert not made["requires_reprovision"]
    assert not again["changed"]
    assert not again["ignition"]["changed"]
    assert again["ignition"]["sha256"] == made["ignition"]["sha256"]

    keys = lab.keys()
    assert keys[STAMP] == made["ignition"]["sha256"]
    assert keys[KARGS] == "ip=10.0.0.2:::255.255.255.0:::none"
    data = json.loads(guestinfo.decode(keys) or b"")
    assert [file["path"] for file in data["storage"]["files"]] == ["/a", "/etc/hostname"]

    lab.boot()
    other = {**wanted, "ignition": config("other")}
    after, predicted = lab(wanted, {**other, "state": "present"}, check=True)
    assert not after["changed"]
    assert predicted["changed"]
    (changed,) = lab(other)
    assert changed["changed_keys"] == [STAMP, DATA, ENCODING]
    assert changed["requires_reprovision"]
    assert "touch /boot/flatcar/first_boot" in changed["hint"]
    assert guestinfo.decode(lab.keys()) != b"{}\n"

    gone, gone_again = lab({"state": "absent"}, {"state": "absent"})
    assert gone["changed"]
    assert gone["removed_keys"] == [STAMP, KARGS, DATA, ENCODING]
    assert not gone_again["changed"]
    assert lab.keys() == {}


def test_a_config_that_somebody_else_has_set_is_adopted(lab: Lab, tmp_path: pathlib.Path) -> None:
    text = json.dumps(config(SECRET))
    path = tmp_path / "node.ign"
    path.write_text(text)
    lab.set({DATA: base64.b64encode(text.encode()).decode(), ENCODING: "b64"})
    lab.power(True)
    first, second = lab({"ignition_file": str(path)}, {"ignition_file": str(path)})
    assert first["changed_keys"] == [STAMP]
    assert not first["ignition"]["changed"]
    assert not first["requires_reboot"]
    assert not second["changed"]


def test_settings_and_purge(lab: Lab) -> None:
    lab.set({"guestinfo.app.old": SECRET, "guestinfo.other": "x", "vmx.allowed": "y", STAMP: "z"})
    first, second = lab(
        {"settings": {"guestinfo.app.token": SECRET, "guestinfo.app.on": True}, "purge": ["guestinfo.app."]},
        {"settings": {"guestinfo.app.token": SECRET, "guestinfo.app.on": True}, "purge": ["guestinfo.app."]},
    )
    assert first["changed_keys"] == ["guestinfo.app.old", "guestinfo.app.on", "guestinfo.app.token"]
    assert first["removed_keys"] == ["guestinfo.app.old"]
    assert "ignition" not in first
    assert not second["changed"]
    assert lab.keys() == {
        "guestinfo.app.token": SECRET,
        "guestinfo.app.on": "TRUE",
        "guestinfo.other": "x",
        STAMP: "z",
    }
    (any_key,) = lab({"settings": {"vmx.allowed": ""}, "allow_any_key": True})
    assert any_key["removed_keys"] == ["vmx.allowed"]
    (absent,) = lab({"state": "absent", "settings": {"guestinfo.app.token": None}, "purge": ["guestinfo.o"]})
    assert absent["removed_keys"] == [STAMP, "guestinfo.app.token", "guestinfo.other"]


def test_a_vm_that_runs(lab: Lab) -> None:
    wanted = {"ignition": config(SECRET)}
    lab.power(True)
    predicted, refused = lab(wanted, {**wanted, "state": "present"}, check=True)
    assert predicted["error_code"] == refused["error_code"] == "power_state"
    assert DATA in refused["msg"]
    (refused,) = lab(wanted)
    assert refused["error_code"] == "power_state"
    assert lab.keys() == {}

    (live,) = lab({**wanted, "apply": "live"})
    assert live["actions"] == ["changed"]
    assert live["requires_reboot"]
    assert live["requires_reprovision"]
    assert any("gone when it is turned off" in warning for warning in live["warnings"])
    assert lab.seen().power == "powered_on"
    (unchanged,) = lab(wanted)
    assert not unchanged["changed"]
    assert unchanged["actions"] == []


def test_a_power_cycle(lab: Lab) -> None:
    wanted = {"settings": {"guestinfo.a": "1"}, "apply": "power_cycle"}
    lab.power(True)
    without_tools, forced, unchanged = lab(wanted, {**wanted, "force": True}, wanted)
    assert without_tools["error_code"] == "power_state"
    assert forced["actions"] == ["powered_off", "changed", "powered_on"]
    assert not forced["requires_reboot"]
    assert not unchanged["changed"]
    assert lab.seen().power == "powered_on"
    assert lab.keys() == {"guestinfo.a": "1"}

    lab.set({"SET.guest.toolsRunningStatus": "guestToolsRunning"})
    (with_tools,) = lab({"settings": {"guestinfo.a": "2"}, "apply": "power_cycle"})
    assert with_tools["actions"] == ["shut_down", "changed", "powered_on"]
    assert lab.seen().power == "powered_on"

    lab.power(False)
    (off,) = lab({"settings": {"guestinfo.a": "3"}, "apply": "power_cycle"})
    assert off["actions"] == ["changed"]
    assert lab.seen().power == "powered_off"


def test_which_vm(lab: Lab) -> None:
    seen = lab.seen()
    call = {"settings": {"guestinfo.a": "1"}}
    results = lab(
        {**call, "moid": seen.moid},
        {**call, "uuid": seen.instance_uuid},
        {**call, "folder": "/DC0/vm"},
        {**call, "datacenter": "DC0"},
        {**call, "name": "nothing"},
        {**call, "moid": "vm-99999"},
    )
    assert [result["changed"] for result in results] == [True, False, False, False, False, False]
    assert [result.get("error_code") for result in results[4:]] == ["not_found", "not_found"]
    assert "'nothing'" in results[4]["msg"]


def test_what_is_refused(lab: Lab) -> None:
    lab.set({stamp.PREFIX + "state": stamp.IMPORTING})
    results = lab(
        {"settings": {"guestinfo.a": "1"}},
        {"ignition": "{" + SECRET},
        {"ignition": config(SECRET), "ignition_url": "https://u:" + SECRET + "@x/y"},
        {"ignition_url": "ftp://" + SECRET},
        {"ignition": config("x" * 4000), "encoding": "base64", "max_guestinfo": 1},
        {"ignition": config("x"), "encoding": "plain"},
        {"ignition": config("x"), "interfaces": [{"name": "ens192"}]},
        {"ignition_file": "/nowhere/" + "x.ign"},
        {"settings": {"disk.EnableUUID": True}},
        {"settings": {DATA: SECRET}},
        {"purge": [stamp.PREFIX], "allow_any_key": True},
        {"password": "wrong", "settings": {"guestinfo.a": "1"}},
        {"ca_path": None, "settings": {"guestinfo.a": "1"}},
    )
    assert all(result["failed"] for result in results)
    assert [result.get("error_code") for result in results] == [
        "import_unfinished",
        "ignition_invalid",
        None,
        "bad_option",
        "guestinfo_too_large",
        "bad_option",
        "bad_option",
        "bad_option",
        "bad_option",
        "bad_option",
        "bad_option",
        "login",
        "tls_untrusted",
    ]
    assert "ignition_url" in results[4]["msg"]
    assert lab.keys() == {stamp.PREFIX + "state": stamp.IMPORTING}


def test_on_a_host_without_vcenter(esx: vcsim.Server, play: Player) -> None:
    with connection.connect(settings(esx)) as session:
        lab = Lab(esx, session, play)
        lab.name = "ha-host_VM0"
        lab.power(False)
        first, second = lab({"ignition": config(SECRET)}, {"ignition": config(SECRET)})
        assert first["changed"]
        assert not second["changed"]
        assert json.loads(guestinfo.decode(lab.keys()) or b"") == config(SECRET)


@pytest.fixture
def crowded(play: Player) -> collections.abc.Iterator[Lab]:
    with started(datacenters=2) as server, connection.connect(settings(server)) as session:
        yield Lab(server, session, play)


def test_a_name_of_several_vms(crowded: Lab) -> None:
    """A second VM of the name, in another datacenter."""
    other = crowded.inventory
    (ref,) = machines(crowded.session, other, [Identity(name="DC1_H0_VM0")])
    tasks.wait(crowded.session, ref.Rename_Task(VM))
    call = {"settings": {"guestinfo.a": "1"}, "apply": "live"}
    ambiguous, one = crowded(call, {**call, "datacenter": "DC1"})
    assert ambiguous["error_code"] == "ambiguous"
    assert len(ambiguous["candidates"]) == 2
    assert one["changed"]
    assert one["vm"]["moid"] == ref._moId
