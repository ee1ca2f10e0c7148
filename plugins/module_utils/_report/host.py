# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""One host as the report has it, from what was found of it."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report.errors import ReportError

Json = dict[str, t.Any]
#: What may be said of a host besides its name -> the type that it has unless it is null.
FOUND: dict[str, type | tuple[type, ...]] = {
    "unreachable": str,
    "errors": list,
    "facts": dict,
    "drift": dict,
    "cloud": str,
    "vm": dict,
    "fingerprint": str,
    "meant_off": bool,
    "reboot_authority": str,
    "cluster": str,
    "max_offset": (int, float),
}
#: How the clouds say that a machine runs.
_RUNNING = ("running", "powered_on")


def checked(found: t.Any) -> Json:
    """What was found of a host, with null for what was not said. Raises ReportError for what is none."""
    if not isinstance(found, dict) or not isinstance(found.get("name"), str):
        raise ReportError("each host is a mapping with a name")
    name = found["name"]
    unknown = sorted(str(key) for key in found.keys() - FOUND.keys() - {"name"})
    if unknown:
        raise ReportError(f"{name} has {', '.join(unknown)}; a host has name, {', '.join(FOUND)}")
    for member, kind in FOUND.items():
        if found.get(member) is not None and not isinstance(found[member], kind):
            raise ReportError(f"{member} of {name} has the wrong type; it is {_kind(kind)}")
    return {"name": name, **{member: found.get(member) for member in FOUND}}


def described(found: Json) -> Json:
    """What a host of the document is, without its name and what is wrong with it."""
    facts = found["facts"] or {}
    return {
        **{name: facts.get(name) for name in ("version", "channel", "architecture", "kernel", "platform")},
        "gathered_at": facts.get("gathered_at"),
        "uptime_seconds": facts.get("uptime_seconds"),
        "update": _update(facts.get("update_engine")),
        "reboot": _reboot(facts.get("reboot"), found["reboot_authority"]),
        "sysexts": _sysexts(facts.get("sysexts")),
        "kubernetes": _kubernetes(facts.get("kubelet"), found["cluster"]),
        "clock": _clock(facts.get("time"), found["max_offset"]),
        "failed_units": facts.get("failed_units"),
        "drift": _drift(found["drift"]),
        "vm": _vm(found),
    }


def _update(engine: Json | None) -> Json | None:
    if not engine:
        return None
    return {
        **{name: engine.get(name) for name in ("operation", "new_version", "last_checked")},
        "automatic": engine.get("server") != "disabled" and not engine.get("masked"),
    }


def _reboot(reboot: Json | None, declared: str | None) -> Json | None:
    if not reboot:
        return None
    return {
        "required": reboot.get("required"),
        "reasons": reboot.get("reasons") or [],
        "authorities": [each.get("name") for each in reboot.get("authorities") or []],
        "declared": declared or None,
    }


def _sysexts(extensions: list[Json] | None) -> list[Json] | None:
    if extensions is None:
        return None
    return [{name: each.get(name) for name in ("name", "merged", "staged", "current")} for each in extensions]


def _kubernetes(kubelet: Json | None, cluster: str | None) -> Json | None:
    if not kubelet:
        return None
    return {
        "cluster": cluster or "",
        **{name: kubelet.get(name) for name in ("version", "service", "joined", "control_plane")},
    }


def _clock(time: Json | None, max_offset: float | None) -> Json | None:
    """kind is that of the source that chronyd has chosen, "reference_clock" for a PTP clock of the hypervisor."""
    if not time:
        return None
    chosen: Json = next((each for each in time.get("sources") or [] if each.get("state") == "selected"), {})
    return {
        **{name: time.get(name) for name in ("source", "server", "offset_seconds", "leap", "synchronized")},
        "kind": chosen.get("kind"),
        "active": time.get("active") or [],
        "ptp_clocks": time.get("ptp_clocks") or [],
        "max_offset_seconds": max_offset,
    }


def _drift(found: Json | None) -> Json | None:
    """What differs on the running node from its description, as node_config tells it in check mode."""
    return None if found is None else {name: found.get(name) or [] for name in ("paths", "units")}


def _vm(found: Json) -> Json | None:
    """image_version is what it was made of; only Azure tells it. description_changed is null where that is unknown."""
    cloud, vm, fingerprint = found["cloud"], found["vm"], found["fingerprint"]
    if not cloud:
        return None
    if vm is None:
        return {"cloud": cloud, "found": False}
    stamp = vm.get("stamp") or {}
    noted = stamp.get("ignition_sha256")
    return {
        "cloud": cloud,
        "found": True,
        "name": vm.get("name"),
        "power_state": vm.get("power_state"),
        "running": vm.get("power_state") in _RUNNING,
        "meant_off": bool(found["meant_off"]),
        "complete": stamp.get("state", "complete") == "complete",
        "image_version": (vm.get("image") or {}).get("exact_version"),
        "description_changed": fingerprint != noted if fingerprint and noted else None,
    }


def _kind(kind: type | tuple[type, ...]) -> str:
    names: dict[type, str] = {list: "a list", dict: "a mapping", str: "text", bool: "true or false"}
    return "a number" if isinstance(kind, tuple) else names[kind]
