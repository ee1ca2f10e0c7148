# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Facts of what changes a node: update-engine, system extensions, and who would reboot it and why."""

from __future__ import annotations

import typing as t

from .assignments import assignments
from .facts_system import Texts, number, parsed, word

# kured, update-agent (of the Flatcar Linux Update Operator) and update-operator run in containers, whose processes
# the node sees, whatever the container runtime is.
SCRIPT = r"""
put update_status update_engine_client -status
for name in aleph-version previous-version; do
  put "update_$name" cat "/var/lib/update_engine/prefs/$name"
done
[ ! -e /run/reboot-required ] || echo yes >out/reboot_required
put units systemctl show --no-pager -p Id,ActiveState,UnitFileState -- update-engine.service locksmithd.service \
  systemd-sysupdate.timer systemd-sysupdate-reboot.timer
cat /proc/[0-9]*/comm >out/processes 2>/dev/null
put sysext_merged systemd-sysext status --no-pager --json=short
put sysext_staged systemd-sysext list --no-pager --json=short
for path in /etc/extensions/* /run/extensions/* /var/lib/extensions/*; do
  [ ! -e "$path" ] || printf "%s\t%s\n" "$path" "$(readlink -f "$path")"
done >out/sysext_images
cat /sys/block/loop*/loop/backing_file >out/loops 2>/dev/null
"""

_REBOOTERS = {"kured": "kured", "update-agent": "fluo"}
#: CURRENT_OP is this and the state.
_STATUS = "UPDATE_STATUS_"


def update(texts: Texts) -> dict[str, t.Any] | None:
    """update-engine's status and history; None where there is none."""
    status = assignments(texts.get("update_status", ""))
    unit = units(texts.get("units", "")).get("update-engine.service", {})
    if not status and not unit.get("UnitFileState"):
        return None
    config = assignments(texts.get("update.conf", ""))
    checked = status.get("LAST_CHECKED_TIME", "")
    version = status.get("NEW_VERSION")
    return {
        "operation": status["CURRENT_OP"].removeprefix(_STATUS) if "CURRENT_OP" in status else None,
        "progress": number(status.get("PROGRESS")),
        "new_version": version if version not in (None, "", "0.0.0") else None,
        "new_size": int(number(status.get("NEW_SIZE")) or 0) or None,
        "last_checked": int(checked) if checked.isdigit() and checked != "0" else None,
        "service": unit.get("ActiveState"),
        "masked": unit.get("UnitFileState") in ("masked", "masked-runtime"),
        "server": "disabled" if config.get("SERVER") == "disabled" else "set" if config.get("SERVER") else None,
        "first_version": word(texts, "update_aleph-version"),
        "previous_version": word(texts, "update_previous-version"),
    }


def reboot(texts: Texts, changed: t.Collection[str]) -> dict[str, t.Any]:
    """Whether the node wants a reboot and why, and who may reboot it. changed are the extensions that are staged."""
    status = assignments(texts.get("update_status", ""))
    reasons = []
    if status.get("CURRENT_OP") == f"{_STATUS}UPDATED_NEED_REBOOT":
        reasons.append("os_update")
    if changed:
        reasons.append("sysext")
    if "reboot_required" in texts:
        reasons.append("flag")
    found = units(texts.get("units", ""))
    authorities = []
    if found.get("locksmithd.service", {}).get("ActiveState") == "active":
        config = assignments(texts.get("update.conf", ""))
        authorities.append({"name": "locksmithd", "strategy": config.get("REBOOT_STRATEGY") or "reboot"})
    if found.get("systemd-sysupdate-reboot.timer", {}).get("ActiveState") == "active":
        authorities.append({"name": "systemd-sysupdate-reboot", "strategy": "reboot"})
    running = set(texts.get("processes", "").splitlines())
    authorities += [{"name": name, "strategy": "drain"} for process, name in _REBOOTERS.items() if process in running]
    return {"required": bool(reasons), "reasons": reasons, "authorities": authorities}


def sysexts(texts: Texts) -> list[dict[str, t.Any]] | None:
    """The system extensions that are merged or staged; None where systemd-sysext does not answer."""
    status, listed = parsed(texts.get("sysext_merged")), parsed(texts.get("sysext_staged"))
    if not isinstance(status, list):
        return None
    merged: set[str] = set()
    for hierarchy in status:
        names = hierarchy.get("extensions")
        merged.update(names if isinstance(names, list) else [])
    images = dict(line.split("\t", 1) for line in texts.get("sysext_images", "").splitlines() if "\t" in line)
    loops = texts.get("loops", "").splitlines()
    staged = {entry["name"]: entry for entry in listed or []}
    found = []
    for name in sorted(merged | staged.keys()):
        entry = staged.get(name, {})
        image = images.get(entry.get("path", ""), entry.get("path"))
        # A merged image is a loop device; that of a folder cannot be told from another.
        other = name in merged and entry.get("type") == "raw" and bool(loops) and image not in loops
        found.append(
            {
                "name": name,
                "merged": name in merged,
                "staged": name in staged,
                "image": image,
                "current": name in merged and name in staged and not other,
            }
        )
    return found


def units(text: str) -> dict[str, dict[str, str]]:
    """The properties of units by their Id, from `systemctl show -p Id,…` of several."""
    found = {}
    for block in text.split("\n\n"):
        properties = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in properties:
            found[properties.pop("Id")] = properties
    return found
