# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of systemd units and drop-ins."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import gopath, schema, unitfile
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import quoted
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

_INSTANCE = re.compile(r"(.+?)@.+?\.service\Z")
_EXTENSIONS = frozenset(
    (
        ".service",
        ".socket",
        ".device",
        ".mount",
        ".automount",
        ".swap",
        ".target",
        ".path",
        ".timer",
        ".snapshot",
        ".slice",
        ".scope",
    )
)


def check(systemd: schema.Config, found: list[Entry]) -> None:
    units = systemd.get("units") or ()
    _check_instances(units, found)
    for index, unit in enumerate(units):
        path: Path = ("systemd", "units", index)
        name = unit.get("name") or ""
        if gopath.extension(name) not in _EXTENSIONS:
            found.append(Entry("error", (*path, "name"), "invalid systemd unit extension"))
        _check_contents(name, unit, path, found)
        for number, dropin in enumerate(unit.get("dropins") or ()):
            _check_dropin(dropin, (*path, "dropins", number), found)


def _check_instances(units: t.Sequence[schema.Config], found: list[Entry]) -> None:
    """An enabled instance of a template that stands in the config needs an [Install] section there."""
    templates = {unit.get("name") or "": unit for unit in units if (unit.get("name") or "").endswith("@.service")}
    useless: dict[str, bool] = {}
    for index, unit in enumerate(units if templates else ()):
        match = _INSTANCE.match(unit.get("name") or "")
        template = f"{match[1]}@.service" if match and unit.get("enabled") else ""
        if template not in templates:
            continue
        if template not in useless:
            useless[template] = _lacks_install(templates[template].get("contents"))
        if useless[template]:
            message = f"template unit {quoted(template)} for {quoted(unit['name'])} doesn't have Install section"
            found.append(Entry("warning", ("systemd", "units", index, "contents"), message))


def _lacks_install(contents: str | None) -> bool:
    """Whether there are good contents without an option in [Install]."""
    if not contents:
        return False
    parsed = unitfile.parse(contents)
    return parsed.error is None and "Install" not in parsed.sections


def _check_contents(name: str, unit: schema.Config, path: Path, found: list[Entry]) -> None:
    contents = unit.get("contents")
    if not contents:
        return
    parsed = unitfile.parse(contents)
    if parsed.error is not None:
        found.append(Entry("error", (*path, "contents"), f"invalid unit content: {parsed.error}"))
    elif unit.get("enabled") and "Install" not in parsed.sections:
        message = f"unit {quoted(name)} is enabled, but has no install section so enable does nothing"
        found.append(Entry("warning", (*path, "contents"), message))


def _check_dropin(dropin: schema.Config, path: Path, found: list[Entry]) -> None:
    parsed = unitfile.parse(dropin.get("contents") or "")
    if parsed.error is not None:
        found.append(Entry("error", (*path, "contents"), f"invalid unit content: {parsed.error}"))
    if gopath.extension(dropin.get("name") or "") != ".conf":
        found.append(Entry("error", (*path, "name"), "invalid systemd drop-in extension"))
