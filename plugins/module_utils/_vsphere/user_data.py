# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a machine is given to make itself of: an Ignition config, or the user data of coreos-cloudinit."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import ignition
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

# What reads Ignition is imported where there is some: loading it takes as long as all else that a module loads.
if t.TYPE_CHECKING:
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema


class UserData(t.NamedTuple):
    """kind is "ignition", "cloud-config" or "script"; config is None unless it is Ignition of the specification 3.

    sha256 stands for what the data say: of a config of the specification 3 it is the fingerprint, which does not
    change with the way in which the config is written, of anything else the digest of the bytes without the white
    space around them.
    """

    data: bytes
    kind: str
    sha256: str
    config: schema.Config | None
    warnings: list[str]

    @property
    def is_ignition(self) -> bool:
        return self.kind == "ignition"


def user_data_kind(data: bytes) -> str:
    """The kind by the first line, as Flatcar tells them apart; whether it is valid Ignition is not looked at.

    Source: flatcar/ignition, internal/exec/util and config: a line of "#cloud-config", or one that begins with "#!".
    """
    first = data.split(b"\n", 1)[0].rstrip()
    return "cloud-config" if first == b"#cloud-config" else "script" if first.startswith(b"#!") else "ignition"


def read(data: bytes) -> UserData:
    """The user data in bytes; VsphereError "ignition_invalid" for what is neither of coreos-cloudinit nor Ignition."""
    kind = user_data_kind(data)
    if kind != "ignition":
        return UserData(data, kind, ignition.digest(data), None, [])
    try:
        given = ignition.read(data)
    except ignition.InvalidIgnition as error:
        raise VsphereError(
            "ignition_invalid",
            f"The user data are no valid Ignition config: {error}. Give Ignition, or text whose first line is "
            "#cloud-config or begins with #!.",
        ) from None
    return UserData(data, kind, given.sha256, given.config, given.warnings)


def with_hostname(given: UserData, name: str) -> UserData:
    """The Ignition config with a file for the host name merged into it.

    VsphereError "bad_option" for a config of the specification 2, into which nothing can be merged.
    """
    if given.config is None:
        what = "hostname cannot be merged into a config of the specification 2; describe /etc/hostname in the config"
        raise VsphereError("bad_option", what)
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import emit, hostname
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.fingerprint import fingerprint
    from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import merge

    config = merge([given.config, hostname.config(name)])
    return given._replace(data=emit.dumps(config).encode(), sha256=fingerprint(config), config=config)


def same(data: bytes, sha256: str) -> bool:
    """Whether bytes that a machine has say what a digest of UserData stands for."""
    try:
        return read(data).sha256 == sha256
    except VsphereError:
        return False


def url_digest(url: str) -> str:
    """What stands for a config that the machine fetches from a URL."""
    return hashlib.sha256(json.dumps({"url": url}).encode()).hexdigest()
