# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An OVA becomes a VM: one pass over the archive, and either a whole VM or none.

The VM never exists without its settings: they are in the import spec, with a stamp that says "importing". Only an
import that came to its end replaces it, so what a killed process leaves is known for what it is.
"""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.interrupt import Interrupt, terminable
from ansible_collections.flatops.flatcar.plugins.module_utils._release import progress
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import (
    import_spec,
    sdk,
    stamp,
    storage,
    tasks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import translated
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.heartbeat import EVERY, Heartbeat
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.import_spec import Made, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.inventory import Inventory, Place
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.lease import File, Lease
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova import Ova
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.ova_check import Verdict
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.upload import Endpoint, Uploads, target

#: From the ConfigSpec that the server made of the OVF, which may be changed, the ConfigSpec of what is set besides.
Config = t.Callable[[t.Any], t.Any]
#: From the VM, the ConfigSpec of what is changed once its disks are there: their growth.
Finish = t.Callable[[sdk.Ref], t.Any]


class Imported(t.NamedTuple):
    """A VM that came of an OVA; ref and verdict are None in a dry run. bytes were uploaded, in so many seconds."""

    ref: sdk.Ref
    bytes: int
    seconds: float
    verdict: Verdict | None
    warnings: tuple[str, ...]


def import_ova(
    session: Session,
    inventory: Inventory,
    place: Place,
    ova: Ova,
    wanted: Wanted,
    *,
    config: Config | None = None,
    finish: Finish | None = None,
    timeout: float = 3600,
    report: progress.Report = progress.silent,
    interrupt: Interrupt | None = None,
    check: bool = False,
) -> Imported:
    """Makes the VM at a place. After any failure nothing is left, or the error's left_behind is the moid of what is.

    The folders of the place must be there. timeout is for all of it, in seconds. check asks the server for the import
    spec and reads no more than the descriptor.
    """
    warnings = import_spec.check(ova.about, wanted, session.is_vcenter)
    networks = import_spec.networks(inventory, place, ova.about, wanted)
    datastore, made = storage.choose(session, inventory, place, ova.descriptor_text, wanted, networks)
    warnings += made.warnings
    if check:
        warnings += storage.space(inventory, datastore, ova.about, wanted)
        return Imported(None, 0, 0.0, None, tuple(warnings))
    if config:
        import_spec.merge(made.config, config(made.config))
    import_spec.merge(made.config, _stamped(state=stamp.IMPORTING, imported=str(session.now())))
    with terminable():
        done = _import(
            _Import(session, place, ova, wanted.name, made, timeout, report), finish, interrupt or Interrupt()
        )
    return done._replace(warnings=tuple(warnings))


class _Import:
    """One import: its lease, its upload, and how far it is."""

    def __init__(
        self, session: Session, place: Place, ova: Ova, name: str, made: Made, timeout: float, report: progress.Report
    ) -> None:
        self.session = session
        self.place = place
        self.ova = ova
        self.name = name
        self.made = made
        self.report = report
        self.start = time.monotonic()
        self.deadline = self.start + timeout
        self.uploads = Uploads(Endpoint.of(session))
        self.total = sum(file.size for file in made.files)
        self.done = 0

    def begin(self) -> Lease:
        with translated(f"The import of {self.name}"):
            ref = self.place.pool.ImportVApp(self.made.spec, self.place.folder, self.place.host)
        return Lease(self.session, ref, self.name)

    def beat(self, lease: Lease) -> None:
        self.in_time()
        lease.progress(min(100, 100 * self.done // self.total) if self.total else 0)

    def in_time(self) -> None:
        if time.monotonic() >= self.deadline:
            limit = self.deadline - self.start
            raise VsphereError(
                "timeout", f"The import of {self.name} took longer than {limit:g} seconds (import_timeout)."
            )

    def advance(self, size: int) -> None:
        self.done += size

    def read(self, phase: str, done: int, total: int | None) -> None:
        """Reading is uploading."""
        self.in_time()
        self.report("upload", done, total)

    def upload(self, lease: Lease) -> Verdict:
        """Sends the files that the server wants as they come by in the archive, and compares what has arrived."""
        urls = {each.importKey: each for each in lease.info.deviceUrl}
        files = {file.path: file for file in self.made.files}
        sent: dict[str, tuple[str, File]] = {}
        with contextlib.closing(self.ova.disks(self.read, ["sha1"])) as members:
            for member in members:
                file = files.pop(member.name, None)
                if file is None:
                    continue
                if file.device not in urls:
                    raise VsphereError("lease_error", f"The server names no address for the upload of {member.name}.")
                url = urls[file.device]
                to = target(self.uploads.endpoint, url.url, url.sslThumbprint or "", file.create)
                self.uploads.send(to, member.name, member.size, member.chunks, self.advance)
                sent[url.key] = member.name, File(member.digest("sha1"), member.size)
        if files:
            raise VsphereError("ovf_invalid", f"The OVA lacks {', '.join(files)}, which its OVF names.")
        verdict = self.ova.verdict()
        arrived = lease.manifest() or {}
        for key, (name, content) in sent.items():
            if key in arrived and not content.agrees(arrived[key]):
                raise VsphereError("upload_failed", f"{name} did not arrive at the server as it was sent. Try again.")
        return verdict


def _import(this: _Import, finish: Finish | None, interrupt: Interrupt) -> Imported:
    lease = this.begin()
    try:
        lease.wait(this.deadline)
        every = min(EVERY, (lease.info.leaseTimeout or 300) / 4)
        with interrupt.ends(this.uploads.cancel), Heartbeat(lambda: this.beat(lease), this.uploads.cancel, every):
            verdict = this.upload(lease)
        lease.progress(100)
        lease.complete()
        _complete(this.session, lease.info.entity, finish)
    except BaseException as error:
        left = lease.drop()
        if isinstance(error, VsphereError):
            error.about["left_behind"] = left or False
        raise
    return Imported(lease.info.entity, this.done, time.monotonic() - this.start, verdict, ())


def _complete(session: Session, ref: sdk.Ref, finish: Finish | None) -> None:
    spec = finish(ref) if finish else sdk.vim.vm.ConfigSpec()
    import_spec.merge(spec, _stamped(state=stamp.COMPLETE, imported=""))
    with translated("Setting up the imported VM"):
        tasks.wait(session, ref.ReconfigVM_Task(spec))


def _stamped(**fields: str) -> t.Any:
    options = [sdk.vim.option.OptionValue(key=key, value=value) for key, value in stamp.stamp(**fields).items()]
    return sdk.vim.vm.ConfigSpec(extraConfig=options)
