# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Own images from their source to their making, against the stand-in of Azure and Azurite."""

from __future__ import annotations

import bz2
import pathlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure.uploads import Given, Site, kinds, make
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.release import server as release_server

GROUP, ACCOUNT = "images", azurite.ACCOUNTS[0]
FILE = "flatcar_production_azure_image.vhd.bz2"


class Mirror:
    """A release server whose image for Azure is a VHD."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.disk = vhd.disk(folder / "release.vhd", parts=4, part=vhd.MIB)
        self.keys = release_server.Keys()
        self.server = release_server.Server(self.keys, files={FILE: bz2.compress(self.disk.read_bytes(), 1)})

    def given(self, fault: str = "plain") -> Given:
        base_url = f"{self.server.url}/{fault}/own/{{channel}}"
        return {"name": None, "vhd": None, "channel": "stable", "base_url": base_url, "keyring": self.keys.public()}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    return Mirror(tmp_path_factory.mktemp("mirror"))


def test_a_managed_image_in_an_empty_subscription(
    session: Session, arm: client.Server, site: Site, own_image: Given, disk: pathlib.Path
) -> None:
    foretold = make(session, **own_image, check=True)
    assert arm.writes() == [
        f"POST /subscriptions/{arm.subscription_id}/providers/Microsoft.Storage/checkNameAvailability"
    ]
    assert site.way.log == []
    done = make(session, **own_image, tags={"team": "platform"})
    assert done.actions == [
        "resource_group_created",
        "storage_account_created",
        "container_created",
        "uploaded",
        "created",
    ]
    assert foretold.actions == [action for action in done.actions if action != "container_created"]
    assert done.image
    properties = done.image["properties"]
    assert properties["hyperVGeneration"] == "V2"
    assert done.image["tags"]["team"] == "platform"
    assert done.image["tags"]["flatcar-ansible-digest"].startswith("contents:")
    (name,) = site.blobs()
    assert properties["storageProfile"]["osDisk"]["blobUri"].endswith(f"/{ACCOUNT}/vhds/{name}")
    assert site.content(name, disk)
    assert [each["kind"] for each in done.leftovers] == ["blob", "storage_account"]
    assert disk.exists()


def test_a_second_run_only_reads(session: Session, arm: client.Server, site: Site, own_image: Given) -> None:
    make(session, **own_image)
    before, sent = arm.writes(), len(site.way.log)
    again = make(session, **own_image)
    assert again.actions == []
    assert again.image
    assert arm.writes() == before
    assert len(site.way.log) == sent


def test_a_gallery_version_with_all_it_can_have(
    session: Session, arm: client.Server, site: Site, own_version: Given
) -> None:
    plan = {"name": "stable-gen2", "product": "flatcar-container-linux-free", "publisher": "kinvolk"}
    given = {
        **own_version,
        "arch": "arm64",
        "purchase_plan": plan,
        "disk_controllers": ["SCSI", "NVMe"],
        "replication_regions": ["North Europe"],
        "replicas": 2,
        "keep_blob": False,
    }
    foretold = make(session, **given, check=True)
    done = make(session, **given)
    assert foretold.actions == [
        "resource_group_created",
        "gallery_created",
        "definition_created",
        "storage_account_created",
        "uploaded",
        "created",
    ]
    assert done.actions[-2:] == ["created", "blob_deleted"]
    assert done.definition and done.image
    definition = done.definition["properties"]
    assert (definition["architecture"], definition["hyperVGeneration"]) == ("Arm64", "V2")
    assert definition["purchasePlan"] == plan
    assert definition["features"] == [{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}]
    regions = done.image["properties"]["publishingProfile"]["targetRegions"]
    assert [(each["name"], each["regionalReplicaCount"]) for each in regions] == [
        ("West Europe", 2),
        ("North Europe", 2),
    ]
    assert site.blobs() == []
    assert [each["kind"] for each in done.leftovers] == ["storage_account"]
    assert make(session, **given).actions == []


def test_the_regions_of_a_version_are_changed_where_it_is(
    session: Session, arm: client.Server, site: Site, own_version: Given
) -> None:
    make(session, **own_version)
    sent = len(site.way.log)
    more = make(session, **own_version, replication_regions=["northeurope"], tags={"a": "b"})
    assert more.actions == ["updated"]
    assert sorted(more.before) == ["replication", "tags"]
    assert make(session, **own_version, replication_regions=["northeurope"]).actions == []
    assert make(session, **own_version).actions == []
    assert make(session, **own_version, replication_regions=[]).actions == ["updated"]
    assert len(site.way.log) == sent


def test_a_definition_that_is_another_one(session: Session, arm: client.Server, own_version: Given) -> None:
    make(session, **own_version)
    with pytest.raises(AzureError) as caught:
        make(session, **{**own_version, "gallery_version": "1.0.1"}, generation="V1", arch="arm64")
    assert caught.value.code == "immutable_changed"
    assert [each["setting"] for each in caught.value.about["candidates"]] == ["generation", "architecture"]


def test_an_image_of_a_release(
    session: Session, arm: client.Server, site: Site, own_image: Given, mirror: Mirror, tmp_path: pathlib.Path
) -> None:
    given = {**own_image, **mirror.given(), "gallery": "own", "create_gallery": True}
    done = make(session, **given)
    assert done.image
    assert done.image["name"] == release_server.VERSION
    assert done.image["tags"]["flatcar-ansible-source"] == f"release stable {release_server.VERSION} amd64"
    assert done.image["tags"]["flatcar-ansible-digest"].startswith("sha512:")
    (name,) = site.blobs()
    assert name.startswith("flatcar-stable-")
    assert site.content(name, mirror.disk)
    assert list((tmp_path / "work").iterdir()) == []
    asked = len(mirror.server.log["own"])
    assert make(session, **given).actions == []
    assert [entry["path"].rpartition("/")[2] for entry in mirror.server.log["own"][asked:]] == [
        "version.txt",
        f"{FILE}.DIGESTS.asc",
    ]


def test_a_packed_file_is_the_same_as_its_release(
    session: Session, site: Site, own_image: Given, mirror: Mirror, tmp_path: pathlib.Path
) -> None:
    packed = tmp_path / FILE
    packed.write_bytes(mirror.server.releases["amd64"][FILE])
    make(session, **{**own_image, **mirror.given()})
    assert make(session, **{**own_image, "name": "flatcar-stable", "vhd": str(packed)}).actions == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong_signature", "signature_bad"),
        ("foreign", "signature_bad"),
        ("late", "signature_bad"),
        ("altered", "digest_mismatch"),
        ("unsigned", "not_found"),
        ("down", "source_unreadable"),
    ],
)
def test_a_release_that_cannot_be_trusted_makes_nothing(
    session: Session,
    arm: client.Server,
    site: Site,
    own_image: Given,
    mirror: Mirror,
    tmp_path: pathlib.Path,
    fault: str,
    code: str,
) -> None:
    with pytest.raises(AzureError) as caught:
        make(session, **{**own_image, **mirror.given(fault)})
    assert caught.value.code == code
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert site.way.log == []
    work = tmp_path / "work"
    assert not work.exists() or list(work.iterdir()) == []


def test_another_disk_image_is_told_or_takes_the_place(
    session: Session, arm: client.Server, site: Site, own_image: Given, tmp_path: pathlib.Path
) -> None:
    first = make(session, **own_image)
    other = {**own_image, "vhd": str(vhd.disk(tmp_path / "other.vhd", seed=2)), "generation": "V1"}
    with pytest.raises(AzureError) as caught:
        make(session, **other)
    assert caught.value.code == "immutable_changed"
    assert [each["setting"] for each in caught.value.about["candidates"]] == ["digest", "generation"]
    given = {**other, "on_immutable_change": "replace"}
    foretold, done = make(session, **given, check=True), make(session, **given)
    assert done.actions == foretold.actions == ["uploaded", "deleted", "created"]
    assert first.image and done.image
    assert done.before["digest"] == first.image["tags"]["flatcar-ansible-digest"]
    assert done.after["generation"] == "V1"
    assert sum(each["kind"] == "blob" for each in done.leftovers) == len(site.blobs()) == 2
    assert make(session, **given).actions == []


def test_an_image_of_somebody_else_is_left_alone(
    session: Session, arm: client.Server, site: Site, own_image: Given, tmp_path: pathlib.Path
) -> None:
    made = make(session, **own_image)
    assert made.image
    request.begin(session, "test", session.compute.images.begin_update, GROUP, "node", {"tags": {"mine": "yes"}})
    for more in ({}, {"on_immutable_change": "replace"}, {"state": "absent"}):
        with pytest.raises(AzureError) as caught:
            make(session, **{**own_image, **more})
        assert caught.value.code == "not_ours"


def test_absent(session: Session, arm: client.Server, site: Site, own_image: Given, own_version: Given) -> None:
    assert make(session, **own_image, state="absent").actions == []
    make(session, **own_image)
    make(session, **own_version)
    foretold = make(session, **own_image, state="absent", check=True)
    assert make(session, **own_image, state="absent").actions == foretold.actions == ["deleted"]
    assert len(site.blobs()) == 1
    done = make(session, **{**own_version, "keep_blob": False}, state="absent")
    assert done.actions == ["deleted", "blob_deleted"]
    assert make(session, **own_version, state="absent").actions == []
    assert site.blobs() == []
    assert kinds(arm) == [
        "Microsoft.Compute/galleries",
        "Microsoft.Compute/galleries/images",
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Storage/storageAccounts",
    ]
