# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The Ignition config of a VM: where it comes from, and whether a VM can hold and boot it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._azure.errors import AzureError
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet import ignition
from ansible_collections.flatops.flatcar.plugins.module_utils._fleet.ignition import Ignition
from ansible_collections.flatops.flatcar.plugins.module_utils._release import ignition as releases

#: Bytes before they are encoded. Source: the description of OSProfile.customData in the specification of Azure's
#: compute API. Its documentation says "64 KB" of user data; whether that is one byte more is not known.
LIMIT = 65535

_RELEASE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


def read(options: t.Mapping[str, t.Any]) -> Ignition | None:
    """What is given, checked; AzureError ignition_invalid or userdata_too_large."""
    data = _data(options)
    if data is None:
        return None
    try:
        given = ignition.read(data)
    except ignition.InvalidIgnition as error:
        raise AzureError("ignition_invalid", f"This is no valid Ignition config: {error}.") from None
    where = options["ignition_in"].replace("_", " ")
    if len(data) > LIMIT:
        raise AzureError(
            "userdata_too_large",
            f"The Ignition config has {len(data)} bytes, and {where} of a VM holds {LIMIT}. "
            "Compress contents of files (butane does), or give a small config that merges the whole one "
            "(ignition.config.merge) from a storage account.",
        )
    return given


def check_boots(given: Ignition | None, version: str | None) -> None:
    """AzureError ignition_invalid where a Flatcar version is too old for the specification of the config.

    Versions that are not known to be Flatcar's pass. Experimental specifications count as the one that is to come.
    """
    newest = releases.newest_spec(version) if version and _RELEASE.fullmatch(version) else None
    spec = given.spec if given else None
    if spec is None or newest is None:
        return
    numbers, experimental = _numbers(spec.partition("-")[0]), "-" in spec
    most = _numbers(newest)
    if numbers > most and not (experimental and numbers[:2] == (most[0], most[1] + 1)):
        raise AzureError(
            "ignition_invalid",
            f"The Ignition config is of the specification {spec}, and Flatcar {version} boots at most {newest}: it "
            "would not come up. Take a newer image, or an older version of the Butane variant.",
        )


def _data(options: t.Mapping[str, t.Any]) -> bytes | None:
    if options["ignition"] is not None:
        return str(options["ignition"]).encode()
    path = options["ignition_file"]
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise AzureError("bad_option", f"ignition_file {path} cannot be read: {error.strerror}.") from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
