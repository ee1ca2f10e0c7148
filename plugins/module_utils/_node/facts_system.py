# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Facts of a node's system: what it is, since when it runs, what failed, how full its disks are."""

from __future__ import annotations

import json
import re
import typing as t

from .assignments import assignments

Texts = t.Mapping[str, str]

SCRIPT = r"""
put os-release cat /etc/os-release
put update.conf cat /usr/share/flatcar/update.conf /etc/flatcar/update.conf
put kernel uname -sr
put machine uname -m
put hostname cat /proc/sys/kernel/hostname
put boot_id cat /proc/sys/kernel/random/boot_id
put uptime cat /proc/uptime
put cmdline cat /proc/cmdline
put virtualization systemd-detect-virt
put system_state systemctl is-system-running
put failed_units systemctl list-units --state=failed --plain --no-legend --no-pager --full
put disks df -B1 --output=file,source,fstype,size,used,avail / /usr /var /oem /usr/share/oem
if [ "$(cat out/virtualization 2>/dev/null)" = vmware ]; then
  for key in ignition.config.data ignition.config.url coreos.config.data coreos.config.url userdata metadata \
      vendordata afterburn.initrd.network-kargs hostname interface.0.mac interface.0.dhcp interface.0.ip.0.address \
      interface.0.route.0.gateway dns.server.0; do
    [ -z "$(timeout -s KILL 5 vmware-rpctool "info-get guestinfo.$key" 2>/dev/null | head -c 1 | tr "\0" .)" ] ||
      echo "guestinfo.$key"
  done >out/guestinfo
fi
"""

IGNITION = r"""
put ignition cat /etc/.ignition-result.json
"""

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_PLATFORM = re.compile(r"(?:flatcar|coreos)\.oem\.id=(\S+)|ignition\.platform\.id=(\S+)")


def system(texts: Texts) -> dict[str, t.Any]:
    release = assignments(texts.get("os-release", ""))
    machine = word(texts, "machine")
    platform = _PLATFORM.search(texts.get("cmdline", ""))
    uptime = texts.get("uptime", "").split()
    failed = re.findall(r"(?m)^\s*(\S+)", texts.get("failed_units", ""))
    return {
        "version": release.get("VERSION_ID") or release.get("VERSION"),
        "channel": assignments(texts.get("update.conf", "")).get("GROUP"),
        "architecture": _ARCHITECTURES.get(machine or "", machine),
        "kernel": word(texts, "kernel"),
        "os_release": {name.lower(): value for name, value in release.items()} or None,
        "hostname": word(texts, "hostname"),
        "boot_id": word(texts, "boot_id"),
        "uptime_seconds": number(uptime[0]) if uptime else None,
        "platform": (platform[1] or platform[2]) if platform else None,
        "virtualization": word(texts, "virtualization"),
        "system_state": word(texts, "system_state"),
        "failed_units": failed if "system_state" in texts else None,
        "guestinfo_keys": texts["guestinfo"].split() if "guestinfo" in texts else None,
    }


def disks(texts: Texts) -> dict[str, dict[str, t.Any]] | None:
    """The file systems by the path that was asked for, from `df --output=file,source,fstype,size,used,avail -B1`."""
    found = {}
    for line in texts.get("disks", "").splitlines()[1:]:
        path, source, kind, *numbers = line.split()
        size, used, free = (int(number) if number.isdigit() else None for number in numbers)
        found[path] = {"source": source, "type": kind, "size": size, "used": used, "free": free}
    if "/oem" in found:
        found.pop("/usr/share/oem", None)
    return found or None


def ignition(texts: Texts) -> dict[str, t.Any] | None:
    """Ignition's report of the first boot (/etc/.ignition-result.json)."""
    report = parsed(texts.get("ignition"))
    if not isinstance(report, dict):
        return None
    return {
        "boot_id": report.get("provisioningBootID"),
        "date": report.get("provisioningDate"),
        "config_provided": report.get("userConfigProvided"),
        "reprovisioned": report.get("previousReport") is not None,
    }


def journal(texts: Texts) -> list[str]:
    return texts.get("journal", "").splitlines()


def word(texts: Texts, name: str) -> str | None:
    """A text without the white space around it; None for none."""
    return texts.get(name, "").strip() or None


def number(text: str | None) -> float | None:
    """The number that a text holds; None for none or no number."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


def parsed(text: str | None) -> t.Any:
    """What a JSON text holds; None for none or a damaged one."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
