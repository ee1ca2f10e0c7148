# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guestinfo keys on a VM whose guest boots, runs and shuts down."""

from __future__ import annotations

import typing as t

import pytest
from pyVmomi import VmomiSupport, vim

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo, guestinfo_apply, stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo_change as change
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.guestinfo import DATA, ENCODING, KARGS
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.machine import observe_one
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere import fake

CONFIG = b'{"ignition":{"version":"3.4.0"}}'
WANTED = guestinfo.guestinfo(CONFIG)
OTHER = guestinfo.guestinfo(b'{"ignition":{"version":"3.3.0"}}')
SETTING = guestinfo.guestinfo(None, extra_config={"guestinfo.a": "1"})


class Guest(fake.Machine):
    """A VM with Flatcar in it, which writes over its user data when it boots. stubborn: it does not shut down."""

    def __init__(self, server: fake.Server) -> None:
        super().__init__(server, "node1")
        self.stubborn = False
        self.fault: t.Any = None
        self.values.update(
            {
                "config.version": "vmx-13",
                "config.hardware.numCPU": 2,
                "config.hardware.memoryMB": 2048,
                "guest.toolsRunningStatus": "guestToolsRunning",
            }
        )
        self.power("poweredOff")

    def read(self, path: str) -> t.Any:
        found = super().read(path)
        # pyvmomi sends no list but of its own kinds.
        return VmomiSupport.GetVmodlType("vim.option.OptionValue[]")(found) if isinstance(found, list) else found

    def power(self, state: str) -> fake.Ref:
        self.values["runtime.powerState"] = vim.VirtualMachine.PowerState(state)
        return fake.Task(self.server).ref

    def write(self, keys: dict[str, str]) -> None:
        options = [vim.option.OptionValue(key=key, value=value) for key, value in keys.items()]
        self._configure(vim.vm.ConfigSpec(extraConfig=options))

    def ReconfigVM_Task(self, spec: t.Any) -> fake.Ref:
        return fake.Task(self.server, error=self.fault).ref if self.fault else super().ReconfigVM_Task(spec)

    def PowerOnVM_Task(self, host: t.Any = None) -> fake.Ref:
        if self.extra.get(DATA):
            self.write({DATA: guestinfo.OVERWRITTEN, ENCODING: "base64"})
        return self.power("poweredOn")

    def PowerOffVM_Task(self) -> fake.Ref:
        return self.power("poweredOff")

    def ShutdownGuest(self) -> None:
        if not self.stubborn:
            self.power("poweredOff")


class Lab:
    def __init__(self) -> None:
        self.session = fake.FakeSession()
        self.guest = Guest(self.session.server)

    def __call__(self, wanted: guestinfo.Guestinfo, how: str = "require_off", force: bool = False) -> list[str]:
        seen = observe_one(self.session, self.guest.ref)
        made = change.present(seen.extra, wanted)
        return guestinfo_apply.carry_out(self.session, seen, made, how, force=force, shutdown_timeout=0.1)

    def needs(self, wanted: guestinfo.Guestinfo) -> bool:
        seen = observe_one(self.session, self.guest.ref)
        return guestinfo_apply.needs_reprovisioning(seen, change.present(seen.extra, wanted), wanted)


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_a_guest_that_boots(lab: Lab) -> None:
    assert not lab.needs(WANTED)
    assert lab(WANTED) == ["changed"]
    lab.guest.PowerOnVM_Task()
    assert lab.guest.extra[DATA] == guestinfo.OVERWRITTEN
    assert lab(WANTED) == []
    assert not lab.needs(WANTED)
    assert lab.needs(OTHER)
    assert lab(OTHER, "power_cycle") == ["shut_down", "changed", "powered_on"]
    assert stamp.read(lab.guest.extra).ignition_sha256 == OTHER.ignition_sha256
    assert lab(OTHER, "power_cycle") == []


def test_what_only_a_first_boot_reads(lab: Lab) -> None:
    kargs = guestinfo.guestinfo(None, network="ip=dhcp")
    script = guestinfo.guestinfo(b"#!/bin/sh")
    url = guestinfo.guestinfo(None, url="https://a/b")
    assert not any(map(lab.needs, (WANTED, kargs, script, url, SETTING)))
    lab.guest.power("poweredOn")
    assert [lab.needs(wanted) for wanted in (WANTED, kargs, script, url, SETTING)] == [True, True, False, True, False]


@pytest.mark.parametrize("state", ["poweredOn", "suspended"])
def test_a_vm_that_runs_is_left_alone(lab: Lab, state: str) -> None:
    lab.guest.power(state)
    with pytest.raises(VsphereError, match=r"guestinfo\.a would have to change") as raised:
        lab(SETTING)
    assert raised.value.code == "power_state"
    assert "ReconfigVM_Task" not in lab.session.server.calls
    assert lab(SETTING, "live") == ["changed"]
    assert lab(SETTING) == []


def test_a_stamp_needs_no_power_cycle(lab: Lab) -> None:
    lab.guest.write(WANTED.keys)
    lab.guest.power("poweredOn")
    assert lab(WANTED) == ["changed"]
    assert lab(WANTED) == []


def test_a_guest_that_does_not_shut_down(lab: Lab) -> None:
    lab.guest.power("poweredOn")
    lab.guest.stubborn = True
    with pytest.raises(VsphereError, match="did not shut down in time") as raised:
        lab(SETTING, "power_cycle")
    assert raised.value.code == "power_state"
    assert lab.guest.values["runtime.powerState"] == "poweredOn"
    assert "ReconfigVM_Task" not in lab.session.server.calls
    assert lab(SETTING, "power_cycle", force=True) == ["powered_off", "changed", "powered_on"]


def test_a_vm_that_ran_runs_again_also_after_a_failure(lab: Lab) -> None:
    lab.guest.power("poweredOn")
    lab.guest.fault = vim.fault.NoPermission(
        object=lab.guest.ref, privilegeId="VirtualMachine.Config.AdvancedConfig", msg="denied"
    )
    with pytest.raises(VsphereError, match="AdvancedConfig") as raised:
        lab(SETTING, "power_cycle")
    assert raised.value.code == "no_permission"
    assert raised.value.about["privilege"] == "VirtualMachine.Config.AdvancedConfig"
    assert lab.guest.values["runtime.powerState"] == "poweredOn"


def test_an_unfinished_import_is_refused(lab: Lab) -> None:
    lab.guest.write(stamp.stamp(state=stamp.IMPORTING))
    with pytest.raises(VsphereError, match="interrupted import") as raised:
        lab(SETTING)
    assert raised.value.code == "import_unfinished"
    assert KARGS not in lab.guest.extra
