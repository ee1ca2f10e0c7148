# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where a release keeps its files: https://<channel>.release.flatcar-linux.net/<arch>-usr/<version>/<file>.

Sources: build_library/vm_image_util.sh (names), ci-automation/vms.sh (compression, digests and signatures of every
file) and ci-automation/release.sh (AMI lists) in flatcar/scripts; cmd/plume in flatcar/mantle (AMI lists, images of
Google Cloud). `current`, and for the streams of the LTS `current-2024` and so on, stand beside the versions. Which
files there are differs with release and architecture: ask the server.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._release.errors import ReleaseError

BASE_URL = "https://{channel}.release.flatcar-linux.net"
CHANNELS = ("stable", "beta", "alpha", "lts")
ARCHES = ("amd64", "arm64")

SIGNATURE = ".sig"
#: MD5, SHA-1 and SHA-512 of one file, and the same as a cleartext message signed by the image signing key.
DIGESTS = ".DIGESTS"
SIGNED_DIGESTS = ".DIGESTS.asc"

VERSION_FILE = "version.txt"
AMI_LIST = "flatcar_production_ami_all.json"

#: platform -> its images, the one that is most readily used first: the same disk, packed in other ways.
IMAGES = {
    "aws": ("flatcar_production_ami_vmdk_image.vmdk.bz2", "flatcar_production_ami_image.bin.bz2"),
    "azure": ("flatcar_production_azure_image.vhd.bz2",),
    "gcp": ("flatcar_production_gce.tar.gz",),
    "iso": ("flatcar_production_iso_image.iso",),
    "openstack": (
        "flatcar_production_openstack_image.img",
        "flatcar_production_openstack_image.img.gz",
        "flatcar_production_openstack_image.img.bz2",
    ),
    "pxe": ("flatcar_production_pxe_image.cpio.gz",),
    "qemu": (
        "flatcar_production_qemu_image.img",
        "flatcar_production_qemu_image.img.bz2",
        "flatcar_production_qemu_uefi_image.img",
        "flatcar_production_qemu_uefi_image.img.bz2",
    ),
    "vmware": ("flatcar_production_vmware_ova.ova",),
}
#: platform -> what else it boots with.
COMPANIONS = {
    "pxe": ("flatcar_production_pxe.vmlinuz",),
    "qemu": ("flatcar_production_qemu_uefi_efi_code.qcow2", "flatcar_production_qemu_uefi_efi_vars.qcow2"),
}

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_CURRENT = re.compile(r"current(-\d{4})?")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def check_version(version: str) -> str:
    if _VERSION.fullmatch(version) or _CURRENT.fullmatch(version):
        return version
    raise ReleaseError(
        "bad_option",
        f"version {version!r} is neither current, nor current-YEAR (a stream of the LTS), nor exact as in 4593.2.5.",
    )


def is_exact(version: str) -> bool:
    return bool(_VERSION.fullmatch(version))


def check_file(name: str) -> str:
    if _FILE.fullmatch(name):
        return name
    raise ReleaseError("bad_option", f"file {name!r} is not the bare name of a file in the folder of a release.")


def folder(base_url: str, channel: str, arch: str, version: str) -> str:
    """The address of a release's folder, with a slash at its end; {channel} in base_url stands for the channel."""
    return f"{base_url.replace('{channel}', channel)}/{arch}-usr/{version}/"


def gcp_image(channel: str, version: str) -> dict[str, t.Any]:
    """The image of Google Cloud that a release becomes: there is no list of them, but a rule for their names."""
    return {
        "project": "kinvolk-public",
        "family": f"flatcar-{channel}",
        "image": f"projects/kinvolk-public/global/images/flatcar-{channel}-{version.replace('.', '-')}",
    }
