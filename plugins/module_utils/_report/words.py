# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a host of the document is in a few words, for the table of the page."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]


def state(name: str) -> str:
    return name.replace("_", " ")


def version(host: Json) -> str:
    return " ".join(each for each in (host["version"], host["channel"]) if each)


def update(host: Json) -> str:
    """What update-engine does, in lower case and with the version that it has, or is about to get."""
    found = host["update"]
    if not found:
        return ""
    told = [
        (found["operation"] or "unknown").lower().replace("_", " "),
        found["new_version"],
        None if found["automatic"] else "not by itself",
    ]
    return ", ".join(each for each in told if each)


def reboot(host: Json) -> str:
    found = host["reboot"]
    if not found:
        return ""
    by = " and ".join(found["authorities"]) or found["declared"] or "nothing"
    return f"{', '.join(found['reasons']) if found['required'] else 'no'} (by {by})"


def sysexts(host: Json) -> list[str]:
    """One text for each extension."""
    return [f"{each['name']}{_extension(each)}" for each in host["sysexts"] or []]


def _extension(each: Json) -> str:
    if each["current"]:
        return ""
    if each["staged"]:
        return " (another one is staged)" if each["merged"] else " (staged)"
    return " (not staged)"


def kubernetes(host: Json) -> str:
    found = host["kubernetes"]
    if not found:
        return ""
    told = [found["version"] or "unknown", "control plane" if found["control_plane"] else None]
    behind = found["minors_behind"]
    if behind:
        told.append(f"{abs(behind)} minors {'behind' if behind > 0 else 'ahead'}")
    return ", ".join(each for each in told if each)


def clock(host: Json) -> str:
    found = host["clock"]
    if not found:
        return ""
    by = found["server"] or found["source"] or "nothing"
    return f"{seconds(found['offset_seconds'])} from {by}{' (PTP)' if follows_ptp(found) else ''}"


def follows_ptp(clock: Json) -> bool:
    """Whether the clock follows one of the hypervisor, which it sees through PTP."""
    return bool(clock["ptp_clocks"]) and clock["kind"] == "reference_clock"


def seconds(value: float | None) -> str:
    """A time in the unit that suits it."""
    if value is None:
        return "unknown"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def machine(host: Json) -> str:
    """The machine in its cloud."""
    vm = host["vm"]
    if not vm:
        return ""
    if not vm["found"]:
        return f"{vm['cloud']}: missing"
    made = f", made of {vm['image_version']}" if vm["image_version"] else ""
    return f"{vm['cloud']}: {str(vm['power_state']).replace('_', ' ')}{made}"
