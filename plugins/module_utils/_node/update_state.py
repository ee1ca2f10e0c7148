# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a node says of its updates: the versions on its two USR partitions, and what update-engine does."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from . import facts_update
from .assignments import assignments
from .update_conf import PATH, SAVED

#: The unit in which flatcar-update runs; its description ends in the version.
UNIT = "flatops-update.service"
NEED_REBOOT = "UPDATED_NEED_REBOOT"
IDLE = "IDLE"

# The real client tries four times, ten seconds apart, to reach update-engine.
LOOK = rf"""
cat /proc/sys/kernel/random/boot_id >out/boot_id
cat /etc/os-release >out/os-release
cat /usr/share/flatcar/release >out/release
cat /usr/share/flatcar/update.conf >out/vendor.conf
[ ! -e {PATH} ] || cat {PATH} >out/update.conf
[ ! -e {SAVED} ] || cat {SAVED} >out/saved.conf
timeout -s KILL 60 update_engine_client -status >out/update_status
cat /var/lib/update_engine/prefs/previous-version >out/previous
systemctl show --no-pager -p Id,ActiveState,UnitFileState,Description -- update-engine.service locksmithd.service \
  systemd-sysupdate-reboot.timer {UNIT} >out/units
cat /proc/[0-9]*/comm >out/processes
[ ! -e /run/reboot-required ] || echo yes >out/reboot_required
rootdev -s /usr >out/current
for device in $(cgpt find -t flatcar-usr); do
  echo "Device: $device"
  cgpt show "$device"
done >out/slots
exit 0
"""

_SLOT = re.compile(
    r'Device: (\S+)(?:(?!Device: )[\s\S])*?Label: "([^"]*)"'
    r"(?:(?!Device: )[\s\S])*?priority=(\d+) tries=(\d+) successful=(\d+)"
)


class Slot(t.NamedTuple):
    """A USR partition in the words of cgpt."""

    device: str
    label: str
    priority: int
    tries: int
    successful: bool

    @property
    def bootable(self) -> bool:
        """Whether GRUB would take it."""
        return self.priority > 0 and (self.successful or self.tries > 0)


class Status(t.NamedTuple):
    """What `update_engine_client -status` prints; the version is None where it knows none, the size in bytes."""

    operation: str = ""
    progress: float = 0.0
    version: str | None = None
    size: int = 0


class Seen(t.NamedTuple):
    """A node. conf is update.conf as it is meant, conf_now what is in the file; busy_with is None or a version."""

    boot_id: str
    version: str
    board: str
    group: str
    server: str
    conf: str
    conf_now: str
    status: Status
    previous: str | None
    current: Slot | None
    other: Slot | None
    engine_active: bool
    engine_masked: bool
    busy_with: str | None
    reboot: dict[str, t.Any]

    @property
    def staged(self) -> bool:
        """Whether the next boot is that of the other partition."""
        if not self.current or not self.other:
            return self.status.operation == NEED_REBOOT
        return self.other.bootable and self.other.priority > self.current.priority

    @property
    def staged_version(self) -> str | None:
        """What the next boot would bring, if that is known."""
        if not self.staged:
            return None
        return self.status.version or (self.previous if self.previous != self.version else None)

    @property
    def under_way(self) -> bool:
        """Whether an update is."""
        return self.busy_with is not None or self.status.operation not in ("", IDLE, NEED_REBOOT)


def parse_status(text: str) -> Status:
    found = assignments(text)
    version = found.get("NEW_VERSION")
    return Status(
        found.get("CURRENT_OP", "").removeprefix("UPDATE_STATUS_"),
        float(found.get("PROGRESS") or 0),
        version if version not in ("", "0.0.0") else None,
        int(found.get("NEW_SIZE") or 0),
    )


def parse(files: Mapping[str, bytes]) -> Seen:
    """A node from the files that LOOK wrote."""
    texts = {name: data.decode(errors="replace") for name, data in files.items()}
    release = assignments(texts.get("os-release", ""))
    now = texts.get("update.conf", "")
    meant = texts.get("saved.conf", now)
    texts["update.conf"] = texts.get("vendor.conf", "") + "\n" + meant
    config = assignments(texts["update.conf"])
    units = facts_update.units(texts.get("units", ""))
    engine, busy = units.get("update-engine.service", {}), units.get(UNIT, {})
    current, other = _slots(texts)
    return Seen(
        texts.get("boot_id", "").strip(),
        release.get("VERSION_ID") or release.get("VERSION", ""),
        assignments(texts.get("release", "")).get("FLATCAR_RELEASE_BOARD", ""),
        config.get("GROUP", ""),
        config.get("SERVER", ""),
        meant,
        now,
        parse_status(texts.get("update_status", "")),
        texts.get("previous", "").strip() or None,
        current,
        other,
        engine.get("ActiveState") == "active",
        engine.get("UnitFileState") in ("masked", "masked-runtime"),
        busy.get("Description", "").split()[-1] if busy.get("ActiveState") in ("active", "activating") else None,
        facts_update.reboot(texts, ()),
    )


def _slots(texts: Mapping[str, str]) -> tuple[Slot | None, Slot | None]:
    """The partition that runs and the other one; None for what is not told, or not told from a third."""
    device = texts.get("current", "").strip()
    found = [
        Slot(match[1], match[2], int(match[3]), int(match[4]), match[5] == "1")
        for match in _SLOT.finditer(texts.get("slots", ""))
    ]
    others = [slot for slot in found if slot.device != device]
    return next((slot for slot in found if slot.device == device), None), others[0] if len(others) == 1 else None
