# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a VM size fits an image and the options, and which sizes do."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import catalog, sizes
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.catalog import Image
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.sizes import Need, Size

IMAGE = Image(
    catalog.MARKETPLACE,
    "stable-gen2",
    {},
    urn="kinvolk:flatcar-container-linux-free:stable-gen2:4593.2.2",
    generation="V2",
    architecture="x64",
)
COMMON = {
    "HyperVGenerations": "V1,V2",
    "CpuArchitectureType": "x64",
    "vCPUs": "2",
    "MemoryGB": "8",
    "PremiumIO": "True",
    "MaxDataDiskCount": "4",
    "MaxNetworkInterfaces": "2",
    "AcceleratedNetworkingEnabled": "True",
    "LowPriorityCapable": "True",
    "EphemeralOSDiskSupported": "False",
}


def size(name: str, zones: tuple[str, ...] = ("1", "2", "3"), **capabilities: str) -> Size:
    merged = {key.lower(): value for key, value in {**COMMON, **capabilities}.items() if value}
    return Size(name, merged, frozenset(zones))


OFFERED = {
    each.name.lower(): each
    for each in (
        size("Standard_D2s_v5"),
        size("Standard_D4s_v5", vCPUs="4", MemoryGB="16"),
        size("Standard_D2_v5", PremiumIO="False"),
        size("Standard_D2s_v6", DiskControllerTypes="NVMe"),
        size("Standard_D2ds_v5", EphemeralOSDiskSupported="True", MaxResourceVolumeMB="76800", CachedDiskBytes="0"),
        size(
            "Standard_D2ds_v6",
            DiskControllerTypes="NVMe",
            EphemeralOSDiskSupported="True",
            NvmeDiskSizeInMiB="112640",
            SupportedEphemeralOSDiskPlacements="NvmeDisk",
        ),
        size("Standard_A2_v2", HyperVGenerations="V1", AcceleratedNetworkingEnabled="False", LowPriorityCapable=""),
        size("Standard_D2ps_v5", HyperVGenerations="V2", CpuArchitectureType="Arm64"),
        size("Standard_B2s", zones=("1",), MemoryGB="4"),
    )
}


@pytest.mark.parametrize(
    "name, image, need",
    [
        ("Standard_D2s_v5", {}, {}),
        ("standard_d2S_V5", {}, {"zones": ("1", "3"), "accelerated": True, "premium": True, "spot": True}),
        ("Standard_D2s_v6", {"features": {"DiskControllerTypes": "SCSI, NVMe"}}, {}),
        ("Standard_D2ps_v5", {"architecture": "Arm64"}, {}),
        ("Standard_A2_v2", {"generation": "V1"}, {}),
        ("Standard_A2_v2", {"generation": None}, {}),
        ("Standard_D2ds_v5", {}, {"ephemeral_gb": 30}),
        ("Standard_D2ds_v6", {"features": {"DiskControllerTypes": "NVMe"}}, {"ephemeral_gb": 110}),
        ("Standard_D2s_v5", {}, {"data_disks": 4, "nics": 2}),
    ],
)
def test_sizes_that_fit(name: str, image: dict[str, t.Any], need: dict[str, t.Any]) -> None:
    assert sizes.check(OFFERED, name, "westeurope", IMAGE._replace(**image), Need(**need)) == []


@pytest.mark.parametrize(
    "name, image, need, says",
    [
        ("Standard_X1", {}, {}, "westeurope does not offer it"),
        ("Standard_A2_v2", {}, {}, "boots generation V1, and the image is V2"),
        ("Standard_D2ps_v5", {}, {}, "its processors are Arm64, and the image is for x64"),
        ("Standard_D2s_v5", {"architecture": "Arm64"}, {}, "its processors are x64"),
        ("Standard_D2s_v6", {}, {}, "its disks are on NVME, and the image boots from SCSI"),
        ("Standard_A2_v2", {"generation": "V1"}, {"accelerated": True}, "no accelerated networking"),
        ("Standard_A2_v2", {"generation": "V1"}, {"spot": True}, "not offered as spot"),
        ("Standard_D2s_v5", {}, {"ephemeral_gb": 30}, "ephemeral OS disk of 30 GiB .* take none"),
        ("Standard_D2ds_v5", {}, {"ephemeral_gb": 128}, "at most 75 GiB"),
        ("Standard_D2_v5", {}, {"premium": True}, "no premium disks"),
        ("Standard_D2s_v5", {}, {"data_disks": 5}, "takes 4 data disks, and 5 are asked for"),
        ("Standard_D2s_v5", {}, {"nics": 3}, "takes 2 network interfaces"),
        ("Standard_B2s", {}, {"zones": ("2",)}, "zone 2 is not among the zones of it here: those are 1"),
        ("Standard_D2s_v5", {}, {"encryption_at_host": True}, "no encryption at host"),
        ("Standard_D2s_v5", {}, {"security_type": "ConfidentialVM"}, "no confidential VM"),
    ],
)
def test_sizes_that_do_not_fit(name: str, image: dict[str, t.Any], need: dict[str, t.Any], says: str) -> None:
    with pytest.raises(AzureError, match=says) as raised:
        sizes.check(OFFERED, name, "westeurope", IMAGE._replace(**image), Need(**need))
    assert raised.value.code == "size_unfit"
    assert name not in raised.value.about["candidates"]


def test_sizes_like_the_one_asked_for_are_named_first() -> None:
    arm = IMAGE._replace(architecture="Arm64")
    with pytest.raises(AzureError, match="These fit: Standard_D2ps_v5"):
        sizes.check(OFFERED, "Standard_D2s_v5", "westeurope", arm, Need())
    suggested = sizes.suggested(OFFERED, "Standard_D2s_v6", IMAGE, Need(premium=True))
    assert suggested == ["Standard_D2s_v5", "Standard_D2ds_v5", "Standard_B2s", "Standard_D4s_v5"]
    with pytest.raises(AzureError, match="No size of this region fits"):
        sizes.check(OFFERED, "Standard_D2s_v5", "westeurope", arm, Need(data_disks=99))


def test_an_image_that_says_nothing_is_told_of() -> None:
    bare = IMAGE._replace(generation=None, architecture=None)
    (warning,) = sizes.check(OFFERED, "Standard_D2s_v5", "westeurope", bare, Need())
    assert "does not say for which architecture" in warning


def test_without_an_image_the_options_alone_count() -> None:
    assert sizes.check(OFFERED, "Standard_A2_v2", "westeurope", None, Need()) == []


def sku(*restrictions: dict[str, t.Any], zones: tuple[str, ...] = ("1", "2")) -> dict[str, t.Any]:
    return {
        "resourceType": "virtualMachines",
        "name": "Standard_D2s_v5",
        "locationInfo": [{"location": "WestEurope", "zones": list(zones)}, {"location": "eastus", "zones": ["3"]}],
        "capabilities": [{"name": name, "value": value} for name, value in COMMON.items()],
        "restrictions": list(restrictions),
    }


@pytest.mark.parametrize(
    "restriction, zones, says",
    [
        (None, ("1",), None),
        (None, ("3",), "zone 3 is not among the zones"),
        (
            {
                "type": "Zone",
                "restrictionInfo": {"locations": ["westeurope"], "zones": ["2"]},
                "reasonCode": "NotAvailableForSubscription",
            },
            ("2",),
            "may not use it in zone 2",
        ),
        (
            {
                "type": "Location",
                "values": ["WestEurope"],
                "restrictionInfo": {"locations": ["WestEurope"]},
                "reasonCode": "NotAvailableForSubscription",
            },
            (),
            "may not use it in this region",
        ),
        ({"type": "Location", "values": ["eastus"], "restrictionInfo": {"locations": ["eastus"]}}, (), None),
    ],
)
def test_what_the_list_says_of_a_region(
    restriction: dict[str, t.Any] | None, zones: tuple[str, ...], says: str | None
) -> None:
    found = sizes.read([sku(*[restriction] if restriction else [])], "West Europe")
    reasons = sizes.refused(found, "Standard_D2s_v5", "westeurope", IMAGE, Need(zones=zones))
    assert len(reasons) == (1 if says else 0)
    assert not says or says in reasons[0]


def test_other_things_of_the_list_are_no_sizes() -> None:
    assert sizes.read([{**sku(), "resourceType": "disks"}], "westeurope") == {}
