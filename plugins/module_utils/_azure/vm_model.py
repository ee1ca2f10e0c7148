# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is said of a VM: as it is described, as it is, and how the two differ."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image import Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.stamp import Stamp
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.ignition import Ignition

Json = dict[str, t.Any]
Options = t.Mapping[str, t.Any]

#: What a change needs: nothing, a VM that is deallocated meanwhile, or a new VM.
LIVE = "live"
DEALLOCATE = "deallocate"
REBUILD = "rebuild"


class DataDisk(t.NamedTuple):
    """A data disk as described. resource is the name of the managed disk, size is in GiB, None is not asked for.

    has_lun says whether the number of its place was asked for.
    """

    name: str
    resource: str
    lun: int
    has_lun: bool
    size: int
    type: str | None
    caching: str | None
    keep: bool


class Identity(t.NamedTuple):
    """type is as the API has it; append says that user-assigned identities that are there stay."""

    type: str
    ids: tuple[str, ...]
    append: bool


class Settings(t.NamedTuple):
    """What of a VM is compared with what it has; None is not asked for. Sizes are in GiB.

    availability_set and proximity_group are names in the resource group of the VM, or ids. boot_diagnostics is "" where
    they are off, "managed", or the name or the blob endpoint of a storage account.
    """

    vm_size: str | None = None
    admin_username: str | None = None
    ssh_keys: tuple[str, ...] = ()
    os_disk_type: str | None = None
    os_disk_size: int | None = None
    os_disk_caching: str | None = None
    ephemeral: bool | None = None
    data_disks: tuple[DataDisk, ...] = ()
    zone: str | None = None
    availability_set: str | None = None
    proximity_group: str | None = None
    priority: str | None = None
    eviction_policy: str | None = None
    max_price: float | None = None
    identity: Identity | None = None
    boot_diagnostics: str | None = None
    security_type: str | None = None
    encryption_at_host: bool | None = None
    secure_boot: bool | None = None
    v_tpm: bool | None = None


class Desired(t.NamedTuple):
    """One VM as described, checked as far as that goes without a call.

    location is None where it is that of the resource group. plan is JSON. tags are those of the user; append_tags says
    that others stay. ignition holds secrets, ignition_in is custom_data or user_data. options has the rest, such as
    those of the network.
    """

    name: str
    resource_group: str
    location: str | None
    state: str
    image: Wanted | None
    plan: Json | None
    accept_terms: bool
    settings: Settings
    ignition: Ignition | None
    ignition_in: str
    tags: dict[str, str] | None
    append_tags: bool
    on_ignition_change: str
    on_immutable_change: str
    recreate: bool
    adopt: bool
    force: bool
    warnings: tuple[str, ...]
    options: Options


class SeenDisk(t.NamedTuple):
    """A disk that a VM has. size is in GiB, None where it is not known; deletes says that it goes with the VM."""

    name: str
    id: str
    lun: int | None
    size: int | None
    type: str | None
    caching: str | None
    deletes: bool


class Seen(t.NamedTuple):
    """One VM as it is; json is what the API returned.

    power is running, stopped, deallocated, starting, stopping, deallocating or unknown, provisioning as the API has it
    (Succeeded, Failed, Creating, Updating, Deleting). nics are ids, the primary one first. exact_version is that of
    the image.
    """

    id: str
    name: str
    resource_group: str
    location: str
    vm_size: str
    power: str
    provisioning: str
    etag: str | None
    nics: tuple[str, ...]
    os_disk: SeenDisk | None
    data_disks: tuple[SeenDisk, ...]
    ephemeral: bool
    zones: tuple[str, ...]
    image: Json
    exact_version: str | None
    tags: dict[str, str]
    stamp: Stamp
    json: Json


class Change(t.NamedTuple):
    """A difference. needs is LIVE, DEALLOCATE or REBUILD."""

    field: str
    before: t.Any
    after: t.Any
    needs: str


class Drift(t.NamedTuple):
    """changes would put the VM right; ignition is None where that is not known."""

    changes: tuple[Change, ...]
    ignition: bool | None

    def needing(self, *needs: str) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.needs in needs)

    def described(self) -> list[Json]:
        """What a result says of it."""
        return [change._asdict() for change in self.changes]
