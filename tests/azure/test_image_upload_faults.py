# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong while an own image is made, against the stand-in of Azure and Azurite."""

from __future__ import annotations

import bz2
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.azure import uploads
from ansible_collections.flatops.flatcar.tests.azure.uploads import Given, Site, kinds, make
from ansible_collections.flatops.flatcar.tests.standins import azurite, vhd
from ansible_collections.flatops.flatcar.tests.standins.arm import client
from ansible_collections.flatops.flatcar.tests.standins.blob_way import Rule

GROUP, ACCOUNT = "images", azurite.ACCOUNTS[0]


def test_a_disk_image_that_azure_does_not_take_makes_nothing(
    session: Session, arm: client.Server, own_image: Given, disk: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    os.truncate(disk, 64 * vhd.MIB)
    packed = tmp_path / "packed.vhd.bz2"
    packed.write_bytes(bz2.compress(disk.read_bytes(), 1))
    for given in (disk, packed):
        with pytest.raises(AzureError) as caught:
            make(session, **{**own_image, "vhd": str(given)})
        assert caught.value.code == "vhd_invalid"
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert list((tmp_path / "work").iterdir()) == []


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
    session: Session, arm: client.Server, site: Site, own_image: Given, more: Given, code: str, says: str
) -> None:
    for check in (True, False):
        with pytest.raises(AzureError) as caught:
            make(session, **{**own_image, **more}, check=check)
        assert caught.value.code == code
        assert says in str(caught.value)
    assert not any(method.startswith("PUT") for method in arm.writes())
    assert site.way.log == []


def test_a_storage_account_in_another_region(session: Session, arm: client.Server, own_image: Given) -> None:
    make(session, **own_image)
    with pytest.raises(AzureError, match="in its own region") as caught:
        make(session, **{**own_image, "name": "other", "location": "northeurope"})
    assert caught.value.code == "bad_option"


def test_a_missing_permission_is_named(session: Session, arm: client.Server, own_image: Given) -> None:
    arm.control(deny=["Microsoft.Storage/storageAccounts/listKeys/action"])
    with pytest.raises(AzureError) as caught:
        make(session, **own_image)
    assert caught.value.code == "no_permission"
    assert caught.value.about["action"] == "Microsoft.Storage/storageAccounts/listKeys/action"
    assert [each.rpartition("/")[2] for each in caught.value.about["left_behind"]] == [GROUP, ACCOUNT]


def test_an_upload_that_fails_is_told_and_taken_up(
    session: Session, arm: client.Server, site: Site, own_image: Given, disk: pathlib.Path
) -> None:
    site.way.rules.append(Rule("PUT .*comp=page", times=1, status=403, code="AuthorizationFailure"))
    with pytest.raises(AzureError) as caught:
        make(session, **own_image, threads=1)
    (name,) = site.blobs()
    assert caught.value.about["left_behind"][-1].endswith(name)
    assert "Microsoft.Compute/images" not in kinds(arm)
    done = make(session, **own_image)
    assert done.actions == ["uploaded", "created"]
    assert site.content(name, disk)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_ended_at_half_is_taken_up(
    session: Session, arm: client.Server, site: Site, own_image: Given, disk: pathlib.Path, number: signal.Signals
) -> None:
    site.way.seconds = 0.2
    told = json.dumps({**own_image, "threads": 1})
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
    done = make(session, **own_image)
    assert done.actions == ["uploaded", "created"]
    assert done.sent
    assert done.sent.requests == 9 - before
    assert done.sent.resumed == 24 * vhd.MIB + 512 - done.sent.bytes
    (name,) = site.blobs()
    assert site.content(name, disk)


def test_azure_ends_the_making_of_an_image_badly(
    session: Session, arm: client.Server, site: Site, own_image: Given
) -> None:
    rule = {"method": "PUT", "path": "/images/node", "status": 409, "code": "Conflict", "message": "No."}
    arm.control(fail=[{**rule, "where": "operation"}])
    with pytest.raises(AzureError) as caught:
        make(session, **own_image)
    assert caught.value.about["left_behind"]
    done = make(session, **own_image)
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
    session: Session, arm: client.Server, own_image: Given, own_version: Given
) -> None:
    for given in (own_image, own_version):
        make(session, **given)
        make(session, **given, state="absent")
    arm.control(allow=list(_READS))
    for given in (own_image, own_version):
        assert make(session, **given).actions == ["uploaded", "created"]
        assert make(session, **given, state="absent").actions == ["deleted"]
