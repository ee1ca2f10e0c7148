# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The variants and versions of butane 0.29.0: what each is made of and what each forbids."""

from __future__ import annotations

import dataclasses
import typing as t

#: Members of the result that a variant forbids, as a tree of member names in the order of the specification, with
#: the message at the leaves. A forbidden member that is present is one error; what lies below it is not looked at.
Filters = t.Mapping[str, t.Union[str, "Filters"]]

EXPERIMENTAL = "3.7.0-experimental"


@dataclasses.dataclass(frozen=True, eq=False)
class Variant:
    """One (variant, version): the Ignition specification that it gives and the levels of the schema that it uses.

    fcos and openshift are the minor versions of the Fedora CoreOS and OpenShift specifications that a variant builds
    on, or -1.
    """

    ignition: str
    base: int
    package: str
    fcos: int = -1
    openshift: int = -1
    filters: Filters = dataclasses.field(default_factory=dict)

    @property
    def boot_sugar(self) -> bool:
        """Whether boot_device exists, and with it the checks of the root partition."""
        return self.fcos >= 3

    @property
    def grub(self) -> bool:
        return self.fcos >= 5


_CLEVIS: Filters = {"storage": {"luks": {"clevis": "clevis is not supported in this spec version"}}}
_CEX: Filters = {"storage": {"luks": {"cex": "cex is not currently supported on the target platform"}}}
_NO_DISKS: Filters = {
    "kernelArguments": "kernel argument customization is not supported in this spec version",
    "storage": {
        "disks": "disk customization is not supported in this spec version",
        "filesystems": "filesystem customization is not supported in this spec version",
        "luks": "luks is not supported in this spec version",
        "raid": "raid is not supported in this spec version",
    },
}


def _openshift_filters(minor: int) -> Filters:
    """The fields that the machine config operator cannot apply or change."""
    user = (
        'fields other than "name", "ssh_authorized_keys", and "password_hash" (4.13.0+) are not supported'
        " in this spec version"
    )
    refused = ["gecos", "groups", "homeDir", "noCreateHome", "noLogInit", "noUserGroup", "passwordHash"]
    refused += ["primaryGroup", "shell", "shouldExist", "system", "uid"]
    if minor >= 13:
        refused.remove("passwordHash")
    contents = {"httpHeaders": "file HTTP headers are not supported in this spec version"}
    if minor < 10:
        contents = {"compression": "file compression is not supported in this spec version", **contents}
    filters: dict[str, t.Any] = {
        "passwd": {
            "groups": "groups are not supported in this spec version",
            "users": dict.fromkeys(refused, user),
        },
        "storage": {
            "directories": "directories are not supported in this spec version",
            "files": {"append": "appending to files is not supported in this spec version", "contents": contents},
            "links": "links are not supported in this spec version",
        },
    }
    if minor < 14:
        return filters
    karg = (
        "this section cannot be used for kernel arguments in this spec version; use openshift.kernel_arguments instead"
    )
    return {"kernelArguments": karg, **filters}


def _openshift(minor: int) -> Variant:
    if minor >= 23:
        return Variant(EXPERIMENTAL, 8, "v4_23_exp", 8, minor, _openshift_filters(minor))
    ignition, base, fcos = ("3.2.0", 3, 3) if minor < 14 else ("3.4.0", 5, 5) if minor < 19 else ("3.5.0", 6, 6)
    return Variant(ignition, base, f"v4_{minor}", fcos, minor, _openshift_filters(minor))


VARIANTS: dict[tuple[str, str], Variant] = {
    ("flatcar", "1.0.0"): Variant("3.3.0", 4, "v1_0", filters=_CLEVIS),
    ("flatcar", "1.1.0"): Variant("3.4.0", 5, "v1_1", filters=_CLEVIS),
    ("flatcar", "1.2.0-experimental"): Variant(EXPERIMENTAL, 8, "v1_2_exp", filters=_CEX),
    ("fcos", "1.0.0"): Variant("3.0.0", 1, "v1_0", 0),
    ("fcos", "1.1.0"): Variant("3.1.0", 2, "v1_1", 1),
    ("fcos", "1.2.0"): Variant("3.2.0", 3, "v1_2", 2),
    ("fcos", "1.3.0"): Variant("3.2.0", 3, "v1_3", 3),
    ("fcos", "1.4.0"): Variant("3.3.0", 4, "v1_4", 4),
    ("fcos", "1.5.0"): Variant("3.4.0", 5, "v1_5", 5),
    ("fcos", "1.6.0"): Variant("3.5.0", 6, "v1_6", 6),
    ("fcos", "1.7.0"): Variant("3.6.0", 7, "v1_7", 7),
    ("fcos", "1.8.0-experimental"): Variant(EXPERIMENTAL, 8, "v1_8_exp", 8),
    ("r4e", "1.0.0"): Variant("3.3.0", 4, "v1_0", filters=_NO_DISKS),
    ("r4e", "1.1.0"): Variant("3.4.0", 5, "v1_1", filters=_NO_DISKS),
    ("r4e", "1.2.0-experimental"): Variant(EXPERIMENTAL, 8, "v1_2_exp", filters=_NO_DISKS),
    ("fiot", "1.0.0"): Variant("3.4.0", 5, "v1_0", filters=_NO_DISKS),
    ("fiot", "1.1.0-experimental"): Variant(EXPERIMENTAL, 8, "v1_1_exp", filters=_NO_DISKS),
    **{("openshift", f"4.{minor}.0"): _openshift(minor) for minor in range(8, 23)},
    ("openshift", "4.23.0-experimental"): _openshift(23),
}
