# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A digest of what a config says, however it is written."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.contents import body


def fingerprint(config: schema.Config) -> str:
    """SHA-256 in hexadecimal of a canonical form of a valid config.

    It does not change with the order of members, with empty objects and lists, with compression, or with the encoding
    and media type of a data URL. It does change with the order of lists and with the spec version.
    """
    version = schema.version_of(config)
    canonical = _object(schema.root(version), config)
    canonical["ignition"]["version"] = version
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()


def _object(struct: schema.Struct, value: schema.Config) -> schema.Config:
    canonical = {}
    for field in struct.fields:
        member = _member(field, value.get(field.name))
        if member is not None:
            canonical[field.name] = member
    return _resource(value, canonical) if "source" in struct.by_name else canonical


def _member(field: schema.Field, member: t.Any) -> t.Any:
    """The canonical form of a member; None when it says nothing."""
    if field.is_list:
        return [_object(field.struct, item) if field.struct else item for item in member or ()] or None
    if member is None or not (member or field.pointer):
        return None
    if field.struct:
        return _object(field.struct, member) or ({} if field.pointer else None)
    return member


def _resource(resource: schema.Config, canonical: schema.Config) -> schema.Config:
    if not canonical.get("compression"):
        canonical.pop("compression", None)
    carried = body(resource)
    if carried is not None:
        canonical["source"] = {"sha256": hashlib.sha256(carried.data).hexdigest()}
        if not carried.compressed:
            canonical.pop("compression", None)
    return canonical
