# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What is wrong with a host, each in a word for programs and a line for people."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report.kubernetes import MOST

Json = dict[str, t.Any]
Told = t.Iterator[tuple[str, str]]

#: Where nothing else is said, how far a clock may be off, in seconds: as chrony_max_offset of the role chrony.
MAX_OFFSET = 0.01
#: code -> what the charts call it
CODES = {
    "unreachable": "cannot be reached",
    "not_looked_up": "could not be looked up",
    "vm_missing": "has no machine",
    "vm_not_running": "machine does not run",
    "vm_incomplete": "machine not made to the end",
    "units_failed": "units have failed",
    "kubelet_down": "kubelet does not run",
    "kubernetes_skew": "Kubernetes too new or too old",
    "authorities_compete": "reboot authorities compete",
    "authority_differs": "another reboot authority",
    "clock_shared": "several programs set the clock",
    "clock_not_synchronized": "clock is not synchronised",
    "clock_off": "clock is off",
    "clock_without_ptp": "clock does not follow PTP",
    "sysext_not_staged": "extension not staged",
    "sysext_not_current": "extension waits to be merged",
    "reboot_required": "waits for a reboot",
    "drift": "differs from its description",
    "description_changed": "described anew since made",
}
#: What reboots a node by itself; others that may be declared do it from outside.
_LOCAL = ("locksmithd", "kured", "fluo")


def problems(host: Json, unreachable: str | None, errors: t.Sequence[t.Any]) -> list[Json]:
    """What is wrong with a host of the document, the worst first. unreachable says why the host is that."""
    told = [("unreachable", f"cannot be reached: {unreachable}")] if unreachable else []
    told += [("not_looked_up", str(error)) for error in errors]
    for look in (_machine, _units, _kubernetes, _authorities, _clock, _sysexts, _reboot, _drift):
        told += look(host)
    order = list(CODES)
    return [{"code": code, "message": text} for code, text in sorted(told, key=lambda each: order.index(each[0]))]


def _machine(host: Json) -> Told:
    vm = host["vm"]
    if not vm:
        return
    if not vm["found"]:
        yield "vm_missing", f"has no machine on {vm['cloud']}"
        return
    if not vm["running"] and not vm["meant_off"]:
        yield "vm_not_running", f"its machine is {vm['power_state']}"
    if not vm["complete"]:
        yield "vm_incomplete", "its machine was not made to the end; run the playbook that makes it again"
    if vm["description_changed"]:
        yield "description_changed", "its description has changed since its machine was made"


def _units(host: Json) -> Told:
    if host["failed_units"]:
        yield "units_failed", f"failed: {', '.join(host['failed_units'])}"


def _kubernetes(host: Json) -> Told:
    node = host["kubernetes"]
    if not node:
        return
    if node["joined"] and node["service"] != "active":
        yield "kubelet_down", f"kubelet is {node['service']}"
    behind = node["minors_behind"]
    # While a control plane is upgraded its nodes differ, each with an API server of its own.
    newer = behind is not None and behind < 0 and not node["control_plane"]
    if newer or (behind or 0) > MOST:
        yield (
            "kubernetes_skew",
            f"Kubernetes {node['version']}, while the control plane has {node['control_plane_version']}",
        )


def _authorities(host: Json) -> Told:
    reboot = host["reboot"]
    if not reboot:
        return
    found, declared = reboot["authorities"], reboot["declared"]
    if len(found) > 1:
        yield "authorities_compete", f"{' and '.join(found)} would each reboot it"
    elif declared and found != [name for name in (declared,) if name in _LOCAL]:
        yield "authority_differs", f"{declared} is to reboot it, and {' and '.join(found) or 'nothing'} would"


def _clock(host: Json) -> Told:
    clock = host["clock"]
    if not clock:
        return
    if len(clock["active"]) > 1:
        yield "clock_shared", f"{' and '.join(clock['active'])} set the clock"
    # The word of what sets the clock counts more than the kernel's, which chronyd does not always tell.
    if clock["leap"] == "Not synchronised" or (clock["leap"] is None and clock["synchronized"] is False):
        yield "clock_not_synchronized", "nothing keeps the clock right"
    limit = MAX_OFFSET if clock["max_offset_seconds"] is None else clock["max_offset_seconds"]
    if clock["offset_seconds"] is not None and clock["offset_seconds"] > limit:
        yield "clock_off", f"the clock is off by {clock['offset_seconds']:g} s"
    if clock["ptp_clocks"] and clock["kind"] not in (None, "reference_clock"):
        yield "clock_without_ptp", f"the clock follows {clock['server']}, not {clock['ptp_clocks'][0]}"


def _sysexts(host: Json) -> Told:
    for each in host["sysexts"] or []:
        if each["staged"] and not each["current"]:
            name, merged = each["name"], each["merged"]
            told = f"another {name} is staged than is merged" if merged else f"{name} is staged, and not merged yet"
            yield "sysext_not_current", told
        elif each["merged"] and not each["staged"]:
            yield "sysext_not_staged", f"{each['name']} is merged, and not staged for the next boot"


def _reboot(host: Json) -> Told:
    reboot = host["reboot"]
    if reboot and reboot["required"]:
        yield "reboot_required", f"waits for a reboot ({', '.join(reboot['reasons'])})"


def _drift(host: Json) -> Told:
    found = host["drift"]
    if found and (found["paths"] or found["units"]):
        yield "drift", f"differs from its description: {', '.join([*found['paths'], *found['units']])}"
