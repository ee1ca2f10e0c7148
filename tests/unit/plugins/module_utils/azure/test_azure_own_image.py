# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import arguments, blobs
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_bodies as bodies
from ansible_collections.flatops.flatcar.plugins.module_utils._azure import own_image_options as options
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_bodies import Blob
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.own_image_options import Wanted

PLAN = {"name": "stable-gen2", "product": "flatcar-container-linux-free", "publisher": "kinvolk"}
BLOB = Blob("https://a.blob.core.windows.net/vhds/x.vhd", "/subscriptions/s/a")
DIGEST = "sha512:abc"


def given(**more: t.Any) -> dict[str, t.Any]:
    defaults = {name: spec.get("default") for name, spec in options.SPEC.items()}
    return {**defaults, "resource_group": "images", "storage_account": "account", **more}


def wanted(**more: t.Any) -> Wanted:
    return options.wanted(given(**{"name": "node", **more}))


def in_gallery(**more: t.Any) -> Wanted:
    return wanted(**{"gallery": "own", "gallery_version": "1.0.0", **more})


def managed_image(**tags: str) -> dict[str, t.Any]:
    made = bodies.managed(wanted(), "westeurope", BLOB, bodies.tags(wanted(), "release", DIGEST))
    made["tags"].update(tags)
    return {**made, "id": "/id", "name": "node"}


def test_no_option_has_the_name_of_one_of_the_login() -> None:
    assert not set(options.SPEC) & set(arguments.auth_spec(tuple))


def test_the_name_comes_from_the_channel() -> None:
    assert options.wanted(given(channel="lts")).name == "flatcar-lts"
    with pytest.raises(AzureError, match="name is missing"):
        options.wanted(given(vhd="/disk.vhd"))


@pytest.mark.parametrize(
    "more",
    [
        {"name": "-node"},
        {"name": "n" * 81},
        {"name": "node."},
        {"gallery": "own-one"},
        {"gallery": "own", "gallery_version": "1.0"},
        {"gallery": "own", "gallery_version": "1.0.2147483648"},
        {"gallery": "own", "gallery_version": "1.00.0"},
        {"gallery": "own", "replicas": 0},
        {"purchase_plan": PLAN},
        {"replication_regions": ["westeurope"]},
        {"gallery_version": "1.0.0"},
    ],
)
def test_options_that_cannot_be_meant(more: dict[str, t.Any]) -> None:
    with pytest.raises(AzureError) as caught:
        wanted(**more)
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    "more",
    [
        {"storage_account": "No"},
        {"storage_account": "with-dash"},
        {"container": "a"},
        {"container": "a--b"},
        {"container": "A-B"},
        {"threads": 0},
        {"threads": 33},
    ],
)
def test_storage_that_cannot_be_meant(more: dict[str, t.Any]) -> None:
    with pytest.raises(AzureError) as caught:
        options.storage(given(**more))
    assert caught.value.code == "bad_option"


def test_storage_lies_in_the_group_of_the_image() -> None:
    found = options.storage(given())
    assert found and found.group == "images"
    found = options.storage(given(storage_account_resource_group="other"))
    assert found and found.group == "other"
    assert options.storage(given(storage_account=None)) is None


def test_regions_are_written_as_azure_does() -> None:
    assert in_gallery(replication_regions=["North Europe", "northeurope", "EastUS"]).regions == (
        "northeurope",
        "eastus",
    )
    assert in_gallery().regions is None


def test_what_makes_a_managed_image() -> None:
    body = managed_image()
    assert body["properties"]["storageProfile"]["osDisk"] == {
        "osType": "Linux",
        "osState": "Generalized",
        "blobUri": BLOB.url,
    }
    assert body["tags"] == {
        "flatcar-ansible-state": "complete",
        "flatcar-ansible-source": "release",
        "flatcar-ansible-digest": DIGEST,
    }


def test_what_makes_a_version() -> None:
    body = bodies.version(in_gallery(replication_regions=["eastus"], replicas=3), "westeurope", BLOB, {})
    assert body["properties"]["storageProfile"]["osDiskImage"]["source"] == {
        "uri": BLOB.url,
        "storageAccountId": BLOB.account,
    }
    assert body["properties"]["publishingProfile"]["targetRegions"] == [
        {"name": name, "regionalReplicaCount": 3, "storageAccountType": "Standard_LRS"}
        for name in ("westeurope", "eastus")
    ]


@pytest.mark.parametrize(
    ("more", "digest", "settings"),
    [
        ({}, DIGEST, []),
        ({}, "sha512:other", ["digest"]),
        ({"generation": "V1"}, DIGEST, ["generation"]),
        ({"location": "West Europe"}, DIGEST, []),
        ({"location": "eastus"}, "sha512:other", ["digest", "location"]),
    ],
)
def test_why_an_image_is_made_anew(more: dict[str, t.Any], digest: str, settings: list[str]) -> None:
    assert [each.setting for each in bodies.immutable(wanted(**more), managed_image(), digest)] == settings


def test_an_image_without_a_digest_is_another_one() -> None:
    (difference,) = bodies.immutable(wanted(), {**managed_image(), "tags": {}}, DIGEST)
    assert str(difference) == f"digest is unknown, and should be {DIGEST}"


@pytest.mark.parametrize(
    ("more", "settings"),
    [
        ({}, []),
        ({"purchase_plan": PLAN}, ["purchase_plan"]),
        ({"generation": "V1", "arch": "arm64"}, ["generation", "architecture"]),
        ({"disk_controllers": ["SCSI"]}, []),
        ({"disk_controllers": ["NVMe", "SCSI"]}, ["disk_controllers"]),
        ({"identifier": {"publisher": "p", "offer": "o", "sku": "s"}}, []),
    ],
)
def test_what_of_a_definition_is_otherwise(more: dict[str, t.Any], settings: list[str]) -> None:
    there = bodies.definition(in_gallery(), "westeurope")
    assert [each.setting for each in bodies.of_definition(in_gallery(**more), there)] == settings


def test_a_definition_has_what_was_asked_for() -> None:
    asked = in_gallery(purchase_plan=PLAN, disk_controllers=["SCSI", "NVMe"], arch="arm64")
    there = bodies.definition(asked, "westeurope")
    there["properties"]["purchasePlan"] = {**PLAN, "further": None}
    assert bodies.of_definition(asked, there) == []
    assert bodies.controllers(there) == ["NVMe", "SCSI"]


def test_tags_that_are_there_stay() -> None:
    there = managed_image(mine="yes", team="old")
    asked = wanted(tags={"team": "new"})
    tags = bodies.tags(asked, "file x.vhd", DIGEST, there)
    assert (tags["mine"], tags["team"], tags["flatcar-ansible-source"]) == ("yes", "new", "release")
    assert [each.setting for each in bodies.changes(asked, there, tags)] == ["tags"]
    assert bodies.tags(wanted(), "file x.vhd", "sha512:other", there)["flatcar-ansible-source"] == "file x.vhd"


def test_replication_is_compared_as_azure_writes_it() -> None:
    asked = in_gallery(replication_regions=["northeurope"])
    there = bodies.version(asked, "westeurope", BLOB, {})
    for region, name in zip(there["properties"]["publishingProfile"]["targetRegions"], ("West Europe", "North Europe")):
        region["name"] = name
    assert bodies.changes(asked, there, {}) == []
    assert bodies.changes(in_gallery(), there, {}) == []
    other = in_gallery(replication_regions=["eastus"])
    (change,) = bodies.changes(other, there, {})
    assert list(change.there) == ["northeurope", "westeurope"]
    there["properties"]["publishingProfile"]["excludeFromLatest"] = True
    profile = bodies.republished(other, there, {})["properties"]["publishingProfile"]
    assert [each["name"] for each in profile["targetRegions"]] == ["westeurope", "eastus"]
    assert profile["excludeFromLatest"] is True


@pytest.mark.parametrize(
    ("cause", "unknown"),
    [
        (socket.gaierror(-2, "Name or service not known"), True),
        (OSError("Failed to resolve 'a' ([Errno -3] Temporary failure in name resolution)"), True),
        (ConnectionResetError("reset"), False),
    ],
)
def test_a_name_that_cannot_be_resolved_is_known_by_its_cause(cause: Exception, unknown: bool) -> None:
    try:
        raise AzureError("connect", "no") from cause
    except AzureError as error:
        assert blobs._is_unresolved(error) is unknown
