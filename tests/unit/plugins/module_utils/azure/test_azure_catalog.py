# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions by number, what a channel is called, and which image is the newest."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, flatcar
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import numbers

PUBLIC = f"/CommunityGalleries/{flatcar.COMMUNITY_GALLERIES['flatcar']}/Images/flatcar-stable-amd64"


def image(version: str, **some: t.Any) -> Image:
    about: dict[str, t.Any] = {"kind": catalog.MARKETPLACE, "place": "stable-gen2", "reference": {}, **some}
    return Image(version=version, **about)


def test_versions_are_ordered_by_number() -> None:
    found = catalog.ordered(map(image, ["3975.2.2", "975.1.0", "3975.2.10", "4593.2.2", "10000.0.0"]))
    assert [each.version for each in found] == ["10000.0.0", "4593.2.2", "3975.2.10", "3975.2.2", "975.1.0"]


@pytest.mark.parametrize("text", [None, "", "latest", "1.2.x", "1..2", "-1.2"])
def test_what_is_no_version_is_below_all(text: str | None) -> None:
    assert numbers(text) < numbers("0.0.0")


@pytest.mark.parametrize(
    "others, newest",
    [
        ([], "4593.2.2"),
        ([image("4700.0.0")], "4700.0.0"),
        ([image("4700.0.0", excluded=True)], "4593.2.2"),
        ([image("4700.0.0", withdrawn=True)], "4593.2.2"),
        ([image("4700.0.0", state=catalog.SCHEDULED)], "4700.0.0"),
        ([image("4700.0.0", state=catalog.DEPRECATED)], "4700.0.0"),
        ([image("4700.0.0", regions=("eastus",))], "4593.2.2"),
        ([image("4700.0.0", regions=("eastus", "westeurope"))], "4700.0.0"),
    ],
)
def test_the_newest(others: list[Image], newest: str) -> None:
    found = [image("3975.2.10"), *others, image("4593.2.2")]
    chosen = catalog.pick(found, "latest", "West Europe")
    assert chosen is not None
    assert chosen.version == newest


def test_an_exact_version_may_be_excluded_from_the_latest() -> None:
    excluded = image("4700.0.0", excluded=True)
    assert catalog.pick([excluded], "4700.0.0", "westeurope") is excluded
    assert catalog.pick([excluded], "latest", "westeurope") is None
    assert catalog.pick([excluded], "4700.0.1", "westeurope") is None
    assert catalog.pick([image("4700.0.0", withdrawn=True)], "4700.0.0", "westeurope") is None


@pytest.mark.parametrize(
    "name, channel, stream, kubernetes",
    [
        ("stable", "stable", 0, None),
        ("stable-gen2", "stable", 0, None),
        ("lts2024-gen2", "lts", 2024, None),
        ("lts2023", "lts", 2023, None),
        ("flatcar-stable-amd64", "stable", 0, None),
        ("flatcar-stable-amd64-capi-v1.26.3", "stable", 0, "1.26.3"),
        ("flatcar-edge-amd64", None, 0, None),
        ("stable-pro", None, 0, None),
        ("22_04-lts-gen2", None, 0, None),
    ],
)
def test_names_of_flatcar(name: str, channel: str | None, stream: int, kubernetes: str | None) -> None:
    assert (flatcar.channel_of(name), flatcar.stream(name), flatcar.kubernetes_of(name)) == (
        channel,
        stream,
        kubernetes,
    )


@pytest.mark.parametrize(
    "generation, architecture, asked, suits",
    [
        ("V2", "x64", ("V2", "amd64"), True),
        ("V2", "x64", (None, None), True),
        ("V1", "x64", ("V2", "amd64"), False),
        ("V2", "Arm64", ("V2", "amd64"), False),
        ("V2", "Arm64", ("V2", "arm64"), True),
        (None, None, ("V2", "amd64"), True),
        ("V2", None, ("V2", "arm64"), False),
    ],
)
def test_what_an_image_is_is_read_from_the_image(
    generation: str | None, architecture: str | None, asked: tuple[str | None, str | None], suits: bool
) -> None:
    found = image("1.2.3", place="stable", generation=generation, architecture=architecture)
    assert found.suits(*asked) is suits


@pytest.mark.parametrize(
    "kind, place, reference, release",
    [
        (catalog.MARKETPLACE, "stable-gen2", {"publisher": "kinvolk"}, "4593.2.2"),
        (catalog.MARKETPLACE, "stable", {"publisher": "another"}, None),
        (catalog.MARKETPLACE, "tools", {"publisher": "kinvolk"}, None),
        (catalog.COMMUNITY, "flatcar-stable-amd64", {"communityGalleryImageId": PUBLIC}, "4593.2.2"),
        (
            catalog.COMMUNITY,
            "flatcar-stable-amd64",
            {"communityGalleryImageId": "/CommunityGalleries/x/Images/y"},
            None,
        ),
        (catalog.GALLERY, "stable", {"id": "/subscriptions/s"}, None),
    ],
)
def test_the_release_in_an_image(kind: str, place: str, reference: dict[str, str], release: str | None) -> None:
    assert image("4593.2.2", kind=kind, place=place, reference=reference).release == release


def test_features_begin_with_a_version() -> None:
    listed = [
        {"name": "DiskControllerTypes", "value": "SCSI, NVMe", "startsAtVersion": "2.0.0"},
        {"name": "IsAcceleratedNetworkSupported", "value": "True"},
    ]
    old, new = (image("1.0.0", features=catalog.features(listed, version)) for version in ("1.0.0", "2.0.0"))
    assert old.controllers == ("scsi",)
    assert new.controllers == ("scsi", "nvme")


@pytest.mark.parametrize(
    "some, says",
    [
        ({}, []),
        (
            {"state": catalog.SCHEDULED, "ends": "2027-01-01", "alternative": "stable-gen2"},
            ["at 2027-01-01; no VM can be made of it then. Its publisher names instead: stable-gen2."],
        ),
        ({"state": catalog.DEPRECATED, "ends": "2020-01-01"}, ["is deprecated since 2020-01-01."]),
        (
            {"reference": {"communityGalleryImageId": f"/CommunityGalleries/{flatcar.TEST_GALLERY}/Images/x"}},
            ["do not use it in production"],
        ),
    ],
)
def test_what_is_said_of_an_image(some: dict[str, object], says: list[str]) -> None:
    some.setdefault("urn", None if "reference" in some else "kinvolk:x:stable:1.2.3")
    warnings = image("1.2.3", **some).warnings
    assert len(warnings) == len(says)
    for warning, part in zip(warnings, says):
        assert part in warning


@pytest.mark.parametrize(
    "end, state", [(None, "active"), ("2020-01-01T00:00:00+00:00", "deprecated"), ("2999-01-01T00:00:00Z", "scheduled")]
)
def test_ends_of_life(end: str | None, state: str) -> None:
    assert catalog.deprecation(end) == (state, end)
