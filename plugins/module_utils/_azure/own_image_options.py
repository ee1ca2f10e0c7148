# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options of an own image: what it is made of, what it becomes, and where it is stored on the way."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._release import arguments

#: Kinds of redundancy of accounts that can hold page blobs.
ACCOUNT_TYPES = (
    "Standard_LRS",
    "Standard_ZRS",
    "Standard_GRS",
    "Standard_RAGRS",
    "Standard_GZRS",
    "Standard_RAGZRS",
    "Premium_LRS",
)
REPLICA_TYPES = ("Standard_LRS", "Standard_ZRS", "Premium_LRS")
ARCHITECTURES = {"amd64": "x64", "arm64": "Arm64"}
KEY, LOGIN = "key", "login"

_SOURCE: dict[str, dict[str, t.Any]] = {
    **arguments.RELEASE,
    "url_ca_path": {"type": "path"},
    "url_validate_certs": {"type": "bool", "default": True},
    "vhd": {"type": "path"},
    "work_dir": {"type": "path", "default": "~/.cache/flatops"},
}
_IMAGE: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "resource_group": {"type": "str", "required": True},
    "create_resource_group": {"type": "bool", "default": False},
    "location": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "generation": {"type": "str", "choices": ["V1", "V2"], "default": "V2"},
    "tags": {"type": "dict"},
    "gallery": {"type": "str"},
    "gallery_version": {"type": "str"},
    "create_gallery": {"type": "bool", "default": False},
    "identifier": {
        "type": "dict",
        "options": {name: {"type": "str", "required": True} for name in ("publisher", "offer", "sku")},
    },
    "purchase_plan": {
        "type": "dict",
        "options": {name: {"type": "str", "required": True} for name in ("name", "product", "publisher")},
    },
    "disk_controllers": {"type": "list", "elements": "str", "choices": ["SCSI", "NVMe"]},
    "replication_regions": {"type": "list", "elements": "str"},
    "replicas": {"type": "int", "default": 1},
    "replica_storage": {"type": "str", "choices": list(REPLICA_TYPES), "default": REPLICA_TYPES[0]},
    "on_immutable_change": {"type": "str", "choices": ["fail", "replace"], "default": "fail"},
}
_STORAGE: dict[str, dict[str, t.Any]] = {
    "storage_account": {"type": "str"},
    "storage_account_resource_group": {"type": "str"},
    "storage_account_type": {"type": "str", "choices": list(ACCOUNT_TYPES), "default": ACCOUNT_TYPES[0]},
    "create_storage_account": {"type": "bool", "default": False},
    "storage_auth": {"type": "str", "choices": [KEY, LOGIN], "default": KEY},
    "container": {"type": "str", "default": "vhds"},
    "keep_blob": {"type": "bool", "default": True},
    "read_back": {"type": "bool", "default": True},
    "threads": {"type": "int", "default": 8},
}
SPEC = {**_SOURCE, **_IMAGE, **_STORAGE, "progress_file": {"type": "path"}}
MUTUALLY_EXCLUSIVE = [("channel", "vhd")]
REQUIRED_BY = {"url_password": "url_username"}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
_GALLERY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9_])?")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
_VERSION = re.compile(r"(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})")
#: Numbers of a version are 32 bits wide.
_LARGEST = (1 << 31) - 1


class Storage(t.NamedTuple):
    """Where the blob lies. create says that the account may be made, with type as its redundancy."""

    group: str
    account: str
    type: str
    create: bool
    auth: str
    container: str
    keep: bool
    read_back: bool
    threads: int


class Wanted(t.NamedTuple):
    """The image: a managed one, or with gallery a version (None: that of the release) of the definition name.

    regions are those to which a version is replicated besides location, plain (westeurope); None leaves those of a
    version that is there. plan is {name, product, publisher}.
    """

    name: str
    group: str
    create_group: bool
    location: str | None
    generation: str
    architecture: str
    tags: dict[str, str]
    gallery: str | None
    version: str | None
    create_gallery: bool
    identifier: dict[str, str]
    plan: dict[str, str] | None
    controllers: tuple[str, ...]
    regions: tuple[str, ...] | None
    replicas: int
    replica_storage: str
    replace: bool

    @property
    def label(self) -> str:
        """What messages call it."""
        if self.gallery is None:
            return f"the image {self.name}"
        return f"version {self.version} of {self.name} in the gallery {self.gallery}"


def wanted(given: t.Mapping[str, t.Any]) -> Wanted:
    """What the options mean; AzureError for those that contradict each other or that Azure would refuse."""
    name = given["name"] or (f"flatcar-{given['channel']}" if given["channel"] else None)
    if not name:
        raise AzureError("bad_option", "name is missing; only with channel it has a default, flatcar-<channel>.")
    _fits("name", name, _NAME, "letters, digits, and within it . _ and -, at most 80 of them")
    if given["gallery"] is None:
        _managed(given)
    else:
        _fits("gallery", given["gallery"], _GALLERY, "letters, digits, and within it . and _, at most 80 of them")
    if given["gallery_version"] is not None:
        check_version(given["gallery_version"])
    if not 1 <= given["replicas"] <= 100:
        raise AzureError("bad_option", f"replicas is {given['replicas']}; it is from 1 to 100.")
    tags = {key: str(value) for key, value in (given["tags"] or {}).items()}
    return Wanted(
        name=name,
        group=given["resource_group"],
        create_group=given["create_resource_group"],
        location=plain(given["location"]) if given["location"] else None,
        generation=given["generation"],
        architecture=ARCHITECTURES[given["arch"]],
        tags=tags,
        gallery=given["gallery"],
        version=given["gallery_version"],
        create_gallery=given["create_gallery"],
        identifier=given["identifier"] or {"publisher": "flatcar", "offer": "flatcar", "sku": name},
        plan=given["purchase_plan"],
        controllers=tuple(dict.fromkeys(given["disk_controllers"] or ())),
        regions=_regions(given["replication_regions"]),
        replicas=given["replicas"],
        replica_storage=given["replica_storage"],
        replace=given["on_immutable_change"] == "replace",
    )


def _regions(given: t.Sequence[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(dict.fromkeys(plain(region) for region in given))


def storage(given: t.Mapping[str, t.Any]) -> Storage | None:
    """Where the blob goes; None where no storage account is named."""
    account = given["storage_account"]
    if not 1 <= given["threads"] <= 32:
        raise AzureError("bad_option", f"threads is {given['threads']}; it is from 1 to 32.")
    if account is None:
        return None
    _fits("storage_account", account, _ACCOUNT, "3 to 24 lower-case letters and digits")
    _fits("container", given["container"], _CONTAINER, "3 to 63 lower-case letters, digits and single dashes between")
    return Storage(
        group=given["storage_account_resource_group"] or given["resource_group"],
        account=account,
        type=given["storage_account_type"],
        create=given["create_storage_account"],
        auth=given["storage_auth"],
        container=given["container"],
        keep=given["keep_blob"],
        read_back=given["read_back"],
        threads=given["threads"],
    )


def plain(location: str) -> str:
    """A location as Azure writes it in names: "West Europe" is westeurope."""
    return location.replace(" ", "").lower()


def check_version(version: str) -> str:
    if not _VERSION.fullmatch(version) or any(int(part) > _LARGEST for part in version.split(".")):
        raise AzureError(
            "bad_option", f"gallery_version {version!r} is not of the form 1.2.3, with numbers of at most {_LARGEST}."
        )
    return version


def _managed(given: t.Mapping[str, t.Any]) -> None:
    """What only a version in a gallery can have."""
    for name in ("gallery_version", "purchase_plan", "disk_controllers", "replication_regions", "identifier"):
        if given[name]:
            raise AzureError("bad_option", f"{name} is for an image in a gallery: give gallery as well.")
    if given["arch"] != "amd64":
        # "Image - Create Or Update" of the REST API knows no architecture.
        raise AzureError(
            "unsupported", "A managed image cannot say that it is for Arm64: give gallery, to make a version there."
        )


def _fits(option: str, value: str, pattern: re.Pattern[str], rule: str) -> None:
    if not pattern.fullmatch(value):
        raise AzureError("bad_option", f"{option} {value!r} is no name that Azure takes: {rule}.")
