# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports on a server in memory, whose uploads go to a receiver: all that no simulator does."""

from __future__ import annotations

import collections.abc
import hashlib
import pathlib
import signal
import ssl
import tarfile
import threading
import typing as t

import pytest
from pyVmomi import vim, vmodl

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, Interrupted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import import_ova, lease, ova_source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import open_ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.properties import Found
from ansible_collections.flatops.flatcar.tests.standins.certificate import certificate
from ansible_collections.flatops.flatcar.tests.standins.vsphere import nfc
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixture
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.vsphere import fake

SHAPE = fixture.Shape()
DISK = fixture.disk_names(SHAPE)[0]
GIB = 1 << 30


class Network(fake.Thing):
    kind = vim.Network


class Compute(fake.Thing):
    kind = vim.ComputeResource


class Case:
    """A server with one network and one datastore, and an OVA."""

    def __init__(self, folder: pathlib.Path, receiver: nfc.Receiver, ca: pathlib.Path) -> None:
        self.folder = folder
        self.receiver = receiver
        self.session = fake.FakeSession(context=ssl.create_default_context(cafile=ca))
        self.session.port = receiver.port
        self.server = self.session.server
        self.pool = fake.Pool(self.server)
        self.datastore = fake.Datastore(self.server, "store", 100 * GIB)
        self.compute = Compute(self.server, name="cluster")
        self.pod: fake.Pod | None = None
        network = Network(self.server, name="VM Network")
        self.compute.values.update(network=[network.ref], datastore=[self.datastore.ref])
        self.things: list[fake.Thing] = [network, self.datastore, self.compute]
        self.wanted = Wanted("new")
        self.session.ovf.file = DISK
        self.shape = SHAPE

    @property
    def place(self) -> Place:
        folder = fake.Folder(self.server).ref
        if self.pod:
            return Place(None, self.compute.ref, self.pool.ref, folder, pod=self.pod.ref)
        return Place(None, self.compute.ref, self.pool.ref, folder, datastore=self.datastore.ref)

    def cluster(self, *members: tuple[str, int]) -> list[t.Any]:
        """A datastore cluster of members with so much free space, instead of the datastore."""
        self.pod = fake.Pod(self.server, name="pod")
        stores = [fake.Datastore(self.server, name, free) for name, free in members]
        for store in stores:
            store.values["parent"] = self.pod.ref
        self.compute.values["datastore"] = [store.ref for store in stores]
        self.things += [self.pod, *stores]
        return [store.ref for store in stores]

    def run(self, **options: t.Any) -> import_ova.Imported:
        path = self.folder / "image.ova"
        fixture.write(path, self.shape)
        with tarfile.open(path) as archive:
            self.session.ovf.size = archive.getmember(DISK).size
        inventory = Inventory([Found(thing.ref, thing.values) for thing in self.things])
        ova = open_ova(ova_source.source(path=str(path)))
        return import_ova.import_ova(self.session, inventory, self.place, ova, self.wanted, **options)

    def error(self, **options: t.Any) -> VsphereError:
        with pytest.raises(VsphereError) as caught:
            self.run(**options)
        return caught.value

    @property
    def is_left(self) -> bool:
        machine = self.pool.machine
        return machine is not None and machine.ref._GetMoId() in self.server.objects


@pytest.fixture
def case(tmp_path: pathlib.Path) -> collections.abc.Iterator[Case]:
    context, ca = certificate(tmp_path)
    with nfc.receiver(context) as receiver:
        yield Case(tmp_path, receiver, ca)


def test_the_vm_never_exists_without_its_settings(case: Case) -> None:
    seen: list[dict[str, str]] = []

    def config(made: t.Any) -> t.Any:
        assert made.numCPUs == 2
        disk = vim.vm.device.VirtualDeviceSpec(operation="add", device=vim.vm.device.VirtualDisk(key=-1))
        option = vim.option.OptionValue(key="guestinfo.ignition.config.data", value="e30=")
        return vim.vm.ConfigSpec(numCPUs=4, annotation="mine", extraConfig=[option], deviceChange=[disk])

    case.pool.leased = lambda lease: seen.append(dict(t.cast(fake.Machine, case.pool.machine).extra))
    case.session.ovf.warnings = [vim.fault.OvfHardwareCheck(msg="look at that")]
    done = case.run(config=config)

    stamps = {"flatcar.ansible.state": "importing", "flatcar.ansible.imported": str(case.session.now())}
    assert seen == [{"guestinfo.ignition.config.data": "e30=", **stamps}]
    made = case.pool.spec.configSpec
    assert (made.numCPUs, made.annotation, made.name) == (4, "mine", "new")
    keys = [change.device.key for change in made.deviceChange]
    assert len(keys) == len(set(keys)) == 2
    machine = t.cast(fake.Machine, case.pool.machine)
    assert machine.extra["flatcar.ansible.state"] == "complete"
    assert machine.extra["guestinfo.ignition.config.data"] == "e30="
    assert case.server.calls.count("ReconfigVM_Task") == 1
    assert case.pool.lease.percents[-1] == 100
    assert case.pool.lease.states == ["done"]
    assert done.ref == machine.ref
    assert done.verdict and done.verdict.manifest == "verified"
    assert any("look at that" in warning for warning in done.warnings)


def test_what_arrives_is_the_disk(case: Case) -> None:
    case.shape = SHAPE._replace(random=3 << 20)
    done = case.run()
    with tarfile.open(case.folder / "image.ova") as archive:
        content = t.cast(t.IO[bytes], archive.extractfile(DISK)).read()
    (got,) = case.receiver.got
    assert (got.size, got.sha1) == (len(content), hashlib.sha1(content).hexdigest())
    assert done.bytes == len(content)


def test_growth_comes_with_the_stamp(case: Case) -> None:
    def finish(ref: t.Any) -> t.Any:
        assert case.pool.lease.states == ["done"]
        return vim.vm.ConfigSpec(memoryMB=4096)

    case.run(finish=finish)
    assert case.server.calls.count("ReconfigVM_Task") == 1


def test_progress_is_told(case: Case) -> None:
    told: list[tuple[str, int, int | None]] = []
    case.shape = SHAPE._replace(random=3 << 20)
    case.run(report=lambda *row: told.append(row))
    size = (case.folder / "image.ova").stat().st_size
    assert {phase for phase, dummy, total in told} == {"upload"}
    assert all(total == size for phase, dummy, total in told)
    assert [done for phase, done, total in told] == sorted(done for phase, done, total in told)


def test_a_dry_run_makes_nothing(case: Case) -> None:
    case.datastore.values["summary.freeSpace"] = GIB
    done = case.run(check=True)
    assert case.pool.machine is None
    assert done.ref is None
    assert "12.3 GiB" in done.warnings[0]
    assert "1.0 GiB free" in done.warnings[0]


@pytest.mark.parametrize(("sha1", "size"), [("0" * 40, 0), ("", 5)])
def test_what_did_not_arrive_as_it_was_sent(case: Case, sha1: str, size: int) -> None:
    def leased(lease: fake.Lease) -> None:
        lease.manifest = [vim.HttpNfcLease.ManifestEntry(key="disk-0", sha1=sha1, size=size, disk=True)]

    case.pool.leased = leased
    error = case.error()
    assert error.code == "upload_failed"
    assert error.about["left_behind"] is False
    assert not case.is_left


def test_spec_errors_are_told_together(case: Case) -> None:
    case.session.ovf.errors = [vim.fault.OvfUnsupportedType(msg="one"), vim.fault.OvfUnsupportedPackage(msg="two")]
    error = case.error()
    assert error.code == "spec_error"
    assert "one" in str(error) and "two" in str(error)
    assert case.pool.machine is None


def test_properties_are_text(case: Case) -> None:
    case.wanted = Wanted("new", properties={"guestinfo.hostname": t.cast(str, 5)})
    case.run()
    ((dummy, params),) = case.session.ovf.asked
    assert [(each.key, each.value) for each in params.propertyMapping] == [("guestinfo.hostname", "5")]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("new", properties={"guestinfo.hostnam": "a"}), "guestinfo.hostname"),
        (Wanted("new", deployment_option="large"), "deployment_option: the OVF has no large. It has: none."),
    ],
)
def test_what_the_ovf_does_not_have(case: Case, wanted: Wanted, said: str) -> None:
    case.wanted = wanted
    error = case.error()
    assert error.code == "bad_option"
    assert said in str(error)


def test_a_host_without_vcenter_loses_properties(case: Case) -> None:
    case.session.is_vcenter = False
    case.wanted = Wanted("new", properties={"guestinfo.hostname": "a"})
    assert "ovf_properties" in case.run().warnings[0]


def test_networks_the_ovf_does_not_have(case: Case) -> None:
    case.wanted = Wanted("new", networks={"VM Netwrk": "VM Network"})
    error = case.error(check=True)
    assert error.code == "network_unknown"
    assert "VM Network" in str(error)


def test_a_network_without_target(case: Case) -> None:
    case.shape = SHAPE._replace(networks=("VM Network", "storage"))
    error = case.error(check=True)
    assert error.code == "network_unknown"
    assert "'storage'" in str(error)


def test_a_named_target_that_is_not_there(case: Case) -> None:
    case.wanted = Wanted("new", networks={"VM Network": "other"})
    assert case.error().code == "not_found"


def test_storage_drs_chooses(case: Case) -> None:
    first, second = case.cluster(("first", 9 * GIB), ("second", 5 * GIB))
    case.session.storage.recommends = [second, first]
    case.run()
    assert [datastore for datastore, dummy in case.session.ovf.asked] == [first, second]
    (asked,) = case.session.storage.asked
    assert asked.type == "create"
    assert asked.podSelectionSpec.storagePod == t.cast(fake.Pod, case.pod).ref


def test_without_a_recommendation_free_space_chooses(case: Case) -> None:
    dummy, second = case.cluster(("first", 5 * GIB), ("second", 9 * GIB))
    case.run()
    assert [datastore for datastore, dummy in case.session.ovf.asked] == [second]


def test_where_storage_drs_fails_free_space_chooses(case: Case) -> None:
    dummy, second = case.cluster(("first", 5 * GIB), ("second", 9 * GIB))
    case.server.refuses["RecommendDatastores"] = vmodl.fault.InvalidArgument(invalidProperty="configSpec.files")
    case.run()
    assert [datastore for datastore, dummy in case.session.ovf.asked] == [second]


def test_members_that_cannot_be_used_are_passed_over(case: Case) -> None:
    first, second, third = case.cluster(("first", 5 * GIB), ("second", 9 * GIB), ("third", 8 * GIB))
    case.server.at(second).values["summary.accessible"] = False
    case.server.at(third).values["summary.maintenanceMode"] = "inMaintenance"
    case.run()
    assert [datastore for datastore, dummy in case.session.ovf.asked] == [first]


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (vim.fault.NoPermission(privilegeId="VApp.Import"), "no_permission", "VApp.Import"),
        (vim.fault.RestrictedVersion(), "restricted_license", "licence"),
        (vim.fault.DuplicateName(name="new"), "name_exists", "new"),
        (vim.fault.InsufficientResourcesFault(msg="full"), "fault", "full"),
    ],
)
def test_refused_imports(case: Case, fault: Exception, code: str, said: str) -> None:
    case.server.refuses["ImportVApp"] = fault
    error = case.error()
    assert error.code == code
    assert said in str(error)
    assert case.pool.machine is None
    if code == "no_permission":
        assert error.about["privilege"] == "VApp.Import"


def test_a_lease_that_errors(case: Case) -> None:
    case.pool.states = ["initializing", "error"]

    def leased(lease: fake.Lease) -> None:
        lease.error = vim.fault.DeviceUnsupportedForVmPlatform(msg="no such disk")

    case.pool.leased = leased
    error = case.error()
    assert error.code == "lease_error"
    assert "no such disk" in str(error)
    assert error.about["left_behind"] is False


def test_a_lease_that_never_gets_ready(case: Case) -> None:
    case.pool.states = ["initializing"]
    error = case.error(timeout=0.3)
    assert error.code == "timeout"
    assert not case.is_left


def test_a_lease_that_expires_while_a_write_blocks(case: Case) -> None:
    case.shape = SHAPE._replace(random=32 << 20)
    case.receiver.stops_after, case.receiver.stalls = 1 << 16, True

    def leased(lease: fake.Lease) -> None:
        lease.timeout = 1
        lease.gone = [vim.fault.Timedout(msg="expired")]

    case.pool.leased = leased
    error = case.error()
    assert error.code == "lease_error"
    assert "expired" in str(error)
    assert not case.is_left


def test_an_import_that_takes_too_long_while_a_write_blocks(case: Case) -> None:
    case.shape = SHAPE._replace(random=32 << 20)
    case.receiver.stops_after, case.receiver.stalls = 1 << 16, True

    def leased(lease: fake.Lease) -> None:
        lease.timeout = 1

    case.pool.leased = leased
    error = case.error(timeout=2)
    assert error.code == "timeout"
    assert "import_timeout" in str(error)
    assert case.pool.lease.percents
    assert not case.is_left


@pytest.mark.parametrize("status", [429, 500])
def test_a_host_that_refuses_the_upload(case: Case, status: int) -> None:
    case.receiver.status = status
    error = case.error()
    assert error.code == "upload_failed"
    assert str(status) in str(error)
    assert error.about["left_behind"] is False
    assert not case.is_left


def test_a_lease_that_names_no_address(case: Case) -> None:
    case.pool.leased = lambda lease: setattr(lease, "urls", [])
    assert case.error().code == "lease_error"
    assert not case.is_left


def test_a_file_that_the_ova_lacks(case: Case) -> None:
    case.session.ovf.file = "other.vmdk"
    error = case.error()
    assert error.code == "ovf_invalid"
    assert "other.vmdk" in str(error)
    assert not case.is_left


def test_a_bad_manifest_leaves_nothing(case: Case) -> None:
    case.shape = SHAPE._replace(manifest="bad")
    error = case.error()
    assert error.code == "manifest_mismatch"
    assert "HttpNfcLeaseComplete" not in case.server.calls
    assert not case.is_left


def test_what_cannot_be_removed_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_PATIENCE", 0)
    case.receiver.status = 500

    def leased(made: fake.Lease) -> None:
        made.keeps_vm = True
        t.cast(fake.Machine, case.pool.machine).undestroyable = vim.fault.TaskInProgress()

    case.pool.leased = leased
    error = case.error()
    assert error.about["left_behind"] == t.cast(fake.Machine, case.pool.machine).ref._GetMoId()
    assert case.is_left


def test_a_stamp_that_cannot_be_set_leaves_nothing(case: Case) -> None:
    case.server.refuses["ReconfigVM_Task"] = vim.fault.NoPermission(privilegeId="VirtualMachine.Config.AdvancedConfig")
    error = case.error()
    assert error.code == "no_permission"
    assert not case.is_left


@pytest.fixture
def interruptible() -> collections.abc.Iterator[None]:
    """Where the tests run in the background of a shell, they inherit that SIGINT is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_signals_leave_nothing(case: Case, which: signal.Signals) -> None:
    case.shape = SHAPE._replace(random=32 << 20)
    case.receiver.stops_after, case.receiver.stalls = 1 << 16, True

    main, before = t.cast(int, threading.main_thread().ident), signal.getsignal(signal.SIGTERM)

    def send() -> None:
        case.receiver.stalled.wait(300)
        signal.pthread_kill(main, which)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        case.run()
    sender.join()
    assert not case.is_left
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interrupt_ends_an_import_in_a_thread(case: Case) -> None:
    case.shape = SHAPE._replace(random=32 << 20)
    case.receiver.stops_after, case.receiver.stalls = 1 << 16, True
    interrupt, caught = Interrupt(), []

    def work() -> None:
        try:
            case.run(interrupt=interrupt)
        except Interrupted as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert case.receiver.stalled.wait(300)
    interrupt.set()
    thread.join(300)
    assert caught
    assert not case.is_left
    with pytest.raises(Interrupted):
        case.run(interrupt=interrupt)
    assert not case.is_left
