# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The document in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

import datetime
import typing as t

Json = dict[str, t.Any]


class Metric(t.NamedTuple):
    """A gauge of each host: values gives its samples, as labels besides fleet and host, and numbers."""

    name: str
    help: str
    values: t.Callable[[Json], t.Iterable[tuple[dict[str, str], float | None]]]


def metrics(document: Json) -> str:
    """Each sample has the title as its label fleet, so that the files of several fleets can be read together."""
    fleet = document["title"]
    moment = _seconds(document["generated_at"])
    lines = _family("flatcar_fleet_report_timestamp_seconds", "When the report was made.")
    lines.append(f"flatcar_fleet_report_timestamp_seconds{_labels(fleet=fleet)} {moment}")
    lines += _family("flatcar_fleet_hosts", "Hosts by state.")
    for state, number in document["summary"]["states"].items():
        lines.append(f"flatcar_fleet_hosts{_labels(fleet=fleet, state=state)} {number}")
    for metric in METRICS:
        lines += _family(metric.name, metric.help)
        for host in document["hosts"]:
            lines += [
                f"{metric.name}{_labels(fleet=fleet, host=host['name'], **labels)} {float(value):.12g}"
                for labels, value in metric.values(host)
                if value is not None
            ]
    return "\n".join([*lines, ""])


def _family(name: str, help_text: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]


def _labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(moment: str) -> int:
    given = datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")
    return int(given.replace(tzinfo=datetime.timezone.utc).timestamp())


def _one(value: float | None) -> list[tuple[dict[str, str], float | None]]:
    return [({}, value)]


def _of(part: str, name: str) -> t.Callable[[Json], list[tuple[dict[str, str], float | None]]]:
    """A number in a part of a host."""
    return lambda host: _one((host[part] or {}).get(name))


def _up(host: Json) -> list[tuple[dict[str, str], float | None]]:
    """None where nobody asked."""
    if host["state"] in ("unreachable", "unknown"):
        return _one(0)
    return _one(None if host["gathered_at"] is None else 1)


def _info(host: Json) -> list[tuple[dict[str, str], float | None]]:
    known = {name: host[name] or "" for name in ("version", "channel", "architecture", "platform")}
    return [({**known, "kubernetes": (host["kubernetes"] or {}).get("version") or ""}, 1)] if host["version"] else []


METRICS = (
    Metric("flatcar_node_up", "Whether the node told its facts.", _up),
    Metric("flatcar_node_info", "What the node runs.", _info),
    Metric(
        "flatcar_node_problem",
        "What is wrong with the host.",
        lambda host: [({"code": code}, 1) for code in sorted({each["code"] for each in host["problems"]})],
    ),
    Metric("flatcar_node_uptime_seconds", "How long the node has been running.", lambda h: _one(h["uptime_seconds"])),
    Metric(
        "flatcar_node_update_last_checked_timestamp_seconds",
        "When it last looked for one.",
        _of("update", "last_checked"),
    ),
    Metric("flatcar_node_reboot_required", "Whether the node waits for a reboot.", _of("reboot", "required")),
    Metric(
        "flatcar_node_reboot_authorities",
        "How many programs would reboot the node.",
        lambda host: _one(len(host["reboot"]["authorities"]) if host["reboot"] else None),
    ),
    Metric(
        "flatcar_node_sysexts_not_current",
        "System extensions that the next boot changes.",
        lambda host: _one(None if host["sysexts"] is None else sum(not each["current"] for each in host["sysexts"])),
    ),
    Metric(
        "flatcar_node_kubernetes_minors_behind",
        "How many minor versions the kubelet is behind the control plane.",
        _of("kubernetes", "minors_behind"),
    ),
    Metric("flatcar_node_clock_offset_seconds", "How far the clock is off.", _of("clock", "offset_seconds")),
    Metric(
        "flatcar_node_failed_units",
        "Units that have failed.",
        lambda host: _one(None if host["failed_units"] is None else len(host["failed_units"])),
    ),
    Metric(
        "flatcar_node_drift",
        "Paths and units that differ from the description.",
        lambda host: _one(None if host["drift"] is None else sum(map(len, host["drift"].values()))),
    ),
)
