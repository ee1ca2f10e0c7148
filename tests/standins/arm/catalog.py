# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in's Azure has to offer: images, galleries of the community, and sizes."""

from __future__ import annotations

import typing as t

PUBLISHER = "kinvolk"


class Sku(t.NamedTuple):
    """A marketplace image. Generation and architecture are those of its versions; with plan it is sold by one."""

    generation: str
    architecture: str
    plan: bool
    controllers: str
    versions: tuple[str, ...]


#: Versions of each channel; in the order of their names the newest is not the last.
VERSIONS = {
    "alpha": ("4593.0.0", "4628.0.0", "4643.0.0"),
    "beta": ("4547.1.1", "4593.1.0", "4628.1.0"),
    "stable": ("975.1.0", "3975.2.2", "3975.2.10", "4593.2.2"),
    "lts2023": ("3510.3.4", "3510.3.5"),
    "lts2024": ("4081.3.5", "4081.3.6", "4081.3.10"),
}
#: Versions that are passed over where the newest is asked for.
EXCLUDED = ("3227.2.10",)
#: What a version says of its end; the others are active.
STATES = {"975.1.0": "Deprecated", "3975.2.2": "ScheduledForDeprecation"}


def _offer(architecture: str, plan: bool, generations: t.Mapping[str, str]) -> dict[str, Sku]:
    """The SKUs of an offer: each channel with the endings that stand for generations."""
    return {
        f"{channel}{ending}": Sku(generation, architecture, plan, "SCSI, NVMe" if generation == "V2" else "SCSI", each)
        for channel, each in VERSIONS.items()
        for ending, generation in generations.items()
    }


#: Of each offer its SKUs, all of kinvolk. Those for Arm64 are of generation 2 without saying so in their name.
OFFERS = {
    "flatcar-container-linux": _offer("x64", True, {"": "V1", "-gen2": "V2"}),
    "flatcar-container-linux-free": _offer("x64", True, {"": "V1", "-gen2": "V2"}),
    "flatcar-container-linux-corevm-amd64": _offer("x64", False, {"": "V1", "-gen2": "V2"}),
    "flatcar-container-linux-corevm": _offer("Arm64", False, {"": "V2"}),
}

FLATCAR = "flatcar-23485951-527a-48d6-9d11-6931ff0afc2e"
CAPI = "flatcar4capi-742ef0cb-dcaa-4ecb-9cb0-bfd2e43dccc0"


class Definition(t.NamedTuple):
    """An image of a community gallery."""

    generation: str
    architecture: str
    versions: tuple[str, ...]


COMMUNITY = {
    FLATCAR: {
        "flatcar-stable-amd64": Definition("V2", "x64", ("3975.2.2", "3975.2.10", "4593.2.2")),
        "flatcar-stable-arm64": Definition("V2", "Arm64", ("4593.2.2",)),
        "flatcar-beta-amd64": Definition("V2", "x64", ("4593.1.0", "4628.1.0")),
    },
    CAPI: {
        "flatcar-stable-amd64-capi-v1.26.0": Definition("V2", "x64", ("3227.2.3", "3227.2.10")),
        "flatcar-stable-amd64-capi-v1.34.1": Definition("V2", "x64", ("4593.2.2",)),
    },
}


class Size(t.NamedTuple):
    """A size of VMs. generations and controllers are lists as the API writes them; restricted names the locations where
    the subscription may not use it; zones those where it is, in each location."""

    family: str
    cores: int
    memory_gb: float
    generations: str = "V1,V2"
    architecture: str = "x64"
    controllers: str = "SCSI"
    accelerated: bool = True
    premium: bool = True
    ephemeral_gb: int = 0
    spot: bool = True
    encryption: bool = True
    data_disks: int = 4
    restricted: tuple[str, ...] = ()
    zones: tuple[str, ...] = ("1", "2", "3")


SIZES = {
    "Standard_A2_v2": Size(
        "standardAv2Family", 2, 4, "V1", accelerated=False, premium=False, spot=False, encryption=False, zones=()
    ),
    "Standard_B1s": Size("standardBSFamily", 1, 1, accelerated=False, spot=False, data_disks=2),
    "Standard_B2s": Size("standardBSFamily", 2, 4, accelerated=False, spot=False),
    "Standard_D2_v3": Size("standardDv3Family", 2, 8, premium=False),
    "Standard_D2s_v4": Size("standardDSv4Family", 2, 8),
    "Standard_D2s_v5": Size("standardDSv5Family", 2, 8),
    "Standard_D4s_v5": Size("standardDSv5Family", 4, 16, data_disks=8),
    "Standard_D2ds_v5": Size("standardDDSv5Family", 2, 8, ephemeral_gb=75),
    "Standard_D2s_v6": Size("standardDsv6Family", 2, 8, "V2", controllers="NVMe"),
    "Standard_D2ps_v5": Size("standardDPSv5Family", 2, 8, "V2", "Arm64"),
    "Standard_D2pds_v5": Size("standardDPDSv5Family", 2, 8, "V2", "Arm64", ephemeral_gb=75),
    "Standard_D2ps_v6": Size("standardDpsv6Family", 2, 8, "V2", "Arm64", "NVMe"),
    "Standard_E2s_v5": Size("standardESv5Family", 2, 16, restricted=("westeurope",)),
    "Standard_F2s_v2": Size("standardFSv2Family", 2, 4, zones=("1", "2")),
}


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def newest(versions: t.Iterable[str]) -> str:
    return max(versions, key=numbers)


def generation(number: str) -> str:
    """As a message says it: 2 for V2."""
    return number.removeprefix("V")
