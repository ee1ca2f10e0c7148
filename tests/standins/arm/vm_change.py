# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be changed of a VM that is there."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Json
from ansible_collections.flatops.flatcar.tests.standins.arm.kinds import Put, fixed

#: Paths below properties that stay as they were made, with the names that errors give them.
_FIXED = {
    "osProfile.customData": "osProfile.customData",
    "osProfile.adminUsername": "osProfile.adminUsername",
    "osProfile.computerName": "osProfile.computerName",
    "osProfile.linuxConfiguration.ssh": "linuxConfiguration.ssh.publicKeys",
    "osProfile.linuxConfiguration.disablePasswordAuthentication": "linuxConfiguration.disablePasswordAuthentication",
    "storageProfile.osDisk.name": "osDisk.name",
    "storageProfile.osDisk.createOption": "osDisk.createOption",
    "storageProfile.osDisk.diffDiskSettings": "osDisk.diffDiskSettings",
    "availabilitySet": "availabilitySet.id",
    "priority": "priority",
    "securityProfile.securityType": "securityProfile.securityType",
}


def at(properties: Json, path: str) -> t.Any:
    """What lies at a path, None where nothing does."""
    found: t.Any = properties
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def check(put: Put, secret: Json) -> None:
    """ArmError (PropertyChangeNotAllowed) where a write changes what cannot be. secret holds what is not told."""
    assert put.old
    before = put.old["properties"]
    for path, target in _FIXED.items():
        now = at(put.properties, path)
        was = secret.get("customData") if path == "osProfile.customData" else at(before, path)
        if now is not None and not _same(now, was):
            raise fixed(target)
    now, was = (_source(each) for each in (put.properties, before))
    if now and now != was:
        raise fixed("imageReference")
    for name in ("zones", "plan"):
        if put.sent.get(name) is not None and put.sent[name] != put.old.get(name):
            raise fixed(name)


def _same(now: t.Any, was: t.Any) -> bool:
    if isinstance(now, dict) and isinstance(was, dict):
        return now == was
    return str(now).lower() == str(was).lower() if isinstance(now, str) else bool(now == was)


def _source(properties: Json) -> dict[str, str]:
    reference = at(properties, "storageProfile.imageReference") or {}
    return {name: str(value).lower() for name, value in reference.items() if name != "exactVersion"}


def keep(new: Json, old: Json) -> None:
    """A PUT leaves alone what it does not name; what was known of the VM stays."""
    for name, value in old.items():
        if name not in new:
            new[name] = value
        elif isinstance(value, dict) and isinstance(new[name], dict):
            keep(new[name], value)
