# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In what VMs differ from what is described, and what puts them right."""

from __future__ import annotations

import copy
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import (
    resource_id,
    vm_body,
    vm_desired,
    vm_drift,
    vm_seen,
    vm_update,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.vm_model import (
    DEALLOCATE,
    LIVE,
    REBUILD,
    Desired,
    Drift,
    Seen,
)
from ansible_collections.flatops.flatcar.tests.unit.plugins.module_utils.azure.azure_vm_options import (
    ED25519,
    IMAGE,
    PLACE,
    RSA,
    Json,
    echo,
    id_of,
    options,
)

NIC = id_of("networkInterfaces", "node1-nic", "Microsoft.Network")
IDENTITIES = [id_of("userAssignedIdentities", name, "Microsoft.ManagedIdentity") for name in ("a", "b")]
IGNITION = '{"ignition":{"version":"3.4.0"}}'
BASE = {"vm_size": "Standard_D2s_v5", "image": "stable"}


def desired(**given: t.Any) -> Desired:
    return vm_desired.desired(options(**{**BASE, **given}))


def made(wanted: Desired) -> Json:
    """What Azure tells of a VM that was made as described."""
    return echo(vm_body.body(wanted, PLACE, IMAGE, [{"id": NIC}], {}))


def drift(wanted: Desired, vm: Json) -> Drift:
    return vm_drift.drift(wanted, vm_seen.seen(vm), [NIC])


def fields(found: Drift) -> dict[str, str]:
    return {change.field: change.needs for change in found.changes}


def merged(there: t.Any, patch: t.Any) -> t.Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(there) if isinstance(there, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def put_right(wanted: Desired, vm: Json) -> Json:
    """The VM after all changes that take no new one."""
    seen = vm_seen.seen(vm)
    changes = drift(wanted, vm).needing(LIVE, DEALLOCATE)
    patch = vm_update.patch(wanted, seen, changes, PLACE, [{"id": NIC}], {}, {})
    after = merged(vm, {key: value for key, value in patch.items() if key != "tags"})
    if "tags" in patch:
        after["tags"] = patch["tags"]
    sizes = {resource_id.key(disk.id): (disk.size, disk.type) for disk in seen.data_disks}
    for id, body in vm_update.disk_patches(wanted, seen, changes).items():
        size, kind = sizes.get(resource_id.key(id), (None, None))
        sizes[resource_id.key(id)] = (
            body.get("properties", {}).get("diskSizeGB", size),
            body.get("sku", {}).get("name", kind),
        )
    storage = after["properties"]["storageProfile"]
    for disk in (storage["osDisk"], *storage["dataDisks"]):
        managed = disk.setdefault("managedDisk", {})
        size, kind = sizes.get(resource_id.key(managed.get("id")), (None, None))
        if size:
            disk["diskSizeGB"] = size
        if kind:
            managed["storageAccountType"] = kind
        managed.setdefault("id", id_of("disks", disk["name"]))
    return after


def some(**fields: st.SearchStrategy[t.Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


def uncached(disk: Json) -> Json:
    """Those of some types have no caching."""
    return {**disk, "caching": "None"} if disk.get("managed_disk_type") == "UltraSSD_LRS" else disk


DISK = some(
    managed_disk_type=st.sampled_from(["Premium_LRS", "StandardSSD_LRS", "UltraSSD_LRS"]),
    caching=st.sampled_from(["None", "ReadOnly", "ReadWrite"]),
    keep=st.booleans(),
)
IDENTITY = st.one_of(
    st.sampled_from([{"type": "None"}, {"type": "SystemAssigned"}]),
    st.builds(
        lambda kind, ids, append: {"type": kind, "user_assigned_identities": {"id": ids, "append": append}},
        st.sampled_from(["UserAssigned", "SystemAssigned, UserAssigned"]),
        st.lists(st.sampled_from(IDENTITIES), min_size=1, unique=True),
        st.booleans(),
    ),
)
#: Options that a VM can take later, and those that only a new one can.
MUTABLE = some(
    vm_size=st.sampled_from(["Standard_D2s_v5", "standard_d2S_v5", "Standard_B2s"]),
    vm_identity=IDENTITY,
    boot_diagnostics=st.sampled_from(
        [
            {},
            {"enabled": False},
            {"storage_account": "logs"},
            {"storage_account": "https://other.blob.core.windows.net/"},
        ]
    ),
    os_disk_size_gb=st.sampled_from([32, 64]),
    managed_disk_type=st.sampled_from(["Premium_LRS", "StandardSSD_LRS"]),
    os_disk_caching=st.sampled_from(["ReadOnly", "ReadWrite"]),
    data_disks=st.lists(st.tuples(st.integers(1, 100), DISK), max_size=4).map(
        lambda rows: [{"disk_size_gb": size, **uncached(rest)} for size, rest in rows]
    ),
    proximity_placement_group=st.sampled_from(["near", id_of("proximityPlacementGroups", "far")]),
    tags=st.dictionaries(st.sampled_from(["env", "Env2", "c"]), st.text(max_size=3), max_size=3),
    append_tags=st.booleans(),
)
IMMUTABLE = some(
    location=st.sampled_from(["westeurope", "West Europe"]),
    zones=st.sampled_from([["1"], ["2"]]),
    ignition=st.sampled_from([IGNITION, '{"ignition": {"version": "3.3.0"}}']),
    ignition_in=st.sampled_from(["custom_data", "user_data"]),
    admin_username=st.sampled_from(["core", "alice"]),
    ssh_public_keys=st.lists(st.sampled_from([RSA, ED25519]), max_size=2),
    image=st.sampled_from(["stable", "beta", {"name": "own"}, "kinvolk:a:b:1.2.3"]),
    security_profile=st.sampled_from([{}, {"security_type": "Standard"}, {"security_type": "TrustedLaunch"}]),
    priority=st.sampled_from(["Regular", "Spot"]),
)
ALL = st.builds(lambda one, other: {**one, **other}, MUTABLE, IMMUTABLE)


@given(ALL)
def test_a_vm_as_it_was_made_does_not_differ(given: Json) -> None:
    wanted = desired(**given)
    found = drift(wanted, made(wanted))
    assert (found.changes, found.ignition) == ((), False if wanted.ignition else None)


@given(MUTABLE, MUTABLE)
def test_changes_put_a_vm_right(one: Json, other: Json) -> None:
    wanted = desired(**other)
    vm = made(desired(**one))
    try:
        found = drift(wanted, vm)
    except AzureError as error:
        assert error.code == "immutable_changed"
        return
    after = drift(wanted, put_right(wanted, vm))
    assert after.changes == found.needing(REBUILD)


@pytest.mark.parametrize(
    "before, after, differs",
    [
        ({}, {"vm_size": "Standard_D4s_v5"}, {"vm_size": DEALLOCATE}),
        ({}, {"image": "beta"}, {"image": REBUILD}),
        ({}, {"image": {"channel": "stable", "version": "4593.2.5"}}, {"image": REBUILD}),
        ({}, {"image": "kinvolk:flatcar-container-linux-free:stable-gen2:latest"}, {}),
        ({}, {"location": "northeurope"}, {"location": REBUILD}),
        ({}, {"zones": ["1"]}, {"zones": REBUILD}),
        ({}, {"availability_set": "set"}, {"availability_set": REBUILD}),
        ({}, {"proximity_placement_group": "near"}, {"proximity_placement_group": DEALLOCATE}),
        ({}, {"admin_username": "alice"}, {"admin_username": REBUILD}),
        ({}, {"ssh_public_keys": [RSA]}, {"ssh_public_keys": REBUILD}),
        ({"ssh_public_keys": [RSA]}, {}, {}),
        ({"ssh_public_keys": [RSA, ED25519]}, {"ssh_public_keys": [ED25519.rsplit(maxsplit=1)[0], RSA]}, {}),
        ({}, {"priority": "Spot"}, {"priority": REBUILD}),
        ({"priority": "Spot"}, {"priority": "Spot", "max_price": 1.0}, {"max_price": DEALLOCATE}),
        ({"priority": "Spot"}, {"priority": "Spot", "eviction_policy": "Delete"}, {"eviction_policy": REBUILD}),
        ({}, {"ephemeral_os_disk": True}, {"ephemeral_os_disk": REBUILD}),
        ({"ephemeral_os_disk": True}, {"ephemeral_os_disk": True}, {}),
        ({"ephemeral_os_disk": True}, {"ephemeral_os_disk": True, "vm_size": "a"}, {"vm_size": REBUILD}),
        (
            {},
            {"security_profile": {"security_type": "TrustedLaunch"}},
            {"security_profile.security_type": REBUILD},
        ),
        (
            {},
            {"security_profile": {"encryption_at_host": True}},
            {"security_profile.encryption_at_host": DEALLOCATE},
        ),
        (
            {"security_profile": {"security_type": "TrustedLaunch"}},
            {
                "security_profile": {
                    "security_type": "TrustedLaunch",
                    "uefi_settings": {"secure_boot_enabled": True, "v_tpm_enabled": True},
                }
            },
            {
                "security_profile.uefi_settings.secure_boot_enabled": DEALLOCATE,
                "security_profile.uefi_settings.v_tpm_enabled": DEALLOCATE,
            },
        ),
        ({}, {"vm_identity": {"type": "SystemAssigned"}}, {"vm_identity": LIVE}),
        ({}, {"boot_diagnostics": {"enabled": False}}, {"boot_diagnostics": LIVE}),
        (
            {"boot_diagnostics": {"storage_account": "https://logs.blob.core.windows.net"}},
            {"boot_diagnostics": {"storage_account": "logs"}},
            {},
        ),
        ({}, {"os_disk_size_gb": 64}, {"os_disk_size_gb": DEALLOCATE}),
        ({"os_disk_size_gb": 64}, {"os_disk_size_gb": 32}, {"os_disk_size_gb": REBUILD}),
        ({}, {"managed_disk_type": "StandardSSD_LRS"}, {"managed_disk_type": DEALLOCATE}),
        ({}, {"os_disk_caching": "ReadOnly"}, {"os_disk_caching": DEALLOCATE}),
        ({}, {"data_disks": [{"disk_size_gb": 4}]}, {"data_disks[disk1]": LIVE}),
        ({"data_disks": [{"disk_size_gb": 4}]}, {}, {}),
        (
            {"data_disks": [{"disk_size_gb": 4}]},
            {"data_disks": [{"disk_size_gb": 8, "keep": True, "caching": "ReadOnly"}]},
            {
                "data_disks[disk1].disk_size_gb": LIVE,
                "data_disks[disk1].keep": LIVE,
                "data_disks[disk1].caching": LIVE,
            },
        ),
        (
            {"data_disks": [{"disk_size_gb": 4000}]},
            {"data_disks": [{"disk_size_gb": 5000}]},
            {"data_disks[disk1].disk_size_gb": DEALLOCATE},
        ),
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {"data_disks": [{"disk_size_gb": 4}]},
            {"data_disks[disk1].disk_size_gb": REBUILD},
        ),
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {"data_disks": [{"disk_size_gb": 8, "managed_disk_type": "PremiumV2_LRS"}]},
            {"data_disks[disk1].managed_disk_type": REBUILD},
        ),
        (
            {},
            {"data_disks": [{"disk_size_gb": 8, "managed_disk_type": "UltraSSD_LRS"}]},
            {"ultra_ssd": DEALLOCATE, "data_disks[disk1]": LIVE},
        ),
        (
            {"data_disks": [{"disk_size_gb": 8}]},
            {"data_disks": [{"disk_size_gb": 8, "lun": 7}]},
            {"data_disks[disk1].lun": REBUILD},
        ),
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"A": "1"}}, {}),
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1"}, "append_tags": False}, {"tags": LIVE}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, {"tags": LIVE}),
    ],
)
def test_what_differs(before: Json, after: Json, differs: dict[str, str]) -> None:
    assert fields(drift(desired(**after), made(desired(**before)))) == differs


@pytest.mark.parametrize(
    "after", [{"disk_size_gb": 4, "keep": True}, {"disk_size_gb": 8, "keep": True, "managed_disk_type": "UltraSSD_LRS"}]
)
def test_a_kept_disk_cannot_become_another(after: Json) -> None:
    vm = made(desired(data_disks=[{"disk_size_gb": 8, "keep": True}]))
    with pytest.raises(AzureError, match="the disk node1-disk1 is kept") as caught:
        drift(desired(data_disks=[after]), vm)
    assert caught.value.code == "immutable_changed"


def test_another_config() -> None:
    vm = made(desired(ignition=IGNITION))
    assert drift(desired(ignition='{ "ignition": {"version": "3.4.0"} }'), vm).ignition is False
    assert drift(desired(ignition='{"ignition":{"version":"3.3.0"}}'), vm).ignition is True
    assert drift(desired(), vm).ignition is None
    assert drift(desired(ignition=IGNITION), made(desired())).ignition is True
    assert drift(desired(ignition=IGNITION), {**vm, "tags": {"env": "prod"}}).ignition is None


def test_a_vm_of_somebody_else() -> None:
    vm = {**made(desired(tags={"a": "b"})), "tags": None}
    seen = vm_seen.seen(vm)
    assert not seen.stamp.is_ours
    assert fields(drift(desired(image="beta"), vm)) == {}


def test_interfaces() -> None:
    vm, other = made(desired()), id_of("networkInterfaces", "other", "Microsoft.Network")
    seen = vm_seen.seen(vm)
    assert vm_drift.drift(desired(), seen).changes == ()
    found = vm_drift.drift(desired(), seen, [other, NIC])
    assert fields(found) == {"network_interfaces": DEALLOCATE}
    patch = vm_update.patch(desired(), seen, found.changes, PLACE, [{"id": other}, {"id": NIC}], {}, {})
    assert [each["properties"]["primary"] for each in patch["properties"]["networkProfile"]["networkInterfaces"]] == [
        True,
        False,
    ]


def test_sizes_of_a_vm_that_is_deallocated() -> None:
    """It says none itself, its disks do."""
    vm = made(desired(data_disks=[{"disk_size_gb": 8}]))
    storage = vm["properties"]["storageProfile"]
    ids = []
    for disk in (storage["osDisk"], *storage["dataDisks"]):
        del disk["diskSizeGB"], disk["managedDisk"]["storageAccountType"]
        ids.append(resource_id.key(disk["managedDisk"]["id"]))
    wanted = desired(data_disks=[{"disk_size_gb": 8, "managed_disk_type": "Premium_LRS"}], os_disk_size_gb=30)
    assert drift(wanted, vm).changes == ()
    disks = {id: {"id": id, "sku": {"name": "Premium_LRS"}, "properties": {"diskSizeGB": 64}} for id in ids}
    found = vm_drift.drift(wanted, vm_seen.seen(vm, None, disks))
    assert fields(found) == {"os_disk_size_gb": REBUILD, "data_disks[disk1].disk_size_gb": REBUILD}


def test_power_and_place() -> None:
    vm = {**made(desired()), "location": "West Europe", "zones": ["1"]}
    view = {"statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/Running"}]}
    seen = vm_seen.seen(vm, view)
    assert (seen.power, seen.location, seen.zones, seen.provisioning) == ("running", "westeurope", ("1",), "Succeeded")
    assert (seen.exact_version, seen.etag, seen.resource_group) == ("4593.2.5", '"1"', "PROD")
    assert vm_seen.seen(vm).power == "unknown"


def updated(seen: Seen, wanted: Desired, attach: t.Mapping[str, str] | None = None) -> Json:
    changes = vm_drift.drift(wanted, seen).changes
    patch = vm_update.patch(wanted, seen, changes, PLACE, [], attach or {}, {"flatcar-ansible-state": "complete"})
    assert patch.pop("tags")["flatcar-ansible-state"] == "complete"
    return patch


def test_disks_of_others_stay() -> None:
    """A storage driver has taken the place that a new disk would have."""
    vm = made(desired())
    foreign = {"lun": 0, "name": "pvc-1", "createOption": "Attach", "managedDisk": {"id": "/pvc-1"}, "caching": "None"}
    vm["properties"]["storageProfile"]["dataDisks"] = [{**foreign, "diskSizeGB": 5, "toBeDetached": False}]
    wanted = desired(data_disks=[{"disk_size_gb": 8}, {"name": "kept", "disk_size_gb": 8, "keep": True}])
    disks = updated(vm_seen.seen(vm), wanted, {"node1-kept": "/kept"})["properties"]["storageProfile"]["dataDisks"]
    assert disks[0] == foreign
    assert [(disk["lun"], disk["name"], disk["createOption"]) for disk in disks[1:]] == [
        (1, "node1-disk1", "Empty"),
        (2, "node1-kept", "Attach"),
    ]
    assert [disk["deleteOption"] for disk in disks[1:]] == ["Delete", "Detach"]


def test_the_place_of_a_disk_is_anothers() -> None:
    vm = made(desired(data_disks=[{"name": "one", "disk_size_gb": 8}]))
    with pytest.raises(AzureError, match=r"at 0 the VM node1 has the disk node1-one") as caught:
        drift(desired(data_disks=[{"name": "two", "disk_size_gb": 8, "lun": 0}]), vm)
    assert caught.value.code == "bad_option"


def test_a_place_that_is_asked_for_is_kept_free() -> None:
    vm = made(desired(data_disks=[{"name": "one", "disk_size_gb": 8}]))
    wanted = desired(data_disks=[{"name": "two", "disk_size_gb": 8}, {"name": "three", "disk_size_gb": 8, "lun": 1}])
    disks = updated(vm_seen.seen(vm), wanted)["properties"]["storageProfile"]["dataDisks"]
    assert [(disk["name"], disk["lun"]) for disk in disks] == [("node1-one", 0), ("node1-two", 2), ("node1-three", 1)]


def test_nothing_is_sent_that_does_not_differ() -> None:
    wanted = desired(tags={"a": "b"})
    assert updated(vm_seen.seen(made(wanted)), wanted) == {}


def test_tags_that_do_not_stay() -> None:
    vm = made(desired(tags={"a": "1", "B": "2"}))
    wanted = desired(tags={"b": "3"}, append_tags=False)
    seen = vm_seen.seen(vm)
    changes = drift(wanted, vm).changes
    patch = vm_update.patch(wanted, seen, changes, PLACE, [], {}, {})
    assert {name: value for name, value in patch["tags"].items() if not name.startswith("flatcar-")} == {"b": "3"}
    assert patch["tags"]["flatcar-ansible-state"] == "creating"


def test_identities_that_do_not_stay() -> None:
    def identity(ids: list[str], append: bool) -> Json:
        return {"type": "UserAssigned", "user_assigned_identities": {"id": ids, "append": append}}

    vm = made(desired(vm_identity=identity(IDENTITIES[:1], True)))
    patch = updated(vm_seen.seen(vm), desired(vm_identity=identity(IDENTITIES[1:], False)))
    assert patch["identity"]["userAssignedIdentities"] == {IDENTITIES[0]: None, IDENTITIES[1]: {}}
    patch = updated(vm_seen.seen(vm), desired(vm_identity=identity(IDENTITIES[1:], True)))
    assert patch["identity"]["userAssignedIdentities"] == {IDENTITIES[1]: {}}


def test_user_data() -> None:
    assert vm_update.user_data(b"{}") == {"properties": {"userData": "e30="}}
