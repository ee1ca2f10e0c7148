# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Own images from their source to their making, against the stand-in of Azure and Azurite."""

from __future__ import annotations

import bz2
import collections.abc
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import request
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure import uploads
from ansible_collections.flatops.flatcar.tests.azure.uploads import Site, make
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.blob_way import Rule
from ansible_collections.flatops.flatcar.tests.standins.release import server as release_server

GROUP, ACCOUNT = "images", azurite.ACCOUNTS[0]
FILE = "flatcar_production_azure_image.vhd.bz2"
Given = dict[str, t.Any]


@pytest.fixture(scope="module")
def opened() -> collections.abc.Iterator[Site]:
    try:
        with uploads.site() as running:
            yield running
    except azurite.CannotStart as reason:
        pytest.skip(str(reason))


@pytest.fixture
def site(opened: Site, arm: client.Server) -> Site:
    opened.clear()
    arm.control(blob=opened.way.url, storage_key=azurite.KEY)
    return opened


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    """A disk of 64 MiB with 24 MiB of data."""
    return vhd.disk(tmp_path / "node.vhd")


@pytest.fixture
def empty(site: Site, tmp_path: pathlib.Path) -> Given:
    """What makes all that an image needs in a subscription with nothing in it."""
    return {
        "resource_group": GROUP,
        "create_resource_group": True,
        "location": "westeurope",
        "storage_account": ACCOUNT,
        "create_storage_account": True,
        "work_dir": str(tmp_path / "work"),
        "timeout": 60,
    }


@pytest.fixture
def managed(empty: Given, path: pathlib.Path) -> Given:
    return {**empty, "name": "node", "vhd": str(path)}


@pytest.fixture
def gallery(managed: Given) -> Given:
    return {**managed, "gallery": "own", "gallery_version": "1.0.0", "create_gallery": True}


class Mirror:
    """A release server whose image for Azure is a VHD."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.disk = vhd.disk(folder / "release.vhd", parts=4, part=vhd.MIB)
        self.keys = release_server.Keys()
        self.server = release_server.Server(self.keys, files={FILE: bz2.compress(self.disk.read_bytes(), 1)})

    def given(self, fault: str = "plain") -> Given:
        base_url = f"{self.server.url}/{fault}/own/{{channel}}"
        return {"channel": "stable", "base_url": base_url, "keyring": self.keys.public()}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    return Mirror(tmp_path_factory.mktemp("mirror"))


def kinds(arm: client.Server) -> list[str]:
    return sorted(each["type"] for each in arm.resources().values() if "type" in each)


def test_a_managed_image_in_an_empty_subscription(
    session: Session, arm: client.Server, site: Site, managed: Given, path: pathlib.Path
) -> None:
    foretold = make(session, **managed, check=True)
    assert arm.writes() == [
        f"POST /subscriptions/{arm.subscription_id}/providers/Microsoft.Storage/checkNameAvailability"
    ]
    assert site.way.log == []
    done = make(session, **managed, tags={"team": "platform"})
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
    assert site.content(name, path)
    assert [each["kind"] for each in done.leftovers] == ["blob", "storage_account"]
    assert path.exists()


def test_a_second_run_only_reads(session: Session, arm: client.Server, site: Site, managed: Given) -> None:
    make(session, **managed)
    before, sent = arm.writes(), len(site.way.log)
    again = make(session, **managed)
    assert again.actions == []
    assert again.image
    assert arm.writes() == before
    assert len(site.way.log) == sent


def test_a_gallery_version_with_all_it_can_have(
    session: Session, arm: client.Server, site: Site, gallery: Given
) -> None:
    plan = {"name": "stable-gen2", "product": "flatcar-container-linux-free", "publisher": "kinvolk"}
    given = {
        **gallery,
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
    session: Session, arm: client.Server, site: Site, gallery: Given
) -> None:
    make(session, **gallery)
    sent = len(site.way.log)
    more = make(session, **gallery, replication_regions=["northeurope"], tags={"a": "b"})
    assert more.actions == ["updated"]
    assert sorted(more.before) == ["replication", "tags"]
    assert make(session, **gallery, replication_regions=["northeurope"]).actions == []
    assert make(session, **gallery).actions == []
    assert make(session, **gallery, replication_regions=[]).actions == ["updated"]
    assert len(site.way.log) == sent


def test_a_definition_that_is_another_one(session: Session, arm: client.Server, gallery: Given) -> None:
    make(session, **gallery)
    with pytest.raises(AzureError) as caught:
        make(session, **{**gallery, "gallery_version": "1.0.1"}, generation="V1", arch="arm64")
    assert caught.value.code == "immutable_changed"
    assert [each["setting"] for each in caught.value.about["candidates"]] == ["generation", "architecture"]


def test_an_image_of_a_release(
    session: Session, arm: client.Server, site: Site, empty: Given, mirror: Mirror, tmp_path: pathlib.Path
) -> None:
    given = {**empty, **mirror.given(), "gallery": "own", "create_gallery": True}
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
    session: Session, site: Site, empty: Given, mirror: Mirror, tmp_path: pathlib.Path
) -> None:
    packed = tmp_path / FILE
    packed.write_bytes(mirror.server.releases["amd64"][FILE])
    make(session, **empty, **mirror.given())
    assert make(session, **empty, name="flatcar-stable", vhd=str(packed)).actions == []


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
    empty: Given,
    mirror: Mirror,
    tmp_path: pathlib.Path,
    fault: str,
    code: str,
) -> None:
    with pytest.raises(AzureError) as caught:
        make(session, **empty, **mirror.given(fault))
    assert caught.value.code == code
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert site.way.log == []
    work = tmp_path / "work"
    assert not work.exists() or list(work.iterdir()) == []


def test_a_disk_image_that_azure_does_not_take_makes_nothing(
    session: Session, arm: client.Server, empty: Given, path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    os.truncate(path, 64 * vhd.MIB)
    packed = tmp_path / "packed.vhd.bz2"
    packed.write_bytes(bz2.compress(path.read_bytes(), 1))
    for given in (path, packed):
        with pytest.raises(AzureError) as caught:
            make(session, **empty, name="node", vhd=str(given))
        assert caught.value.code == "vhd_invalid"
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert list((tmp_path / "work").iterdir()) == []


def test_another_disk_image_is_told_or_takes_the_place(
    session: Session, arm: client.Server, site: Site, managed: Given, tmp_path: pathlib.Path
) -> None:
    first = make(session, **managed)
    other = {**managed, "vhd": str(vhd.disk(tmp_path / "other.vhd", seed=2)), "generation": "V1"}
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
    session: Session, arm: client.Server, site: Site, managed: Given, tmp_path: pathlib.Path
) -> None:
    made = make(session, **managed)
    assert made.image
    request.begin(session, "test", session.compute.images.begin_update, GROUP, "node", {"tags": {"mine": "yes"}})
    for more in ({}, {"on_immutable_change": "replace"}, {"state": "absent"}):
        with pytest.raises(AzureError) as caught:
            make(session, **{**managed, **more})
        assert caught.value.code == "not_ours"


def test_absent(session: Session, arm: client.Server, site: Site, managed: Given, gallery: Given) -> None:
    assert make(session, **managed, state="absent").actions == []
    make(session, **managed)
    make(session, **gallery)
    foretold = make(session, **managed, state="absent", check=True)
    assert make(session, **managed, state="absent").actions == foretold.actions == ["deleted"]
    assert len(site.blobs()) == 1
    done = make(session, **{**gallery, "keep_blob": False}, state="absent")
    assert done.actions == ["deleted", "blob_deleted"]
    assert make(session, **gallery, state="absent").actions == []
    assert site.blobs() == []
    assert kinds(arm) == [
        "Microsoft.Compute/galleries",
        "Microsoft.Compute/galleries/images",
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Storage/storageAccounts",
    ]


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"create_resource_group": False}, "not_found", "create_resource_group"),
        ({"location": None}, "bad_option", "There are: "),
        ({"location": "atlantis"}, "bad_option", "westeurope"),
        ({"create_storage_account": False}, "not_found", "create_storage_account"),
        ({"storage_account": None}, "bad_option", "storage_account is missing"),
        ({"storage_account": "taken"}, "name_exists", "unique in all of Azure"),
        ({"arch": "arm64"}, "unsupported", "gallery"),
        ({"gallery": "own", "gallery_version": "1.0.0"}, "not_found", "create_gallery"),
        ({"gallery": "own", "create_gallery": True}, "bad_option", "gallery_version is missing"),
        ({"disk_controllers": ["NVMe"]}, "bad_option", "give gallery"),
        ({"vhd": "/none"}, "source_unreadable", "/none"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_made(
    session: Session, arm: client.Server, site: Site, managed: Given, more: Given, code: str, says: str
) -> None:
    for check in (True, False):
        with pytest.raises(AzureError) as caught:
            make(session, **{**managed, **more}, check=check)
        assert caught.value.code == code
        assert says in str(caught.value)
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert site.way.log == []


def test_a_storage_account_in_another_region(session: Session, arm: client.Server, managed: Given) -> None:
    make(session, **managed)
    with pytest.raises(AzureError, match="in its own region") as caught:
        make(session, **{**managed, "name": "other", "location": "northeurope"})
    assert caught.value.code == "bad_option"


def test_a_missing_permission_is_named(session: Session, arm: client.Server, managed: Given) -> None:
    arm.control(deny=["Microsoft.Storage/storageAccounts/listKeys/action"])
    with pytest.raises(AzureError) as caught:
        make(session, **managed)
    assert caught.value.code == "no_permission"
    assert caught.value.about["action"] == "Microsoft.Storage/storageAccounts/listKeys/action"
    assert [each.rpartition("/")[2] for each in caught.value.about["left_behind"]] == [GROUP, ACCOUNT]


def test_an_upload_that_fails_is_told_and_taken_up(
    session: Session, arm: client.Server, site: Site, managed: Given, path: pathlib.Path
) -> None:
    site.way.rules.append(Rule("PUT .*comp=page", times=1, status=403, code="AuthorizationFailure"))
    with pytest.raises(AzureError) as caught:
        make(session, **managed, threads=1)
    (name,) = site.blobs()
    assert caught.value.about["left_behind"][-1].endswith(name)
    assert "Microsoft.Compute/images" not in kinds(arm)
    done = make(session, **managed)
    assert done.actions == ["uploaded", "created"]
    assert site.content(name, path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_ended_at_half_is_taken_up(
    session: Session, arm: client.Server, site: Site, managed: Given, path: pathlib.Path, number: signal.Signals
) -> None:
    site.way.seconds = 0.2
    told = json.dumps({**managed, "threads": 1})
    with subprocess.Popen([sys.executable, uploads.__file__, told], env=dict(os.environ)) as process:
        end = time.monotonic() + 60
        while len(site.way.pages()) < 4 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(30) == (-number if number == signal.SIGKILL else 128 + number)
    site.way.seconds = 0
    before = len(site.way.pages())
    assert 4 <= before < 9
    assert "Microsoft.Compute/images" not in kinds(arm)
    done = make(session, **managed)
    assert done.actions == ["uploaded", "created"]
    assert done.sent
    assert done.sent.requests == 9 - before
    assert done.sent.resumed == 24 * vhd.MIB + 512 - done.sent.bytes
    (name,) = site.blobs()
    assert site.content(name, path)


def test_azure_ends_the_making_of_an_image_badly(
    session: Session, arm: client.Server, site: Site, managed: Given
) -> None:
    rule = {"method": "PUT", "path": "/images/node", "status": 409, "code": "Conflict", "message": "No."}
    arm.control(fail=[{**rule, "where": "operation"}])
    with pytest.raises(AzureError) as caught:
        make(session, **managed)
    assert caught.value.about["left_behind"]
    done = make(session, **managed)
    assert done.actions[-1] == "created"
    assert done.sent and done.sent.bytes == 0


#: What the documentation's least role has for this module, as far as the stand-in asks for it.
_READS = (
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Compute/images/*",
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/*",
    "Microsoft.Compute/locations/operations/read",
    "Microsoft.Compute/locations/capsOperations/read",
)


def test_what_is_allowed_is_enough_where_group_account_and_gallery_are_there(
    session: Session, arm: client.Server, managed: Given, gallery: Given
) -> None:
    for given in (managed, gallery):
        make(session, **given)
        make(session, **given, state="absent")
    arm.control(allow=list(_READS))
    for given in (managed, gallery):
        assert make(session, **given).actions == ["uploaded", "created"]
        assert make(session, **given, state="absent").actions == ["deleted"]
