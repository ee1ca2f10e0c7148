# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports of OVAs at a simulated vCenter and a simulated host."""

from __future__ import annotations

import collections
import collections.abc
import concurrent.futures
import hashlib
import json
import pathlib
import signal
import subprocess
import sys
import tarfile
import threading
import time
import typing as t

import pytest
from pyVmomi import vim

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import connection, ova_source, stamp, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.lease import File, Lease
from ansible_collections.flatops.flatcar.tests.standins.release import server as release
from ansible_collections.flatops.flatcar.tests.standins.vsphere import cutter, vcsim
from ansible_collections.flatops.flatcar.tests.standins.vsphere import ova as fixture
from ansible_collections.flatops.flatcar.tests.vsphere import importing
from ansible_collections.flatops.flatcar.tests.vsphere.conftest import settings, started

pytestmark = pytest.mark.one_core

MIB = 1 << 20
COMPLETE = stamp.Stamp(state=stamp.COMPLETE)


@pytest.fixture(params=["vcenter", "esx"])
def site(request: pytest.FixtureRequest) -> collections.abc.Iterator[importing.Site]:
    """Both kinds of server."""
    with started(esx=request.param == "esx") as server, importing.site(settings(server)) as at:
        yield at


@pytest.fixture
def vcenter(server: vcsim.Server) -> collections.abc.Iterator[importing.Site]:
    with importing.site(settings(server)) as at:
        yield at


Write = t.Callable[..., str]


@pytest.fixture
def write(tmp_path: pathlib.Path) -> Write:
    """Writes an OVA of a shape."""

    def written(**shape: t.Any) -> str:
        path = tmp_path / "image.ova"
        fixture.write(path, fixture.Shape(**shape))
        return str(path)

    return written


def failure(work: t.Callable[..., t.Any], *args: t.Any, **options: t.Any) -> VsphereError:
    with pytest.raises(VsphereError) as caught:
        work(*args, **options)
    return caught.value


@pytest.mark.parametrize("order", [("ovf", "mf", "disks"), ("disks", "ovf", "mf"), ("disks", "mf", "ovf")])
def test_every_byte_arrives(
    site: importing.Site, write: Write, order: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived: list[dict[str, File] | None] = []
    ask = Lease.manifest

    def manifest(lease: Lease) -> dict[str, File] | None:
        arrived.append(ask(lease))
        return arrived[-1]

    monkeypatch.setattr(Lease, "manifest", manifest)
    path = write(random=3 * MIB, disks=2, order=order)
    done = site.run(ova_source.source(path=path))

    with tarfile.open(path) as archive:
        disks = [
            t.cast(t.IO[bytes], archive.extractfile(name)).read() for name in fixture.disk_names(fixture.Shape(disks=2))
        ]
    (found,) = arrived
    assert found and sorted(found.values()) == sorted(File(hashlib.sha1(disk).hexdigest(), len(disk)) for disk in disks)
    assert done.bytes == sum(map(len, disks))
    assert done.verdict and done.verdict.manifest == "verified"
    assert site.machines() == {"new": COMPLETE}


def test_settings_are_in_the_import(site: importing.Site, write: Write) -> None:
    def config(made: t.Any) -> t.Any:
        option = vim.option.OptionValue(key="guestinfo.ignition.config.data", value="e30=")
        return vim.vm.ConfigSpec(numCPUs=4, memoryMB=4096, annotation="mine", version="vmx-15", extraConfig=[option])

    reconfigured: list[dict[str, str]] = []

    def finish(ref: t.Any) -> t.Any:
        reconfigured.append({option.key: option.value for option in site.read(ref, "config.extraConfig")})
        disk = next(
            device
            for device in site.read(ref, "config.hardware.device")
            if isinstance(device, vim.vm.device.VirtualDisk)
        )
        disk.capacityInKB, disk.capacityInBytes = 20 << 20, 20 << 30
        return vim.vm.ConfigSpec(deviceChange=[vim.vm.device.VirtualDeviceSpec(operation="edit", device=disk)])

    done = site.run(ova_source.source(path=write()), config=config, finish=finish)
    (before,) = reconfigured
    assert before["guestinfo.ignition.config.data"] == "e30="
    assert before["flatcar.ansible.state"] == "importing"
    assert site.read(done.ref, "config.hardware.numCPU") == 4
    assert site.read(done.ref, "config.hardware.memoryMB") == 4096
    assert site.read(done.ref, "config.annotation") == "mine"
    assert site.read(done.ref, "config.version") == "vmx-15"
    devices = site.read(done.ref, "config.hardware.device")
    assert [each.capacityInKB for each in devices if isinstance(each, vim.vm.device.VirtualDisk)] == [20 << 20]
    assert site.machines() == {"new": COMPLETE}


def test_networks_are_mapped(vcenter: importing.Site, write: Write) -> None:
    source = ova_source.source(path=write(networks=("VM Network", "storage")))
    error = failure(vcenter.run, source)
    assert error.code == "network_unknown"
    assert "'storage'" in str(error)
    assert any(each["path"].endswith("DC0_DVPG0") for each in error.about["candidates"])
    done = vcenter.run(source, Wanted("new", networks={"storage": "DC0_DVPG0"}))
    cards = [
        device.backing
        for device in vcenter.read(done.ref, "config.hardware.device")
        if isinstance(device, vim.vm.device.VirtualEthernetCard)
    ]
    assert sorted(type(backing).__name__.rpartition(".")[2] for backing in cards) == [
        "DistributedVirtualPortBackingInfo",
        "NetworkBackingInfo",
    ]


def test_a_dry_run_makes_nothing(site: importing.Site, write: Write) -> None:
    source = ova_source.source(path=write())
    assert site.run(source, check=True).ref is None
    assert failure(site.run, source, Wanted("new", provisioning="none"), check=True).code == "spec_error"
    assert failure(site.run, source, Wanted("new", networks={"x": "VM Network"}), check=True).code == "network_unknown"
    assert not site.machines()


def test_a_datastore_cluster_without_recommendations(write: Write) -> None:
    # The simulator never has one.
    with started(pods=1, datastores=2) as server, connection.connect(settings(server)) as session:
        before = importing.Site(session, datastore="LocalDS_0")
        pod = before.inventory.all("StoragePod")[0]
        store = before.inventory.all("Datastore")[1]
        tasks.wait(session, pod.MoveIntoFolder_Task([store]))
        site = importing.Site(session, datastore_cluster="DC0_POD0")
        done = site.run(ova_source.source(path=write()))
        assert site.read(done.ref, "datastore") == [store]


@pytest.mark.parametrize("seekable", [True, False])
def test_a_truncated_ova(site: importing.Site, write: Write, seekable: bool) -> None:
    source = ova_source.source(path=write(random=3 * MIB, cut=MIB))._replace(seekable=seekable)
    assert failure(site.run, source).code == "source_unreadable"
    assert not site.machines()


def test_a_bad_manifest(site: importing.Site, write: Write) -> None:
    error = failure(site.run, ova_source.source(path=write(manifest="bad")))
    assert error.code == "manifest_mismatch"
    assert error.about["left_behind"] is False
    assert not site.machines()


def test_a_bad_checksum(vcenter: importing.Site, write: Write) -> None:
    error = failure(vcenter.run, ova_source.source(path=write(), checksum="sha512:" + "0" * 128))
    assert error.code == "checksum_mismatch"
    assert error.about["left_behind"] is False
    assert not vcenter.machines()


@pytest.mark.parametrize("good", [True, False])
def test_a_signature(vcenter: importing.Site, write: Write, tmp_path: pathlib.Path, good: bool) -> None:
    keys = release.Keys()
    path = write()
    content = pathlib.Path(path).read_bytes() if good else b"something else"
    signature, keyring = tmp_path / "image.sig", tmp_path / "keyring.asc"
    signature.write_bytes(release.detached(keys.good, content))
    keyring.write_text(keys.public())
    source = ova_source.source(path=path, signature=str(signature), keyring=str(keyring))
    if good:
        vcenter.run(source)
        assert vcenter.machines() == {"new": COMPLETE}
    else:
        error = failure(vcenter.run, source)
        assert error.code == "signature_bad"
        assert error.about["left_behind"] is False
        assert not vcenter.machines()


def test_a_connection_that_is_cut_in_mid_upload(esx: vcsim.Server, write: Write) -> None:
    # A host's upload goes to the address and port of the session, as its URL names neither.
    with cutter.Cutter(esx.port, after=8 * MIB) as way, importing.site(settings(esx)._replace(port=way.port)) as at:
        error = failure(at.run, ova_source.source(path=write(random=32 * MIB)))
        assert error.code == "upload_failed"
        assert error.about["left_behind"] is False
        assert way.cuts == 1
        assert not at.machines()


def test_a_session_that_is_lost_in_mid_upload(server: vcsim.Server, write: Write) -> None:
    # The lease goes with the session; the cleaning up logs in again.
    with importing.site(settings(server)) as at, connection.connect(settings(server)) as other:
        manager = at.session.content.sessionManager
        key = at.read(manager, "currentSession").key
        ended: list[str] = []

        def end(phase: str, done: int, total: int | None) -> None:
            if not ended:
                ended.append(phase)
                other.content.sessionManager.TerminateSession([key])

        error = failure(at.run, ova_source.source(path=write(random=3 * MIB)), report=end)
        assert error.code == "lease_error"
        assert error.about["left_behind"] is False
        assert ended == ["upload"]
        assert not at.machines()


def test_an_upload_through_a_proxy(server: vcsim.Server, write: Write) -> None:
    through = settings(server)._replace(proxy_host=server.host, proxy_port=server.proxy_port)
    with importing.site(through) as at:
        at.run(ova_source.source(path=write(random=3 * MIB)))
        assert at.machines() == {"new": COMPLETE}


def test_four_imports_of_one_name_at_once(server: vcsim.Server, write: Write) -> None:
    codes = collections.Counter(at_once(server, write(random=2 * MIB), ["new"] * 4))
    assert codes == {"": 1, "name_exists": 3}
    with importing.site(settings(server)) as at:
        assert at.machines() == {"new": COMPLETE}


def test_eight_imports_at_once_with_one_login(server: vcsim.Server, write: Write) -> None:
    names = [f"new{number}" for number in range(8)]
    assert at_once(server, write(random=2 * MIB), names) == [""] * 8
    with importing.site(settings(server)) as at:
        assert at.machines() == dict.fromkeys(names, COMPLETE)


def at_once(server: vcsim.Server, path: str, names: collections.abc.Sequence[str]) -> list[str]:
    """The error code of each import, empty for those that made their VM."""
    start = threading.Barrier(len(names))

    def work(at: importing.Site, name: str) -> str:
        start.wait(300)
        try:
            at.run(ova_source.source(path=path), Wanted(name))
        except VsphereError as error:
            return error.code
        return ""

    with importing.site(settings(server)) as at, concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: work(at, name), names))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_ended_in_mid_upload(
    server: vcsim.Server, write: Write, tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    reached = tmp_path / "reached"
    told = json.dumps([settings(server)._asdict(), write(random=4 * MIB), str(reached), "new"])
    with subprocess.Popen([sys.executable, importing.__file__, told], stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 300
        while not reached.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        with importing.site(settings(server)) as at:
            assert at.machines()["new"].is_unfinished
            process.send_signal(number)
            assert process.wait(300) != 0
            if number == signal.SIGKILL:
                assert at.machines()["new"].is_unfinished
                error = failure(at.run, ova_source.source(path=write()))
                assert error.code == "name_exists"
                assert at.machines()["new"].is_unfinished
            else:
                assert not at.machines()
