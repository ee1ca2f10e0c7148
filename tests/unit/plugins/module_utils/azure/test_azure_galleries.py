# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the versions in galleries say of themselves."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import galleries, resource_id
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError

PAST, FUTURE = "2020-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"
DEFINITION = {
    "name": "flatcar-stable-amd64",
    "properties": {
        "hyperVGeneration": "V2",
        "architecture": "x64",
        "features": [{"name": "DiskControllerTypes", "value": "SCSI, NVMe", "startsAtVersion": "2.0.0"}],
        "purchasePlan": {"name": "stable", "publisher": "kinvolk", "product": "flatcar-container-linux-free"},
    },
}
ID = resource_id.make("s", "rg", "Microsoft.Compute/galleries/images", "mine", "flatcar-stable-amd64")


@pytest.mark.parametrize(
    "about, state, withdrawn, excluded",
    [
        ({}, "active", False, False),
        ({"excludeFromLatest": True}, "active", False, True),
        ({"endOfLifeDate": PAST}, "deprecated", False, False),
        ({"endOfLifeDate": FUTURE}, "scheduled", False, False),
        ({"imageState": "SoftDeleted", "consumptionEndTime": FUTURE}, "scheduled", False, True),
        ({"imageState": "SoftDeleted", "consumptionEndTime": PAST}, "deprecated", True, True),
    ],
)
def test_community(about: dict[str, t.Any], state: str, withdrawn: bool, excluded: bool) -> None:
    found = galleries.of_community("public", DEFINITION, {"name": "1.2.3", "properties": about})
    assert found.reference == {
        "communityGalleryImageId": "/CommunityGalleries/public/Images/flatcar-stable-amd64/Versions/1.2.3"
    }
    assert (found.state, found.withdrawn, found.excluded) == (state, withdrawn, excluded)
    assert (found.generation, found.arch, found.controllers, found.disk_gb) == ("V2", "amd64", ("scsi",), None)
    assert found.plan == {"name": "stable", "publisher": "kinvolk", "product": "flatcar-container-linux-free"}


@pytest.mark.parametrize(
    "about, publishing, withdrawn, excluded",
    [
        ({"provisioningState": "Succeeded"}, {}, False, False),
        ({"provisioningState": "Updating"}, {}, False, False),
        ({"provisioningState": "Creating"}, {}, True, False),
        ({"provisioningState": "Failed"}, {}, True, False),
        ({}, {"excludeFromLatest": True}, False, True),
        ({}, {"targetRegions": [{"name": "West Europe", "excludeFromLatest": True}]}, False, True),
        ({}, {"targetRegions": [{"name": "East US", "excludeFromLatest": True}]}, False, False),
    ],
)
def test_ones_own(about: dict[str, t.Any], publishing: dict[str, t.Any], withdrawn: bool, excluded: bool) -> None:
    properties = {
        "storageProfile": {"osDiskImage": {"sizeInGB": 30}},
        "publishingProfile": {"targetRegions": [{"name": "westeurope"}], **publishing},
        **about,
    }
    found = galleries.of_gallery("westeurope", ID, DEFINITION, {"name": "2.0.0", "properties": properties})
    assert found.reference == {"id": f"{ID}/versions/2.0.0"}
    assert (found.withdrawn, found.excluded) == (withdrawn, excluded)
    assert (found.controllers, found.disk_gb, found.release) == (("scsi", "nvme"), 30, None)


def test_a_version_that_says_nothing() -> None:
    found = galleries.of_gallery("westeurope", ID, {"name": "x"}, {"name": "1.0.0"})
    assert (found.generation, found.architecture, found.plan, found.regions) == (None, None, None, ())


def test_names_of_definitions_have_no_case() -> None:
    there = {"Flatcar": {"name": "Flatcar"}}
    assert galleries.definition_of(there, "mine", "flatcar") == {"name": "Flatcar"}
    with pytest.raises(AzureError, match=r"mine has no image other. There are: Flatcar"):
        galleries.definition_of(there, "mine", "other")
