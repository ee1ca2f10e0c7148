# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leases, on a server in memory: their states, their faults, and what is left after one that failed."""

from __future__ import annotations

import time
import typing as t

import pytest
from pyVmomi import vim, vmodl

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import lease
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.lease import File, Lease
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere import fake


class Case:
    """A lease of a VM called new."""

    def __init__(self, *states: str) -> None:
        self.session = fake.FakeSession()
        self.server = self.session.server
        self.machine = fake.Machine(self.server, "new")
        self.there = fake.Lease(self.server, self.machine.ref, [], states)
        self.pauses: list[float] = []
        self.lease = Lease(self.session, self.there.ref, "new", self.pauses.append)

    @property
    def is_left(self) -> bool:
        return self.machine.ref._GetMoId() in self.server.objects

    def error(self, work: t.Callable[..., t.Any], *args: t.Any) -> VsphereError:
        with pytest.raises(VsphereError) as caught:
            work(*args)
        return caught.value


def soon() -> float:
    return time.monotonic() + 60


def test_waits_until_it_is_ready() -> None:
    case = Case("initializing", "initializing", "initializing", "ready")
    case.lease.wait(soon())
    assert case.lease.info.entity == case.machine.ref
    assert case.pauses == [0.05, 0.1, 0.2]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (vim.fault.FileAlreadyExists(msg="there"), "name_exists"),
        (vim.fault.DuplicateName(name="new"), "name_exists"),
        (vim.fault.RestrictedVersion(), "restricted_license"),
        (vim.fault.NoPermission(privilegeId="VApp.Import"), "no_permission"),
        (vim.fault.DeviceUnsupportedForVmPlatform(msg="no such disk"), "lease_error"),
    ],
)
def test_an_error_ends_the_waiting(fault: t.Any, code: str) -> None:
    case = Case("initializing", "error")
    case.there.error = fault
    error = case.error(case.lease.wait, soon())
    assert error.code == code
    if code == "lease_error":
        assert "no such disk" in str(error)


def test_an_error_that_says_nothing() -> None:
    case = Case("error")
    assert case.error(case.lease.wait, soon()).code == "lease_error"


def test_a_lease_that_is_over() -> None:
    case = Case("done")
    assert case.error(case.lease.wait, soon()).code == "lease_error"


def test_never_ready() -> None:
    case = Case("initializing")
    error = case.error(case.lease.wait, time.monotonic())
    assert error.code == "timeout"
    assert "import_timeout" in str(error)


def test_any_fault_of_progress_means_that_it_is_gone() -> None:
    case = Case("ready")
    case.lease.progress(5)
    assert case.there.percents == [5]
    for fault in (vim.fault.Timedout(), vim.fault.InvalidState(), vmodl.fault.ManagedObjectNotFound()):
        case.there.gone = [fault]
        assert case.error(case.lease.progress, 6).code == "lease_error"


def test_manifest() -> None:
    case = Case("ready")
    assert case.lease.manifest() is None
    case.there.manifest = [vim.HttpNfcLease.ManifestEntry(key="disk-0", sha1="AB", size=7, disk=True)]
    assert case.lease.manifest() == {"disk-0": File("ab", 7)}


@pytest.mark.parametrize("keeps", [False, True])
def test_a_dropped_lease_leaves_nothing(keeps: bool) -> None:
    case = Case("ready")
    case.there.keeps_vm = keeps
    case.lease.wait(soon())
    assert case.lease.drop() is None
    assert not case.is_left


def test_an_abort_that_fails_does_not_keep_the_vm() -> None:
    case = Case("ready")
    case.lease.wait(soon())
    case.server.refuses["HttpNfcLeaseAbort"] = vim.fault.Timedout()
    assert case.lease.drop() is None
    assert not case.is_left


def test_dropped_before_it_was_ready() -> None:
    case = Case("initializing")
    assert case.lease.drop() is None
    assert "Destroy_Task" not in case.server.calls


def test_dropped_when_it_got_ready_unseen() -> None:
    case = Case("ready")
    case.there.keeps_vm = True
    assert case.lease.drop() is None
    assert not case.is_left


def test_what_cannot_be_removed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_PATIENCE", 0.1)
    case = Case("ready")
    case.there.keeps_vm = True
    case.machine.undestroyable = vim.fault.TaskInProgress()
    case.lease.wait(soon())
    assert case.lease.drop() == case.machine.ref._GetMoId()
    assert set(case.pauses) == {1.0}
    assert case.server.calls.count("Destroy_Task") == len(case.pauses) + 1
