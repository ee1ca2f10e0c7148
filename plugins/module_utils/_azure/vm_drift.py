# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""In what a VM differs from what is described, as far as that says anything.

What Azure adds by itself, the version behind `latest`, and the key that nobody can use are no differences.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    image,
    resource_id,
    ssh_key,
    vm_body,
    vm_disk_drift,
    vm_disks,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    DEALLOCATE,
    LIVE,
    REBUILD,
    Change,
    Desired,
    Drift,
    Identity,
    Json,
    Seen,
    Settings,
)


def drift(desired: Desired, seen: Seen, nics: t.Sequence[str] | None = None) -> Drift:
    """nics are the ids of those that the VM shall have, where that is known; disks that others attach do not count.

    AzureError where a disk that is kept would have to become what no disk can become.
    """
    changes = [
        *_image(desired, seen),
        *_place(desired, seen),
        *_system(desired.settings, seen),
        *_hardware(desired.settings, seen),
        *vm_disk_drift.differences(desired.settings, seen),
        *_nics(nics, seen),
        *_identity(desired.settings.identity, seen),
        *_diagnostics(desired.settings.boot_diagnostics, seen),
        *_tags(desired, seen),
    ]
    if seen.ephemeral:
        # A VM whose OS disk is on the host cannot be deallocated.
        changes = [each._replace(needs=REBUILD) if each.needs == DEALLOCATE else each for each in changes]
    return Drift(tuple(changes), _ignition(desired, seen))


def _ignition(desired: Desired, seen: Seen) -> bool | None:
    """None where none is given, and where the VM does not say what it was made with."""
    if desired.ignition is None or not seen.stamp.is_ours:
        return None
    return desired.ignition.sha256 != seen.stamp.ignition


def _image(desired: Desired, seen: Seen) -> t.Iterator[Change]:
    if desired.image is None or not seen.stamp.source:
        return
    wanted = image.source(desired.image, resource_id.parse(seen.id).subscription, desired.resource_group)
    if wanted != seen.stamp.source.lower():
        yield Change("image", seen.stamp.source, wanted, REBUILD)


def _place(desired: Desired, seen: Seen) -> t.Iterator[Change]:
    if desired.location and desired.location != seen.location:
        yield Change("location", seen.location, desired.location, REBUILD)
    settings, properties = desired.settings, _properties(seen)
    if settings.zone and (settings.zone,) != seen.zones:
        yield Change("zones", list(seen.zones), [settings.zone], REBUILD)
    for field, wanted, kind, there, needs in (
        ("availability_set", settings.availability_set, "availabilitySets", properties.get("availabilitySet"), REBUILD),
        (
            "proximity_placement_group",
            settings.proximity_group,
            "proximityPlacementGroups",
            properties.get("proximityPlacementGroup"),
            DEALLOCATE,
        ),
    ):
        if wanted:
            id = vm_body.id_of(wanted, kind, resource_id.parse(seen.id).subscription, desired.resource_group)
            before = (there or {}).get("id")
            if not resource_id.same(before, id):
                yield Change(field, before, id, needs)


def _system(settings: Settings, seen: Seen) -> t.Iterator[Change]:
    system = _properties(seen).get("osProfile") or {}
    user = system.get("adminUsername")
    if settings.admin_username and user and settings.admin_username != user:
        yield Change("admin_username", user, settings.admin_username, REBUILD)
    if settings.ssh_keys:
        ssh = ((system.get("linuxConfiguration") or {}).get("ssh") or {}).get("publicKeys") or ()
        before = {ssh_key.identity(key.get("keyData") or "") for key in ssh}
        after = {ssh_key.identity(key) for key in settings.ssh_keys}
        if before != after:
            yield Change("ssh_public_keys", _keys(before), _keys(after), REBUILD)


def _keys(keys: t.Iterable[tuple[str, ...]]) -> list[str]:
    return sorted(" ".join(key) for key in keys)


def _hardware(settings: Settings, seen: Seen) -> t.Iterator[Change]:
    properties = _properties(seen)
    security = properties.get("securityProfile") or {}
    firmware = security.get("uefiSettings") or {}
    priority = properties.get("priority") or "Regular"
    price = (properties.get("billingProfile") or {}).get("maxPrice", -1)
    ultra = bool((properties.get("additionalCapabilities") or {}).get("ultraSSDEnabled"))
    rows = (
        ("vm_size", seen.vm_size, settings.vm_size, DEALLOCATE),
        ("priority", priority, settings.priority, REBUILD),
        ("eviction_policy", properties.get("evictionPolicy"), settings.eviction_policy, REBUILD),
        ("max_price", price, settings.max_price, DEALLOCATE),
        ("ephemeral_os_disk", seen.ephemeral, settings.ephemeral, REBUILD),
        ("ultra_ssd", ultra, vm_disks.takes_ultra(settings.data_disks) or None, DEALLOCATE),
        (
            "security_profile.security_type",
            security.get("securityType") or "Standard",
            settings.security_type,
            REBUILD,
        ),
        (
            "security_profile.encryption_at_host",
            bool(security.get("encryptionAtHost")),
            settings.encryption_at_host,
            DEALLOCATE,
        ),
        (
            "security_profile.uefi_settings.secure_boot_enabled",
            bool(firmware.get("secureBootEnabled")),
            settings.secure_boot,
            DEALLOCATE,
        ),
        (
            "security_profile.uefi_settings.v_tpm_enabled",
            bool(firmware.get("vTpmEnabled")),
            settings.v_tpm,
            DEALLOCATE,
        ),
    )
    for field, before, after, needs in rows:
        if after is not None and vm_disk_drift.plain(before) != vm_disk_drift.plain(after):
            yield Change(field, before, after, needs)


def _nics(wanted: t.Sequence[str] | None, seen: Seen) -> t.Iterator[Change]:
    if wanted is None:
        return
    before, after = [resource_id.key(id) for id in seen.nics], [resource_id.key(id) for id in wanted]
    if before[:1] != after[:1] or sorted(before) != sorted(after):
        yield Change("network_interfaces", list(seen.nics), list(wanted), DEALLOCATE)


def _identity(wanted: Identity | None, seen: Seen) -> t.Iterator[Change]:
    if wanted is None:
        return
    there = seen.json.get("identity") or {}
    before, after = _kinds(there.get("type")), _kinds(wanted.type)
    assigned = {resource_id.key(id) for id in there.get("userAssignedIdentities") or ()}
    ids = {resource_id.key(id) for id in wanted.ids}
    enough = ids <= assigned if wanted.append else ids == assigned
    if before != after or not enough:
        told = {"type": there.get("type") or "None", "ids": sorted(there.get("userAssignedIdentities") or ())}
        yield Change("vm_identity", told, {"type": wanted.type, "ids": sorted(wanted.ids)}, LIVE)


def _kinds(text: str | None) -> set[str]:
    return {kind.strip().lower() for kind in (text or "").split(",")} - {"", "none"}


def _diagnostics(wanted: str | None, seen: Seen) -> t.Iterator[Change]:
    if wanted is None:
        return
    there = (_properties(seen).get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}
    before = (there.get("storageUri") or "managed") if there.get("enabled") else ""
    if before != wanted and _account(before) != _account(wanted):
        yield Change("boot_diagnostics", before or "disabled", wanted or "disabled", LIVE)


def _account(text: str) -> str:
    """The storage account in a blob endpoint, or a name as it is."""
    return text.partition("://")[2].partition(".")[0].lower() if "://" in text else text.lower()


def _tags(desired: Desired, seen: Seen) -> t.Iterator[Change]:
    """Azure does not tell upper from lower case in the names of tags."""
    if desired.tags is None:
        return
    before = {name.lower(): value for name, value in seen.tags.items()}
    after = {name.lower(): value for name, value in desired.tags.items()}
    compared = after if desired.append_tags else {**before, **after}
    names = [name for name in compared if before.get(name) != after.get(name)]
    if names:
        yield Change("tags", _some(before, names), _some(after, names), LIVE)


def _some(tags: t.Mapping[str, str], names: t.Iterable[str]) -> dict[str, str]:
    return {name: tags[name] for name in names if name in tags}


def _properties(seen: Seen) -> Json:
    return seen.json.get("properties") or {}
