# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks that outlive their machine, and guests that do not shut down: what a simulator cannot show."""

from __future__ import annotations

import threading
import typing as t

import pytest
from pyVmomi import vim

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    deploy,
    desired,
    drift,
    layout,
    machine,
    options,
    plan,
    power,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.hardware import Networks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.job import Job, Outcome, Task
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.fake import FakeSession, Folder, Pool
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere.fake_vm import Vm

DATA = {"name": "data", "size_gb": 5, "datastore": None, "provisioning": "thin", "keep": True}


class Site:
    """A template, and at most one machine that is cloned from it."""

    def __init__(self) -> None:
        self.session = FakeSession()
        self.files: dict[str, int] = {}
        self.template = Vm(self.session.server, "base", self.files)
        folder, pool = Folder(self.session.server).ref, Pool(self.session.server).ref
        self.place = Place(None, None, pool, folder)

    @property
    def vm(self) -> Vm | None:
        found = [each for each in self.session.server.objects.values() if isinstance(each, Vm)]
        return next((each for each in found if each is not self.template), None)

    def run(self, check: bool = False, **given: t.Any) -> Outcome:
        full: dict[str, t.Any] = {name: spec.get("default") for name, spec in options.MACHINE.items()}
        full.update({"name": "node1", "template": "base", "power_state": "powered_off", "disks": [DATA], **given})
        wanted = desired.desired(full)
        seen = machine.observe_one(self.session, self.vm.ref) if self.vm else None
        noted = drift.layout_of(wanted, seen) if seen else layout.Layout()
        networks = Networks({}, ())
        found = plan.plan(wanted, seen, lambda there: drift.drift(wanted, there, noted, networks))
        base = machine.observe_one(self.session, self.template.ref)
        task = Task(self.session, Inventory([]), check, _no_program, Interrupt(), threading.Lock())
        outcome = Outcome(seen.ref if seen else None)
        deploy.carry_out(task, Job(wanted, seen, found, base, self.place, networks, noted), outcome)
        return outcome


def _no_program(*dummy: object) -> t.NoReturn:
    raise AssertionError("no program is to be run")


@pytest.fixture
def site() -> Site:
    site = Site()
    site.run()
    return site


def there(site: Site) -> Vm:
    assert site.vm is not None
    return site.vm


def test_a_kept_disk_comes_back_at_its_place(site: Site) -> None:
    before = there(site)
    file = before.disks[1]
    assert site.run(check=True, recreate=True).actions == ["disks_detached", "deleted", "cloned"]
    assert there(site) is before
    outcome = site.run(recreate=True)
    assert outcome.actions == ["disks_detached", "deleted", "cloned", "disks_attached"]
    assert there(site) is not before
    assert there(site).disks[1] == file
    assert len(site.files) == 3
    assert layout.KEPT_KEY not in there(site).extra
    assert site.run().actions == []


def test_a_kept_disk_comes_back_without_being_named(site: Site) -> None:
    file = there(site).disks[1]
    assert site.run(recreate=True, disks=None).actions[-1] == "disks_attached"
    assert there(site).disks[1] == file
    assert site.run().actions == []


def test_a_disk_that_is_not_kept_goes(site: Site) -> None:
    file = there(site).disks[1]
    assert site.run(recreate=True, disks=[{**DATA, "keep": False}]).actions == ["deleted", "cloned"]
    assert there(site).disks[1] != file
    assert file not in site.files


def test_a_disk_is_kept_by_the_note_of_its_machine_alone(site: Site) -> None:
    file = there(site).disks[1]
    outcome = site.run(state="absent", disks=None)
    assert outcome.warnings == [f"The disk data of node1 is kept: {file}."]
    assert site.vm is None
    assert file in site.files


def test_a_disk_of_others_is_left(site: Site) -> None:
    """Such as a volume of Kubernetes, attached by its storage driver."""
    for given in ({"recreate": True}, {"state": "absent"}):
        site.files["[ds] volumes/a.vmdk"] = 1
        backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(fileName="[ds] volumes/a.vmdk", diskMode="persistent")
        disk = vim.vm.device.VirtualDisk(controllerKey=1000, unitNumber=4, backing=backing)
        change = vim.vm.device.VirtualDeviceSpec(operation="add", device=disk)
        there(site)._configure(vim.vm.ConfigSpec(deviceChange=[change]))
        assert site.run().actions == []
        outcome = site.run(**given)
        assert outcome.actions[:2] == ["disks_detached", "deleted"]
        assert "A disk that others attached to node1 is left: [ds] volumes/a.vmdk." in outcome.warnings
        assert "[ds] volumes/a.vmdk" in site.files


def test_a_run_that_ends_before_the_old_machine_is_gone(site: Site) -> None:
    file = there(site).disks[1]
    there(site).failing = ["Destroy_Task"]
    with pytest.raises(VsphereError, match="Destroy_Task fails"):
        site.run(recreate=True)
    assert 1 not in there(site).disks
    there(site).failing = []
    assert site.run(recreate=True).actions == ["deleted", "cloned", "disks_attached"]
    assert there(site).disks[1] == file


def test_an_old_machine_that_stays_gets_its_disk_back(site: Site) -> None:
    file = there(site).disks[1]
    there(site).failing = ["Destroy_Task"]
    with pytest.raises(VsphereError):
        site.run(recreate=True)
    assert site.run().actions == ["updated"]
    assert there(site).disks[1] == file
    assert layout.KEPT_KEY not in there(site).extra


def test_a_run_that_ends_before_the_disk_is_back(site: Site) -> None:
    file = there(site).disks[1]
    site.template.failing = ["clone.ReconfigVM_Task"]
    with pytest.raises(VsphereError, match="ReconfigVM_Task fails"):
        site.run(recreate=True)
    assert layout.read_kept(there(site).extra) == (layout.Kept("data", file, "scsi0:1"),)
    there(site).failing = site.template.failing = []
    assert site.run().actions == ["updated"]
    assert there(site).disks[1] == file


def test_a_clone_that_cannot_be_finished_takes_no_disk_with_it(site: Site) -> None:
    file = there(site).disks[1]
    site.template.failing = ["clone.ReconfigVM_Task"]
    with pytest.raises(VsphereError, match="kept disks are unharmed") as caught:
        site.run(recreate=True, disk_gb=20)
    assert caught.value.about["left_behind"] is False
    assert file in str(caught.value)
    assert (site.vm, file in site.files) == (None, True)


def test_what_cannot_be_removed_is_named(site: Site) -> None:
    there(site).Destroy_Task()
    site.template.failing = ["clone.ReconfigVM_Task", "clone.Destroy_Task"]
    with pytest.raises(VsphereError) as caught:
        site.run()
    assert caught.value.about["left_behind"] == there(site).ref._moId
    assert machine.observe_one(site.session, there(site).ref).stamp.is_unfinished


def test_a_place_that_is_taken(site: Site) -> None:
    """Such as by a new template with a second disk."""
    site.run(recreate=True)
    kept = layout.Kept("data", there(site).disks[1], "scsi0:0")
    seen = machine.observe_one(site.session, there(site).ref)
    seen.extra.update(layout.note_kept([kept]))
    wanted = desired.desired({**_defaults(), "disks": [DATA]}).hardware
    changes = drift.hardware(wanted, seen, layout.Layout(), Networks({}, ()))
    with pytest.raises(VsphereError, match="cannot come back"):
        changes[0].apply(t.cast(t.Any, None))


def _defaults() -> dict[str, t.Any]:
    return {**{name: spec.get("default") for name, spec in options.MACHINE.items()}, "name": "node1"}


def test_a_guest_that_does_not_end(site: Site) -> None:
    vm = there(site)
    vm.values.update({"runtime.powerState": "poweredOn", "guest.toolsRunningStatus": "guestToolsRunning"})
    vm.ends = False
    seen = machine.observe_one(site.session, vm.ref)
    with pytest.raises(VsphereError, match="did not shut down in time") as caught:
        power.off(site.session, seen, force=False, timeout=0.1)
    assert caught.value.code == "power_state"
    assert power.off(site.session, seen, force=True, timeout=0.1) == "powered_off"
    vm._power("poweredOn")
    vm.ends = True
    assert power.off(site.session, seen, force=False, timeout=300) == "shut_down"
