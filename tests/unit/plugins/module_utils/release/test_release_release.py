# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which release is meant, and what it consists of."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._release import release as core
from ansible_collections.flatops.flatcar.plugins.module_utils._release.client import Client
from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError
from ansible_collections.flatops.flatcar.plugins.module_utils._release.openpgp import Verifier
from ansible_collections.flatops.flatcar.tests.standins.release import server as standin


def resolve(client: Client, base_url: str, **changes: str) -> core.Release:
    options = {"channel": "stable", "version": "current", "arch": "amd64", **changes}
    return core.resolve(client, base_url=base_url, **options)


@pytest.mark.parametrize(
    ("channel", "version"), [("stable", "current"), ("lts", "current-2024"), ("stable", standin.VERSION)]
)
def test_resolve(channel: str, version: str, client: Client, mirror) -> None:
    plain = mirror("plain")
    found = resolve(client, plain.base_url, channel=channel, version=version)
    assert found.version == standin.VERSION
    assert found.build_id == standin.BUILD_ID
    assert found.built is not None
    assert found.built.isoformat() == "2026-08-11T23:50:00+00:00"
    assert found.url == plain.folder.replace("/stable/", f"/{channel}/")


@pytest.mark.parametrize(
    ("fault", "changes", "code", "says"),
    [
        ("plain", {"version": "4593.2.4"}, "not_found", "no release 4593.2.4 of the channel stable for amd64"),
        ("plain", {"channel": "beta"}, "not_found", "channel beta"),
        ("plain", {"version": "newest"}, "bad_option", "newest"),
        ("html", {}, "unexpected_content", "version.txt"),
        ("denied", {}, "http_status", "403"),
    ],
)
def test_resolve_in_vain(fault: str, changes: dict[str, str], code: str, says: str, client: Client, mirror) -> None:
    with pytest.raises(ReleaseError, match=says) as caught:
        resolve(client, mirror(fault).base_url, **changes)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("build_id", "built"),
    [("2022-08-29-1855", "2022-08-29T18:55:00+00:00"), ("", None), ("nightly-20260821-2100", None)],
)
def test_build_date(build_id: str, built: str | None) -> None:
    moment = core._built(build_id)
    assert (moment and moment.isoformat()) == built


def described(
    client: Client, verifier: Verifier, base_url: str, arch: str = "amd64"
) -> tuple[dict[str, t.Any], list[str]]:
    return core.describe(client, resolve(client, base_url, arch=arch), verifier)


def test_describe(client: Client, verifier: Verifier, mirror) -> None:
    plain = mirror("plain")
    found, warnings = described(client, verifier, plain.base_url)
    platforms = found.pop("platforms")
    assert not warnings
    assert found == {
        "channel": "stable",
        "version": "4593.2.5",
        "arch": "amd64",
        "build_id": "2026-08-11-2350",
        "build_date": "2026-08-11T23:50:00Z",
        "ignition_version": "2.24.0",
        "ignition_spec": "3.5.0",
        "url": plain.folder,
    }
    name = "flatcar_production_azure_image.vhd.bz2"
    assert platforms["azure"] == {
        "files": [
            {
                "name": name,
                "size": standin.LARGE,
                "url": plain.folder + name,
                "signature_url": plain.folder + name + ".sig",
                "digests_url": plain.folder + name + ".DIGESTS",
                "signed_digests_url": plain.folder + name + ".DIGESTS.asc",
            }
        ]
    }
    for file in platforms["azure"]["files"]:
        assert all(client.head(address) for key, address in file.items() if key.endswith("url"))
    assert platforms["aws"]["amis"] == {"ap-southeast-1": "ami-0a1", "eu-central-1": "ami-0e2"}
    assert {key: value for key, value in platforms["gcp"].items() if key != "files"} == {
        "project": "kinvolk-public",
        "family": "flatcar-stable",
        "image": "projects/kinvolk-public/global/images/flatcar-stable-4593-2-5",
    }
    names = {platform: [file["name"] for file in each["files"]] for platform, each in platforms.items()}
    prefix = "flatcar_production_"
    assert {platform: [name.removeprefix(prefix) for name in each] for platform, each in names.items()} == {
        "aws": ["ami_vmdk_image.vmdk.bz2"],
        "azure": ["azure_image.vhd.bz2"],
        "gcp": ["gce.tar.gz"],
        "iso": ["iso_image.iso"],
        "openstack": ["openstack_image.img", "openstack_image.img.gz", "openstack_image.img.bz2"],
        "pxe": ["pxe_image.cpio.gz", "pxe.vmlinuz"],
        "qemu": ["qemu_image.img", "qemu_uefi_image.img", "qemu_uefi_efi_code.qcow2", "qemu_uefi_efi_vars.qcow2"],
        "vmware": ["vmware_ova.ova"],
    }


def test_describe_another_architecture(client: Client, verifier: Verifier, mirror) -> None:
    found, dummy = described(client, verifier, mirror("plain").base_url, "arm64")
    platforms = found["platforms"]
    assert sorted(platforms) == ["aws", "azure", "gcp", "qemu"]
    assert sorted(platforms["gcp"]) == ["files"], "there is no image of Google Cloud for arm64"
    assert sorted(platforms["aws"]) == ["amis", "files"]


def test_describe_without_signatures(client: Client, verifier: Verifier, mirror) -> None:
    found, warnings = described(client, verifier, mirror("unsigned").base_url)
    assert "amis" not in found["platforms"]["aws"]
    assert [text for text in warnings if "has no signature" in text] == warnings != []


@pytest.mark.parametrize(
    ("fault", "code"), [("foreign", "unknown_key"), ("wrong_signature", "bad_signature"), ("late", "key_expired")]
)
def test_amis_of_somebody_else(fault: str, code: str, client: Client, verifier: Verifier, mirror) -> None:
    with pytest.raises(ReleaseError, match=r"flatcar_production_ami_all\.json") as caught:
        described(client, verifier, mirror(fault).base_url)
    assert caught.value.code == code
