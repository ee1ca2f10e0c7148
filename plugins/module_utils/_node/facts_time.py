# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Facts of a node's clock: what sets it, and how far off it is."""

from __future__ import annotations

import re
import typing as t

from .facts_system import Texts
from .facts_update import units

SCRIPT = r"""
put time_units systemctl show --no-pager -p Id,ActiveState -- chronyd.service chrony.service \
  systemd-timesyncd.service ntpd.service ptp4l.service
put chrony chronyc -c tracking
put chrony_sources chronyc -c sources
put ptp_clocks find /dev -maxdepth 1 -name "ptp_*"
put timedate timedatectl show
put timesync timedatectl timesync-status --no-pager
put ntp ntpq -c "rv 0 offset,stratum,refid,leap"
"""

_UNITS = {"us": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "day": 86400.0}
#: The second column of `chronyc -c sources`; see sources in chronyc(1).
_STATES = {
    "*": "selected",
    "+": "combined",
    "-": "not_combined",
    "?": "unusable",
    "x": "contradicted",
    "~": "too_variable",
}
_KINDS = {"^": "server", "=": "peer", "#": "reference_clock"}
_SPAN = re.compile(r"([0-9.]+)\s*([a-zμ]+)")


def time_source(texts: Texts) -> dict[str, t.Any]:
    """What keeps the time, and offset_seconds, how far the clock is off by that, be it fast or slow."""
    active = [name.removesuffix(".service") for name, unit in units(texts.get("time_units", "")).items() if _runs(unit)]
    timedate = dict(line.split("=", 1) for line in texts.get("timedate", "").splitlines() if "=" in line)
    synchronized = {"yes": True, "no": False}.get(timedate.get("NTPSynchronized", ""))
    found = _chrony(texts.get("chrony", "")) or _timesyncd(texts.get("timesync", "")) or _ntpd(texts.get("ntp", ""))
    facts = {"source": None, "server": None, "stratum": None, "offset_seconds": None, "leap": None, **(found or {})}
    return {
        "active": active,
        "synchronized": synchronized,
        "timezone": timedate.get("Timezone"),
        "sources": _sources(texts.get("chrony_sources", "")),
        "ptp_clocks": sorted(texts.get("ptp_clocks", "").split()),
        **facts,
    }


def timespan(text: str) -> float | None:
    """Seconds from a time span in systemd's words, such as "-1min 2.5s", without its sign; None for what is none."""
    found = _SPAN.findall(text)
    if not found or any(unit not in _UNITS for dummy, unit in found):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in found)


def _runs(unit: t.Mapping[str, str]) -> bool:
    return unit.get("ActiveState") == "active"


def _chrony(text: str) -> dict[str, t.Any] | None:
    """From `chronyc -c tracking`: reference, name, stratum, time, offset, ..., leap status last."""
    fields = text.strip().split(",")
    if len(fields) < 14:
        return None
    none = fields[13] == "Not synchronised"
    return {
        "source": "chronyd",
        "server": fields[1] or None,
        "stratum": int(fields[2]),
        "offset_seconds": None if none else abs(float(fields[4])),
        "leap": fields[13],
    }


def _sources(text: str) -> list[dict[str, t.Any]] | None:
    """From `chronyc -c sources`: kind, state, name, stratum, poll, reach in octal, ...; None without an answer."""
    lines = [line.split(",") for line in text.splitlines()]
    found = [fields for fields in lines if len(fields) == 10 and fields[0] in _KINDS]
    return [
        {
            "name": fields[2],
            "kind": _KINDS[fields[0]],
            "state": _STATES.get(fields[1]),
            "stratum": int(fields[3]),
            "reach": int(fields[5], 8),
        }
        for fields in found
    ] or None


def _timesyncd(text: str) -> dict[str, t.Any] | None:
    fields = {}
    for line in text.splitlines():
        name, dummy, value = line.strip().partition(": ")
        fields[name] = value.strip()
    if "Server" not in fields:
        return None
    stratum = fields.get("Stratum", "")
    return {
        "source": "systemd-timesyncd",
        "server": fields["Server"],
        "stratum": int(stratum) if stratum.isdigit() else None,
        "offset_seconds": timespan(fields.get("Offset", "")),
        "leap": fields.get("Leap"),
    }


def _ntpd(text: str) -> dict[str, t.Any] | None:
    fields = dict(re.findall(r"(offset|stratum|refid|leap)=([^,\s]+)", text))
    if "offset" not in fields:
        return None
    return {
        "source": "ntpd",
        "server": fields.get("refid"),
        "stratum": int(fields["stratum"]) if fields.get("stratum", "").isdigit() else None,
        "offset_seconds": abs(float(fields["offset"])) / 1000,
        "leap": fields.get("leap"),
    }
