# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `image`: which image is meant, and what a VM notes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.image import Community, Own, Wanted
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.marketplace import Channel
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.urn import Urn

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
FREE = "flatcar-container-linux-free"
FLATCAR = "flatcar-23485951-527a-48d6-9d11-6931ff0afc2e"
IMAGES = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute"
STABLE = Channel("kinvolk", FREE, "stable", "V2", "amd64", "latest")
DEFINITION = (("galleries", "mine"), ("images", "flatcar"))


@pytest.mark.parametrize(
    "option, wanted",
    [
        ("stable", STABLE),
        (" stable\n", STABLE),
        ({"channel": "stable"}, STABLE),
        ({"channel": "beta", "generation": "V1"}, STABLE._replace(channel="beta", generation="V1")),
        ({"channel": "lts", "version": "4081.3.10", "arch": None}, STABLE._replace(channel="lts", version="4081.3.10")),
        (
            {"channel": "alpha", "arch": "arm64"},
            Channel("kinvolk", "flatcar-container-linux-corevm", "alpha", "V2", "arm64", "latest"),
        ),
        ({"channel": "stable", "offer": "other", "publisher": "me"}, STABLE._replace(offer="other", publisher="me")),
        (f"kinvolk:{FREE}:stable:4593.2.2", Urn("kinvolk", FREE, "stable", "4593.2.2")),
        (
            {"publisher": "Canonical", "offer": "0001-com-ubuntu", "sku": "22_04-lts-gen2"},
            Urn("Canonical", "0001-com-ubuntu", "22_04-lts-gen2", "latest"),
        ),
        (f"{IMAGES}/images/mine", Own(SUBSCRIPTION, "rg", (("images", "mine"),), "")),
        ({"id": f"{IMAGES}/galleries/mine/images/flatcar"}, Own(SUBSCRIPTION, "rg", DEFINITION, "latest")),
        (f"{IMAGES}/galleries/mine/images/flatcar/versions/1.2.3", Own(SUBSCRIPTION, "rg", DEFINITION, "1.2.3")),
        ({"name": "mine"}, Own("", "", (("images", "mine"),), "")),
        ({"gallery": "mine", "definition": "flatcar", "resource_group": "rg"}, Own("", "rg", DEFINITION, "latest")),
        (
            f"/CommunityGalleries/{FLATCAR}/Images/flatcar-stable-amd64/Versions/3975.2.2",
            Community(FLATCAR, "flatcar-stable-amd64", "3975.2.2"),
        ),
        ("/communityGalleries/flatcar/images/x", Community(FLATCAR, "x", "latest")),
        ({"community_gallery": "flatcar", "definition": "x", "version": "1.2.3"}, Community(FLATCAR, "x", "1.2.3")),
        ({"community_gallery": "their-public-name", "definition": "x"}, Community("their-public-name", "x", "latest")),
    ],
)
def test_what_is_asked_for(option: object, wanted: Wanted) -> None:
    assert image.parse(option) == wanted


@pytest.mark.parametrize(
    "option, says",
    [
        ("unstable", "no image"),
        ("", "no image"),
        (None, "type NoneType"),
        (["stable"], "type list"),
        ({}, "keys of nothing"),
        ({"channel": "stable", "sku": "stable"}, "keys channel, sku"),
        ({"publisher": "kinvolk", "offer": FREE}, "keys offer, publisher"),
        ({"channel": "edge"}, "channel is 'edge'"),
        ({"channel": "stable", "arch": "x64"}, "arch is 'x64'; it is one of amd64, arm64"),
        ({"channel": "stable", "generation": "2"}, "generation is '2'"),
        ({"channel": "stable", "generation": "V1", "arch": "arm64"}, "no arm64 of generation V1"),
        ({"channel": "stable", "version": 4593.2}, "version is 4593.2, and it must be a text"),
        ({"publisher": "Canonical", "offer": "UbuntuServer", "sku": 18.04}, "sku is 18.04"),
        ("kinvolk:free:stable", "four parts"),
        ("kinvolk:free:stable:", "four parts"),
        ("kinvolk:fr ee:stable:latest", "four parts"),
        (f"{IMAGES}/disks/mine", "Microsoft.Compute/disks, and no image"),
        ("/subscriptions/1/images/mine", "no resource id"),
        ("/SharedGalleries/x/Images/y", "no image"),
    ],
)
def test_what_cannot_be_meant(option: object, says: str) -> None:
    with pytest.raises(AzureError, match=says) as raised:
        image.parse(option)
    assert raised.value.code == "bad_option"


@pytest.mark.parametrize(
    "one, other",
    [
        ("stable", f"kinvolk:{FREE}:stable-gen2:latest"),
        ({"channel": "stable", "generation": "V1"}, f"kinvolk:{FREE}:stable:latest"),
        ({"channel": "beta", "version": "4593.1.0"}, f"kinvolk:{FREE}:beta-gen2:4593.1.0"),
        ({"channel": "stable", "arch": "arm64"}, "kinvolk:flatcar-container-linux-corevm:stable:latest"),
        ({"name": "mine"}, f"{IMAGES}/images/MINE"),
        ({"gallery": "mine", "definition": "x"}, f"{IMAGES}/galleries/mine/images/x"),
        (
            {"gallery": "mine", "definition": "x", "version": "1.0.0"},
            f"{IMAGES}/galleries/mine/images/x/versions/1.0.0",
        ),
        ({"community_gallery": "flatcar", "definition": "x"}, f"/CommunityGalleries/{FLATCAR}/Images/x"),
    ],
)
def test_two_ways_to_name_an_image_are_noted_alike(one: object, other: object) -> None:
    assert image.source(image.parse(one), SUBSCRIPTION, "rg") == image.source(image.parse(other), SUBSCRIPTION, "rg")


@pytest.mark.parametrize(
    "option",
    ["beta", {"channel": "stable", "version": "4593.2.2"}, {"channel": "stable", "generation": "V1"}, {"name": "x"}],
)
def test_other_images_are_noted_otherwise(option: object) -> None:
    assert image.source(image.parse(option), SUBSCRIPTION, "rg") != image.source(STABLE, SUBSCRIPTION, "rg")


def test_the_latest_is_noted_without_a_version() -> None:
    assert image.source(STABLE, SUBSCRIPTION) == f"kinvolk:{FREE}:stable-gen2"


def test_what_is_noted_fits_into_a_tag() -> None:
    wanted = image.parse({"gallery": "g" * 80, "definition": "d" * 80, "resource_group": "r" * 90})
    assert image.source(wanted, SUBSCRIPTION).startswith("sha256:")


def test_an_image_without_a_resource_group() -> None:
    with pytest.raises(AzureError, match="needs a resource_group"):
        image.source(image.parse({"name": "mine"}), SUBSCRIPTION)


_WORDS = st.sampled_from(["stable", "lts", "V1", "arm64", "latest", "1.2.3", "a:b:c:d", f"{IMAGES}/images/x", "/", ""])
_KEYS = st.sampled_from(
    ["channel", "arch", "generation", "version", "offer", "publisher", "sku", "id", "name", "gallery", "definition"]
)
_VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=8), _WORDS)


@given(st.one_of(_VALUES, st.lists(_VALUES, max_size=2), st.dictionaries(_KEYS, _VALUES, max_size=4)))
def test_whatever_comes_is_understood_or_refused(option: object) -> None:
    try:
        wanted = image.parse(option)
    except AzureError as error:
        assert error.code == "bad_option"
    else:
        assert len(image.source(wanted, SUBSCRIPTION, "rg")) <= 256
