# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The lease under which a server takes an import, and what is done with the VM when the import fails."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import properties, sdk, tasks
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.connection import Session
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.faults import described, failure, translated

#: Seconds between two looks at a lease that gets ready.
_PAUSES = 0.05, 0.1, 0.2, 0.5, 1.0
#: For so many seconds, and after so many each, a VM is destroyed once more that the server itself may be removing.
_PATIENCE, _DISTANCE = 30.0, 1.0


class File(t.NamedTuple):
    """A file as it was sent, or as it arrived: its SHA-1 in hex, empty where it is not known, and its size in bytes."""

    sha1: str
    size: int

    def agrees(self, other: File) -> bool:
        return self.sha1 == other.sha1 if self.sha1 and other.sha1 else self.size == other.size


class Lease:
    """A lease that ImportVApp gave. name is that of the VM, for messages."""

    def __init__(
        self, session: Session, ref: sdk.Ref, name: str, sleep: t.Callable[[float], None] = time.sleep
    ) -> None:
        self.session = session
        self.ref = ref
        self.name = name
        self.sleep = sleep
        self.info: t.Any = None

    def wait(self, deadline: float) -> None:
        """Waits until files can be sent. VsphereError lease_error, or what the server's fault is, or timeout."""
        looks = 0
        while True:
            state = self._look()
            if state == "ready" and self.info:
                return
            if state != "initializing" and state != "ready":
                raise VsphereError("lease_error", f"The import of {self.name} ended before its upload, as {state}.")
            if time.monotonic() >= deadline:
                raise VsphereError(
                    "timeout", f"The server did not get ready for the import of {self.name} in time (import_timeout)."
                )
            self.sleep(_PAUSES[min(looks, len(_PAUSES) - 1)])
            looks += 1

    def progress(self, percent: int) -> None:
        """Tells the server, which extends the lease. Any fault means that the lease is gone: lease_error."""
        with translated(f"The import of {self.name}"):
            try:
                self.ref.HttpNfcLeaseProgress(percent)
            except sdk.MethodFault as fault:
                raise self._ended(fault) from None

    def manifest(self) -> dict[str, File] | None:
        """What the server got for each of its keys; None where it cannot tell."""
        with translated(f"The import of {self.name}"):
            try:
                entries = self.ref.HttpNfcLeaseGetManifest()
            except sdk.MethodFault:
                # Not every server can tell of what came in. Whether the lease still is one says its completion.
                return None
        return {entry.key: File((entry.sha1 or "").lower(), entry.size or 0) for entry in entries}

    def complete(self) -> None:
        with translated(f"Completing the import of {self.name}"):
            self.ref.HttpNfcLeaseComplete()

    def drop(self) -> str | None:
        """Ends the import and removes its VM. The moid of what could not be removed, None when nothing is left."""
        with contextlib.suppress(VsphereError):
            if not self.info:
                self._look()
        # A lease that is over already cannot be aborted.
        with contextlib.suppress(VsphereError), translated(f"Aborting the import of {self.name}"):
            self.ref.HttpNfcLeaseAbort()
        return self._destroyed(self.info.entity) if self.info else None

    def _look(self) -> str:
        """The state; with "ready" the info is there."""
        values = properties.read(self.session, [self.ref], ["state", "info", "error"])[0].values
        self.info = values.get("info") or self.info
        if values.get("state") == "error":
            fault = values.get("error") or sdk.vmodl.MethodFault(msg="it does not say why")
            error = failure(fault, f"The import of {self.name}")
            raise self._ended(fault) if error.code == "fault" else error
        return str(values.get("state"))

    def _ended(self, fault: t.Any) -> VsphereError:
        return VsphereError("lease_error", f"The server ended the import of {self.name}: {described(fault)}")

    def _destroyed(self, entity: sdk.Ref) -> str | None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                with translated("Removing what an import left"):
                    tasks.wait(self.session, entity.Destroy_Task())
                return None
            except VsphereError as error:
                if error.code == "not_found":
                    return None
                if time.monotonic() >= end:
                    return str(entity._moId)
            self.sleep(_DISTANCE)
