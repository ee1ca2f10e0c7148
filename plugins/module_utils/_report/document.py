# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""A fleet as one document of plain data, which all formats are made of."""

from __future__ import annotations

import collections
import datetime
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report import host, kubernetes, problems
from ansible_collections.flatops.flatcar.plugins.module_utils._report.clean import clean
from ansible_collections.flatops.flatcar.plugins.module_utils._report.errors import ReportError

Json = dict[str, t.Any]
#: The version of the document's shape. Members may be added to it; for any other change it is another one.
FORMAT = 1
#: The states of a host, the worst first.
STATES = ("unreachable", "unknown", "attention", "not_asked", "ok")


def document(found: t.Sequence[t.Any], title: str, generated_at: str) -> Json:
    """What was found of the hosts (see host.FOUND), as the document that the filter fleet_report describes.

    generated_at is in UTC, as 2026-11-21T10:11:12Z. Raises ReportError.
    """
    _check_moment(generated_at)
    given = [host.checked(each) for each in found]
    twice = [name for name, times in collections.Counter(each["name"] for each in given).items() if times > 1]
    if twice:
        raise ReportError(f"{twice[0]} is there twice; each host is named once")
    looked = clean([host.described(each) for each in given])
    kubernetes.compare(looked)
    hosts = [_judged(each, entry) for each, entry in zip(given, looked)]
    hosts.sort(key=lambda entry: (STATES.index(entry["state"]), _natural(entry["name"])))
    return {
        "format": FORMAT,
        "title": clean(title),
        "generated_at": generated_at,
        "summary": _summary(hosts),
        "channels": _channels(hosts),
        "clusters": _clusters(hosts),
        "hosts": hosts,
    }


def _check_moment(generated_at: t.Any) -> None:
    try:
        datetime.datetime.strptime(generated_at, "%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        raise ReportError(f"generated_at is {generated_at!r}; it is a time as 2026-11-21T10:11:12Z") from None


def _judged(found: Json, looked: Json) -> Json:
    """A host of the document, from what was found of it and its description."""
    wrong = problems.problems(looked, found["unreachable"], found["errors"] or [])
    return {"name": clean(found["name"]), "state": _state(found, wrong), "problems": clean(wrong), **looked}


def _state(found: Json, wrong: list[Json]) -> str:
    if found["unreachable"]:
        return "unreachable"
    if found["facts"] is None and found["errors"]:
        return "unknown"
    if wrong:
        return "attention"
    return "not_asked" if found["facts"] is None else "ok"


def _summary(hosts: list[Json]) -> Json:
    """How many hosts there are, in which state, and with which problem."""
    states = collections.Counter(entry["state"] for entry in hosts)
    codes = collections.Counter(code for entry in hosts for code in {each["code"] for each in entry["problems"]})
    return {
        "hosts": len(hosts),
        "states": {state: states[state] for state in STATES},
        "problems": {code: codes[code] for code in problems.CODES if codes[code]},
    }


def _channels(hosts: list[Json]) -> list[Json]:
    """How many hosts have which version, by channel."""
    counted = collections.Counter((entry["channel"] or "", entry["version"]) for entry in hosts if entry["version"])
    return _grouped(counted, "channel")


def _clusters(hosts: list[Json]) -> list[Json]:
    """How many nodes have which version of Kubernetes, by cluster."""
    nodes = [entry["kubernetes"] for entry in hosts if entry["kubernetes"] and entry["kubernetes"]["version"]]
    counted = collections.Counter((node["cluster"], node["version"]) for node in nodes)
    return _grouped(counted, "cluster")


def _grouped(counted: t.Mapping[tuple[str, str], int], name: str) -> list[Json]:
    """The groups by name, with the newest version first."""
    groups: dict[str, list[Json]] = {}
    for group, version in sorted(counted, key=lambda each: (each[0], _natural(each[1])), reverse=True):
        groups.setdefault(group, []).append({"version": version, "hosts": counted[group, version]})
    return [{name: group, "versions": groups[group]} for group in sorted(groups)]


def _natural(text: str) -> list[str | int]:
    """What texts with numbers in them are sorted by: node2 comes before node10."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", text))]
