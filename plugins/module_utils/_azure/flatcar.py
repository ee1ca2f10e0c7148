# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What Flatcar publishes on Azure, and under which names.

Source: the page "Running Flatcar Container Linux on Microsoft Azure" of the Flatcar documentation (flatcar-website);
for the gallery of Kubernetes images the page "Flatcar Clusters" of cluster-api-provider-azure.
"""

from __future__ import annotations

import re

CHANNELS = ("stable", "beta", "alpha", "lts")
#: What releases call an architecture -> what Azure calls it.
ARCHES = {"amd64": "x64", "arm64": "Arm64"}
GENERATIONS = ("V1", "V2")

PUBLISHER = "kinvolk"
#: The recommended offer of an architecture. That of amd64 has plans, whose terms must be accepted.
OFFERS = {"amd64": "flatcar-container-linux-free", "arm64": "flatcar-container-linux-corevm"}
#: The same images for amd64 without a plan.
NO_TERMS_OFFER = "flatcar-container-linux-corevm-amd64"

TEST_GALLERY = "flatcar4capi-742ef0cb-dcaa-4ecb-9cb0-bfd2e43dccc0"
#: Short name -> public name.
COMMUNITY_GALLERIES = {
    "flatcar": "flatcar-23485951-527a-48d6-9d11-6931ff0afc2e",
    "flatcar4capi": TEST_GALLERY,
}

_GEN2 = "-gen2"
_LTS = re.compile(r"lts(?P<year>\d{4})?")
_DEFINITION = re.compile(r"flatcar-(?P<channel>[a-z]+)-(?P<arch>[a-z0-9]+)(?:-capi-v(?P<kubernetes>\d+\.\d+\.\d+))?")


def sku(channel: str, generation: str, arch: str) -> str:
    """The SKU that this channel has by custom; what its images are is for the images to say."""
    return channel + (_GEN2 if generation == "V2" and arch == "amd64" else "")


def channel_of(name: str) -> str | None:
    """The channel of a SKU or image definition, None where the name is none of Flatcar's."""
    found = _DEFINITION.fullmatch(name)
    if found:
        return found["channel"] if found["channel"] in CHANNELS else None
    base = name.removesuffix(_GEN2)
    if _LTS.fullmatch(base):
        return "lts"
    return base if base in CHANNELS else None


def stream(name: str) -> int:
    """The year of the LTS that a SKU is for, 0 where it has none."""
    found = _LTS.match(name)
    return int(found["year"] or 0) if found else 0


def kubernetes_of(definition: str) -> str | None:
    """The version of Kubernetes that is in the images of a definition."""
    found = _DEFINITION.fullmatch(definition)
    return found["kubernetes"] if found else None
