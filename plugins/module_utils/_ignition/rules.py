# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of a valid Ignition config: the first pass of Ignition's validation, and the last of butane's.

Each module rules_* holds one area; the order of entries is that of Ignition's walk: an object's own findings first,
then its members in the order of the schema. Source: config/v3_*/types of Ignition 2.26.0.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import (
    rules_disks,
    rules_resource,
    rules_storage,
    rules_systemd,
    schema,
    semver,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gourl import parse
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

INVALID_VERSION = "invalid config version (couldn't parse)"
UNKNOWN_VERSION = "unsupported config version"

#: Releases of Ignition whose rules differ. Butane 0.29.0 embeds 2.26. What came after it lets a disk delete one
#: partition and create number 0 beside it (in every spec version), and takes virtiofs filesystems in
#: 3.7.0-experimental. Source: config/v3_*/types/disk.go and config/v3_7_experimental/types/filesystem.go.
IGNITION_2_26 = "2.26"
IGNITION_NEXT = "next"


def check(config: schema.Config, version: str, *, release: str = IGNITION_2_26) -> list[Entry]:
    """What the rules of a spec version find in a config, errors and warnings in Ignition's order.

    version is one of schema.VERSIONS, release IGNITION_2_26 or IGNITION_NEXT.
    """
    found: list[Entry] = []
    minor = schema.minor(version)
    storage = config.get("storage") or {}
    systemd = config.get("systemd") or {}
    _check_unit_paths(storage, systemd, found)
    _check_ignition(config.get("ignition") or {}, version, minor, found)
    if storage:
        rules_storage.check_parents(storage, minor, found)
        rules_storage.check_directories(storage, minor, found)
        rules_disks.check_disks(storage, release == IGNITION_2_26, found)
        rules_storage.check_files(storage, minor, found)
        rules_disks.check_filesystems(storage, minor, release != IGNITION_2_26, found)
        rules_storage.check_links(storage, found)
        rules_disks.check_luks(storage, minor, found)
        rules_disks.check_raid(storage, minor, found)
    if systemd:
        rules_systemd.check(systemd, found)
    return found


def _check_unit_paths(storage: schema.Config, systemd: schema.Config, found: list[Entry]) -> None:
    """A path in storage may not be that of a unit or drop-in with contents."""
    paths = set()
    for unit in systemd.get("units") or ():
        path = f"/etc/systemd/system/{unit.get('name') or ''}"
        if unit.get("contents"):
            paths.add(path)
        for dropin in unit.get("dropins") or ():
            if dropin.get("contents"):
                paths.add(f"{path}.d/{dropin.get('name') or ''}")
    for kind in ("files", "directories", "links") if paths else ():
        for index, node in enumerate(storage.get(kind) or ()):
            if node.get("path") in paths:
                message = "path conflicts with systemd unit or dropin"
                found.append(Entry("error", ("storage", kind, index, "path"), message))


def _check_ignition(ignition: schema.Config, version: str, minor: int, found: list[Entry]) -> None:
    normal = semver.normal(ignition.get("version") or "")
    if normal != version:
        message = INVALID_VERSION if normal is None else UNKNOWN_VERSION
        found.append(Entry("error", ("ignition", "version"), message))
    config = ignition.get("config") or {}
    path: Path = ("ignition", "config")
    _check_required_resources(config.get("merge") or (), (*path, "merge"), minor, found)
    if minor == 0:
        rules_resource.check_reference(config.get("replace") or {}, (*path, "replace"), minor, found)
    else:
        rules_resource.check_resource(config.get("replace") or {}, (*path, "replace"), minor, found)
    _check_proxy(ignition.get("proxy") or {}, found)
    tls = (ignition.get("security") or {}).get("tls") or {}
    authorities = tls.get("certificateAuthorities") or ()
    path = ("ignition", "security", "tls", "certificateAuthorities")
    if minor == 0:
        for index, authority in enumerate(authorities):
            problem = rules_resource.url_error(authority.get("source") or "", minor)
            if problem:
                found.append(Entry("error", (*path, index, "source"), problem))
            rules_resource.check_verification(authority, (*path, index), minor, found)
    else:
        _check_required_resources(authorities, path, minor, found)


def _check_required_resources(resources: t.Sequence[schema.Config], path: Path, minor: int, found: list[Entry]) -> None:
    """Lists of resources that need a source: a bad URL is reported at the item and again at its source."""
    if minor == 0:
        for index, resource in enumerate(resources):
            rules_resource.check_reference(resource, (*path, index), minor, found)
        return
    for index, resource in enumerate(resources):
        source = resource.get("source")
        message = rules_resource.url_error(source, minor) if source else "source is required"
        if message:
            found.append(Entry("error", (*path, index), message))
    for index, resource in enumerate(resources):
        rules_resource.check_resource(resource, (*path, index), minor, found)


def _check_proxy(proxy: schema.Config, found: list[Entry]) -> None:
    for member in ("httpProxy", "httpsProxy"):
        value = proxy.get(member)
        if value is None:
            continue
        url = parse(value)
        path = ("ignition", "proxy", member)
        if url is None:
            found.append(Entry("error", path, rules_resource.BAD_URL))
        elif url.scheme not in ("http", "https"):
            found.append(Entry("error", path, "proxies must be http(s)"))
        elif url.scheme == "http" and member == "httpsProxy":
            found.append(Entry("warning", path, "insecure plaintext HTTP proxy specified for HTTPS resources"))
