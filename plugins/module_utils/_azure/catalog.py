# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""An image, wherever it comes from: what it is, and how a VM refers to it."""

from __future__ import annotations

import datetime
import types
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure import flatcar
from ansible_collections.flatops.flatcar.plugins.module_utils._azure.version import LATEST, numbers

MARKETPLACE, COMMUNITY, GALLERY, MANAGED = "marketplace", "community_gallery", "gallery", "managed_image"
ACTIVE, SCHEDULED, DEPRECATED = "active", "scheduled", "deprecated"
_GALLERIES = tuple(f"/communitygalleries/{name}/" for name in flatcar.COMMUNITY_GALLERIES.values())


class Image(t.NamedTuple):
    """One version of an image.

    `reference` and `plan` are what the body of a VM holds; reference names the exact version. `place` is the SKU, the
    image definition or the name of a managed image. `generation` ("V1", "V2"), `architecture` ("x64", "Arm64") and
    `disk_gb` are None where the image does not say. `features` are those that Azure lists, such as
    {"DiskControllerTypes": "SCSI, NVMe"}. `ends` is when it is, or was, deprecated. No VM can be made of
    one that is withdrawn; `latest` does not mean one that is excluded.
    """

    kind: str
    place: str
    reference: t.Mapping[str, str]
    version: str | None = None
    urn: str | None = None
    plan: t.Mapping[str, str] | None = None
    generation: str | None = None
    architecture: str | None = None
    disk_gb: int | None = None
    features: t.Mapping[str, str] = types.MappingProxyType({})
    state: str = ACTIVE
    ends: str | None = None
    alternative: str | None = None
    withdrawn: bool = False
    excluded: bool = False
    published: str | None = None
    regions: tuple[str, ...] | None = None
    source: str = ""

    @property
    def controllers(self) -> tuple[str, ...]:
        """The disk controllers that it boots from, in lower case; an image that names none boots from SCSI alone."""
        return tuple(name.strip().lower() for name in self.features.get("DiskControllerTypes", "SCSI").split(","))

    @property
    def arch(self) -> str | None:
        """The architecture as releases call it."""
        return next((arch for arch, name in flatcar.ARCHES.items() if name == self.architecture), None)

    @property
    def release(self) -> str | None:
        """The release of Flatcar in it; None where the version says nothing of it, as in galleries of one's own."""
        if self.kind == MARKETPLACE:
            published = self.reference["publisher"].lower() == flatcar.PUBLISHER
        else:
            published = self.label.lower().startswith(_GALLERIES)
        return self.version if published and flatcar.channel_of(self.place) else None

    def suits(self, generation: str | None, arch: str | None) -> bool:
        """Whether it is of both; None is any. Images that do not say what they are for are not for arm64."""
        return generation in (None, self.generation or generation) and arch in (None, self.arch or "amd64")

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.urn or next(iter(self.reference.values()))

    @property
    def production(self) -> bool:
        """False where its publisher makes it for tests alone."""
        return f"/{flatcar.TEST_GALLERY}/".lower() not in self.label.lower()

    @property
    def warnings(self) -> list[str]:
        """What whoever makes a VM of it should know."""
        told = []
        if self.state == SCHEDULED:
            then = "; no VM can be made of it then" if self.kind == MARKETPLACE else ""
            told.append(f"The image {self.label} will be deprecated at {self.ends}{then}.{self._instead}")
        if self.state == DEPRECATED:
            told.append(f"The image {self.label} is deprecated since {self.ends}.{self._instead}")
        if not self.production:
            told.append(
                f"The image {self.label} is made for tests of Cluster API and gets no security fixes; "
                "do not use it in production."
            )
        return told

    @property
    def _instead(self) -> str:
        return f" Its publisher names instead: {self.alternative}." if self.alternative else ""


def ordered(images: t.Iterable[Image]) -> list[Image]:
    """Newest first, by number."""
    return sorted(images, key=lambda image: numbers(image.version), reverse=True)


def offered(images: t.Iterable[Image], location: str) -> list[Image]:
    """Those that a new VM in a region can be made of, newest first."""
    here = region(location)
    return [
        image for image in ordered(images) if not image.withdrawn and (image.regions is None or here in image.regions)
    ]


def newest(images: t.Iterable[Image], location: str) -> Image | None:
    """The one that `latest` means in a region."""
    return next((image for image in offered(images, location) if not image.excluded), None)


def pick(images: t.Sequence[Image], version: str, location: str) -> Image | None:
    """The one of this version, or for `latest` the newest."""
    if version == LATEST:
        return newest(images, location)
    return next((image for image in offered(images, location) if image.version == version), None)


def region(name: str) -> str:
    """A region as Azure compares them: "West Europe" is "westeurope"."""
    return name.replace(" ", "").lower()


def deprecation(end: str | None) -> tuple[str, str | None]:
    """State and moment of an end of life in ISO 8601."""
    if not end:
        return ACTIVE, None
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return (DEPRECATED if end[:19] <= now else SCHEDULED), end


def features(listed: t.Iterable[t.Mapping[str, str]] | None, version: str | None = None) -> dict[str, str]:
    """What Azure lists as [{name, value, startsAtVersion}], as far as this version has it."""
    return {
        str(each.get("name")): str(each.get("value"))
        for each in listed or ()
        if numbers(version) >= numbers(each.get("startsAtVersion"))
    }


def plan(given: t.Mapping[str, t.Any] | None) -> dict[str, str] | None:
    """The plan of an image as a VM takes it; None for an image that has none."""
    if not given or not given.get("name"):
        return None
    return {key: str(given[key]) for key in ("name", "publisher", "product") if given.get(key)}
