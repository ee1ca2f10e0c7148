# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A config of one spec version as a config of a newer one, as Ignition translates it, side effects included.

Source: config/v3_*/translate/translate.go of Ignition 2.26.0. What a version does not know is gone before, since a
config has only what its own version's types could read.
"""

from __future__ import annotations

import copy

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema

_SPECIAL_BITS = 0o7000


def upgrade(config: schema.Config, version: str) -> schema.Config:
    """A copy of a valid config in a spec version, which is its own or a later one; schema.VERSIONS has both."""
    upgraded = copy.deepcopy(config)
    old, new = schema.minor(schema.version_of(config)), schema.minor(version)
    storage = upgraded.get("storage") or {}
    if old < 1 <= new:
        tls = ((upgraded["ignition"].get("security") or {}).get("tls")) or {}
        _make_present(tls.get("certificateAuthorities"), "source")
    if old < 3 <= new:
        # Strings became optional: an absent one is now a present "", which overrides when it is merged.
        _make_present(storage.get("links"), "target")
        _make_present(storage.get("raid"), "level")
        custom = [(volume.get("clevis") or {}).get("custom") for volume in storage.get("luks") or ()]
        _make_present([item for item in custom if item is not None], "config", "pin")
    if old < 5 <= new:
        # The translation from 3.4 to 3.5 copies only the other two members.
        for volume in storage.get("luks") or ():
            for tang in (volume.get("clevis") or {}).get("tang") or ():
                tang.pop("advertisement", None)
    if old < 6 <= new:
        # Before 3.6 these bits had no effect, and they shall not gain one.
        for kind in ("directories", "files"):
            for node in storage.get(kind) or ():
                if node.get("mode") is not None:
                    node["mode"] &= ~_SPECIAL_BITS
    upgraded["ignition"]["version"] = version
    return upgraded


def _make_present(items: list[schema.Config] | None, *members: str) -> None:
    for item in items or ():
        for member in members:
            item.setdefault(member, "")
