# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which images there are, and which one an option means, at the stand-in of Azure."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import flatcar, image, request, terms
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image_info import Selection, known
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.session import Session
from ansible_collections.flatops.flatcar.tests.standins.arm import client

FREE = "flatcar-container-linux-free"
COREVM = "flatcar-container-linux-corevm"
GALLERY = "images"


def listed(session: Session, **some: t.Any) -> list[dict[str, t.Any]]:
    found = known(session, Selection("westeurope", **some))
    assert found.warnings == []
    return found.images


def asked(server: client.Server) -> int:
    """How many requests there were for images."""
    return sum("/vmimage/" in str(each["path"]).lower() for each in server.log())


@pytest.fixture
def gallery(session: Session) -> str:
    """A gallery with an image definition and three versions, one of them excluded and one elsewhere; its group."""
    session.resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
    compute = session.compute
    begin = request.begin
    begin(session, "a", compute.galleries.begin_create_or_update, "rg", GALLERY, {"location": "westeurope"})
    about = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "architecture": "Arm64",
        "identifier": {"publisher": "me", "offer": "flatcar", "sku": "arm"},
        "features": [{"name": "DiskControllerTypes", "value": "SCSI, NVMe"}],
        "purchasePlan": {"name": "stable-gen2", "publisher": "kinvolk", "product": FREE},
    }
    body = {"location": "westeurope", "properties": about}
    begin(session, "b", compute.gallery_images.begin_create_or_update, "rg", GALLERY, "flatcar", body)
    disk = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 30}}
    source = begin(session, "c", compute.disks.begin_create_or_update, "rg", "source", disk)["id"]
    for version, region, excluded in (
        ("1.2.10", "westeurope", False),
        ("1.2.9", "westeurope", False),
        ("1.3.0", "westeurope", True),
        ("1.4.0", "eastus", False),
    ):
        body = {
            "location": region,
            "properties": {
                "storageProfile": {"osDiskImage": {"source": {"id": source}}},
                "publishingProfile": {"targetRegions": [{"name": region}], "excludeFromLatest": excluded},
            },
        }
        function = compute.gallery_image_versions.begin_create_or_update
        begin(session, "d", function, "rg", GALLERY, "flatcar", version, body)
    return "rg"


def test_the_newest_of_a_channel_is_the_newest_by_number(session: Session, arm: client.Server) -> None:
    (found,) = listed(session, channel="stable", arch="amd64", generation="V2", version="latest")
    assert found["image"] == found["urn"] == f"kinvolk:{FREE}:stable-gen2:4593.2.2"
    assert found["reference"] == {
        "publisher": "kinvolk",
        "offer": FREE,
        "sku": "stable-gen2",
        "version": "4593.2.2",
    }
    assert found["plan"] == {"name": "stable-gen2", "publisher": "kinvolk", "product": FREE}
    assert (found["generation"], found["arch"], found["channel"]) == ("V2", "amd64", "stable")
    assert (found["terms"], found["state"], found["latest"], found["production"]) == ("needed", "active", True, True)
    assert found["disk_controllers"] == ["SCSI", "NVMe"]
    assert asked(arm) == 3


def test_every_version_of_both_architectures(session: Session) -> None:
    found = listed(session, channel="stable")
    assert [each["version"] for each in found] == [
        version for version in ("4593.2.2", "3975.2.10", "3975.2.2", "975.1.0") for dummy in range(3)
    ]
    assert {(each["name"], each["arch"], each["generation"]) for each in found} == {
        ("stable", "amd64", "V1"),
        ("stable-gen2", "amd64", "V2"),
        ("stable", "arm64", "V2"),
    }
    assert {each["version"]: each["state"] for each in found} == {
        "4593.2.2": "active",
        "3975.2.10": "active",
        "3975.2.2": "scheduled",
        "975.1.0": "deprecated",
    }
    assert {each["version"] for each in found if not each["available"]} == {"975.1.0"}
    assert [each["version"] for each in found if each["latest"]] == ["4593.2.2"] * 3
    assert all(each["terms"] == "not_required" and each["plan"] is None for each in found if each["arch"] == "arm64")


def test_accepted_terms_are_told(session: Session) -> None:
    plan = {"name": "beta-gen2", "publisher": "kinvolk", "product": FREE}
    assert terms.accept(session, plan, check=False) is True
    found = listed(session, channel="beta", arch="amd64", version="latest")
    assert {each["name"]: each["terms"] for each in found} == {"beta": "needed", "beta-gen2": "accepted"}
    assert {each["terms"] for each in listed(session, channel="beta", arch="amd64", terms=False)} == {"unknown"}


def test_terms_that_may_not_be_read_are_unknown(session: Session, arm: client.Server) -> None:
    arm.control(deny=["Microsoft.MarketplaceOrdering/*"])
    found = known(session, Selection("westeurope", channel="stable", arch="amd64", version="latest"))
    assert {each["terms"] for each in found.images} == {"unknown"}
    assert "Microsoft.MarketplaceOrdering/" in found.warnings[0]


def test_all_streams_of_the_lts(session: Session) -> None:
    found = listed(session, channel="lts", generation="V2", version="latest", offer=(FREE,))
    assert [each["urn"] for each in found] == [
        f"kinvolk:{FREE}:lts2024-gen2:4081.3.10",
        f"kinvolk:{FREE}:lts2023-gen2:3510.3.5",
    ]


def test_an_offer_that_is_not_there(session: Session) -> None:
    with pytest.raises(AzureError, match=r"no offer flatcar-pro in westeurope. There are: .*corevm") as raised:
        listed(session, offer=("flatcar-pro",))
    assert raised.value.code == "not_found"
    assert COREVM in raised.value.about["candidates"]
    found = known(session, Selection("westeurope", offer=("flatcar-pro", COREVM), channel="alpha", version="latest"))
    assert [each["version"] for each in found.images] == ["4643.0.0"]
    assert "no offer flatcar-pro" in found.warnings[0]
    with pytest.raises(AzureError, match=r"has no SKU edge in westeurope. There are: .*stable"):
        listed(session, offer=(FREE,), sku="edge")
    with pytest.raises(AzureError) as raised:
        known(session, Selection("atlantis", channel="stable"))
    assert raised.value.code == "unsupported"


def test_a_region_has_two_spellings(session: Session) -> None:
    found = known(session, Selection("West Europe", channel="stable", version="latest"))
    assert found.images == listed(session, channel="stable", version="latest")


@pytest.mark.parametrize("some", [{"definition": "x"}, {"kubernetes_version": "1.34"}])
def test_options_of_galleries_go_with_a_gallery(session: Session, some: dict[str, str]) -> None:
    with pytest.raises(AzureError, match="goes with community_gallery or gallery") as raised:
        listed(session, **some)
    assert raised.value.code == "bad_option"


def test_a_gallery_of_another_subscription_is_asked_for_there(session: Session, arm: client.Server) -> None:
    other = "22222222-aaaa-bbbb-cccc-222222222222"
    id = f"/subscriptions/{other}/resourceGroups/rg/providers/Microsoft.Compute/galleries/images/images/flatcar"
    with pytest.raises(AzureError) as raised:
        image.resolve(session, image.parse(id), "westeurope")
    assert raised.value.about["azure_code"] == "SubscriptionNotFound"
    assert arm.log()[-1]["path"].startswith(f"/subscriptions/{other}/resourceGroups/rg/")


def test_sizes_are_held_against_images(session: Session) -> None:
    found = listed(session, channel="stable", version="latest", vm_size="Standard_D2s_v5")
    fits = {(each["name"], each["arch"]): each for each in found}
    assert fits["stable-gen2", "amd64"]["fits"] is True
    assert fits["stable-gen2", "amd64"]["sizes"] == []
    assert fits["stable", "arm64"]["fits"] is False
    assert "its processors are x64, and the image is for Arm64" in fits["stable", "arm64"]["unfit"]
    assert fits["stable", "arm64"]["sizes"] == ["Standard_D2ps_v5", "Standard_D2pds_v5", "Standard_D2ps_v6"]
    assert listed(session, channel="stable", version="latest", arch="arm64", vm_size="Standard_E2s_v5")[0]["unfit"]


def test_a_list_of_sizes_is_not_read_without_need(session: Session, arm: client.Server) -> None:
    listed(session, channel="stable", version="latest")
    listed(session, channel="stable", version="1.1.1", vm_size="Standard_D2s_v5")
    assert not [each for each in arm.log() if str(each["path"]).lower().endswith("/microsoft.compute/skus")]


def test_the_community_gallery(session: Session) -> None:
    found = listed(session, community_gallery="flatcar", version="latest")
    public = flatcar.COMMUNITY_GALLERIES["flatcar"]
    assert {each["image"] for each in found} == {
        f"/CommunityGalleries/{public}/Images/flatcar-stable-amd64/Versions/4593.2.2",
        f"/CommunityGalleries/{public}/Images/flatcar-stable-arm64/Versions/4593.2.2",
        f"/CommunityGalleries/{public}/Images/flatcar-beta-amd64/Versions/4628.1.0",
    }
    assert {each["production"] for each in found} == {True}
    (beta,) = listed(session, community_gallery="flatcar", channel="beta", version="latest")
    assert beta["name"] == "flatcar-beta-amd64"
    with pytest.raises(AzureError, match="no community gallery nobodys in westeurope"):
        listed(session, community_gallery="nobodys")


def test_images_with_kubernetes_are_for_tests(session: Session) -> None:
    found = listed(session, community_gallery="flatcar4capi", kubernetes_version="1.26")
    assert [(each["version"], each["kubernetes_version"], each["production"]) for each in found] == [
        ("3227.2.10", "1.26.0", False),
        ("3227.2.3", "1.26.0", False),
    ]
    assert [each["latest"] for each in found] == [False, True]
    assert [each["excluded"] for each in found] == [True, False]
    assert listed(session, community_gallery="flatcar4capi", kubernetes_version="1.2") == []


def test_a_gallery_of_ones_own(session: Session, gallery: str) -> None:
    found = listed(session, gallery=GALLERY, resource_group=gallery)
    assert [(each["version"], each["latest"], each["excluded"], each["available"]) for each in found] == [
        ("1.4.0", False, False, False),
        ("1.3.0", False, True, True),
        ("1.2.10", True, False, True),
        ("1.2.9", False, False, True),
    ]
    newest = found[2]
    assert newest["plan"] == {"name": "stable-gen2", "publisher": "kinvolk", "product": FREE}
    assert (newest["arch"], newest["generation"], newest["terms"]) == ("arm64", "V2", "needed")
    assert newest["regions"] == ["westeurope"]
    chosen = image.resolve(session, image.parse(newest["image"]), "westeurope")
    assert chosen.reference == {"id": newest["image"]}
    with pytest.raises(AzureError, match="resource_group is missing"):
        listed(session, gallery=GALLERY)
    with pytest.raises(AzureError, match=r"has no image nothing. There are: flatcar"):
        listed(session, gallery=GALLERY, resource_group=gallery, definition="nothing")


def test_the_latest_of_a_gallery_is_one_of_the_region(session: Session, gallery: str) -> None:
    wanted = image.parse({"gallery": GALLERY, "definition": "flatcar"})
    found = image.resolve(session, wanted, "westeurope", gallery)
    assert (found.version, found.architecture, found.controllers) == ("1.2.10", "Arm64", ("scsi", "nvme"))
    assert found.source.endswith("/galleries/images/images/flatcar")
    assert image.resolve(session, wanted, "eastus", gallery).version == "1.4.0"
    elsewhere = image.parse({"gallery": GALLERY, "definition": "flatcar", "version": "1.4.0"})
    with pytest.raises(AzureError, match=r"no version 1.4.0 that can be used in westeurope. There are: 1.3.0, 1.2.10"):
        image.resolve(session, elsewhere, "westeurope", gallery)


def test_a_managed_image(session: Session, gallery: str) -> None:
    body = {
        "location": "westeurope",
        "properties": {
            "hyperVGeneration": "V2",
            "storageProfile": {
                "osDisk": {
                    "osType": "Linux",
                    "osState": "Generalized",
                    "managedDisk": {
                        "id": f"/subscriptions/{session.subscription_id}/resourceGroups/{gallery}/providers/"
                        "Microsoft.Compute/disks/source"
                    },
                    "diskSizeGB": 30,
                }
            },
        },
    }
    request.begin(session, "a", session.compute.images.begin_create_or_update, gallery, "mine", body)
    (found,) = listed(session, name="mine", resource_group=gallery)
    assert (found["generation"], found["arch"], found["version"], found["disk_gb"]) == ("V2", "amd64", None, 30)
    assert image.resolve(session, image.parse({"name": "mine"}), "westeurope", gallery).reference == {
        "id": found["image"]
    }
    with pytest.raises(AzureError, match="is in westeurope; no VM in eastus"):
        image.resolve(session, image.parse(found["image"]), "eastus")
    with pytest.raises(AzureError) as raised:
        image.resolve(session, image.parse({"name": "other"}), "westeurope", gallery)
    assert raised.value.code == "not_found"


@pytest.mark.parametrize(
    "option, urn, requests",
    [
        ("stable", f"kinvolk:{FREE}:stable-gen2:4593.2.2", 2),
        ({"channel": "stable", "generation": "V1"}, f"kinvolk:{FREE}:stable:4593.2.2", 2),
        ({"channel": "beta", "arch": "arm64"}, f"kinvolk:{COREVM}:beta:4628.1.0", 2),
        ("lts", f"kinvolk:{FREE}:lts2024-gen2:4081.3.10", 2),
        ({"channel": "lts", "version": "3510.3.4"}, f"kinvolk:{FREE}:lts2023-gen2:3510.3.4", 4),
        (f"kinvolk:{COREVM}-amd64:alpha-gen2:latest", f"kinvolk:{COREVM}-amd64:alpha-gen2:4643.0.0", 1),
        (f"kinvolk:{FREE}:stable:3975.2.2", f"kinvolk:{FREE}:stable:3975.2.2", 1),
    ],
)
def test_which_image_an_option_means(
    session: Session, arm: client.Server, option: object, urn: str, requests: int
) -> None:
    found = image.resolve(session, image.parse(option), "westeurope")
    assert found.urn == urn
    assert found.generation == ("V2" if "-gen2" in urn or COREVM in urn else "V1")
    assert asked(arm) == requests


@pytest.mark.parametrize(
    "option, says",
    [
        ({"channel": "stable", "version": "1.1.1"}, "no image of version 1.1.1 in westeurope for the channel stable"),
        ({"channel": "stable", "offer": "nothing"}, "no offer nothing"),
        (
            {"channel": "stable", "generation": "V1", "offer": COREVM},
            "no image in westeurope for the channel stable, generation V1",
        ),
        (f"kinvolk:{FREE}:stable:1.1.1", "There is no image .* There are: 4593.2.2, 3975.2.10, 3975.2.2.$"),
        (f"kinvolk:{FREE}:stable:975.1.0", "is deprecated since .* names instead: stable. No VM can be made"),
        (f"nobody:{FREE}:stable:latest", "The publisher nobody has no offer"),
        ({"community_gallery": "flatcar", "definition": "x"}, "has no image x. There are: flatcar-beta-amd64"),
    ],
)
def test_what_an_option_cannot_mean(session: Session, option: object, says: str) -> None:
    with pytest.raises(AzureError, match=says) as raised:
        image.resolve(session, image.parse(option), "westeurope")
    assert raised.value.code == "not_found"


def test_an_image_that_ends_soon_says_so(session: Session) -> None:
    found = image.resolve(session, image.parse(f"kinvolk:{FREE}:stable:3975.2.2"), "westeurope")
    assert "will be deprecated at 2026-12-31" in found.warnings[0]
    test = image.parse({"community_gallery": "flatcar4capi", "definition": "flatcar-stable-amd64-capi-v1.26.0"})
    found = image.resolve(session, test, "westeurope")
    assert found.version == "3227.2.3"
    assert "do not use it in production" in found.warnings[0]
