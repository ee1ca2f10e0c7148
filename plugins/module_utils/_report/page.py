# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The document as one HTML page, which loads nothing from anywhere."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report import style, words
from ansible_collections.flatops.flatcar.plugins.module_utils._report.charts import Bar, chart
from ansible_collections.flatops.flatcar.plugins.module_utils._report.document import STATES
from ansible_collections.flatops.flatcar.plugins.module_utils._report.markup import Child, Markup, element
from ansible_collections.flatops.flatcar.plugins.module_utils._report.problems import CODES

Json = dict[str, t.Any]
#: Lines of one cell; what is left is counted.
_LINES = 8
_TONES = {"ok": "good", "not_asked": "plain", "attention": "warn", "unknown": "bad", "unreachable": "bad"}
#: Problems that end by themselves when the node is rebooted or its description applied.
_MILD = ("sysext_not_current", "reboot_required", "drift", "description_changed", "clock_without_ptp")
#: Seconds up to which a clock is off -> the label of its bar.
_OFFSETS = (
    (1e-5, "up to 10 µs"),
    (1e-4, "up to 100 µs"),
    (1e-3, "up to 1 ms"),
    (1e-2, "up to 10 ms"),
    (1e-1, "up to 100 ms"),
    (math.inf, "more than 100 ms"),
)


class Column(t.NamedTuple):
    """cell gives what it shows of a host, a text or a list of lines; sort what it is sorted by, if it is not that."""

    name: str
    cell: t.Callable[[Json], str | list[str]]
    sort: t.Callable[[Json], float] | None = None


def page(document: Json) -> str:
    """A document of this package as HTML."""
    title = document["title"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=style.policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style.CSS)),
    )
    body = element(
        "body",
        element("h1", title),
        element("p", f"At {document['generated_at']}, as flatops.flatcar.fleet_report found it", class_="soft"),
        _tiles(document["summary"]),
        element("section", *_charts(document), class_="charts"),
        element("h2", "Hosts"),
        element("input", type="search", placeholder="Show hosts with these words", aria_label="Filter"),
        _table(document["hosts"]),
        element("script", Markup(style.SCRIPT)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _tiles(summary: Json) -> Markup:
    counted = [("hosts", summary["hosts"], "plain")]
    counted += [
        (words.state(state), number, _TONES[state] if number else "plain")
        for state, number in summary["states"].items()
    ]
    tiles = [element("li", element("b", number, class_=tone), name) for name, number, tone in counted]
    return element("ul", *tiles, class_="tiles")


def _charts(document: Json) -> list[Markup]:
    found = document["summary"]["problems"]
    problems = [Bar(CODES[code], number, "warn" if code in _MILD else "bad") for code, number in found.items()]
    return [
        chart("Flatcar by channel", _versions(document["channels"], "channel")),
        chart("What is wrong", sorted(problems, key=lambda one: -one.hosts)),
        chart("Kubernetes by cluster", _versions(document["clusters"], "cluster")),
        chart("How far clocks are off", _offsets(document["hosts"])),
    ]


def _versions(groups: list[Json], name: str) -> list[Bar]:
    """The newest version of each group first, which is the good one."""
    return [
        Bar(f"{group[name]} {each['version']}".strip(), each["hosts"], "plain" if place else "good")
        for group in groups
        for place, each in enumerate(group["versions"])
    ]


def _offsets(hosts: list[Json]) -> list[Bar]:
    """By how much clocks are off, and whether that is too much for one of the hosts."""
    asked = [host for host in hosts if host["clock"]]
    known = [host for host in asked if host["clock"]["offset_seconds"] is not None]
    bars, below = [], -1.0
    for limit, label in _OFFSETS:
        inside = [host for host in known if below < host["clock"]["offset_seconds"] <= limit]
        off = any(each["code"] == "clock_off" for host in inside for each in host["problems"])
        bars.append(Bar(label, len(inside), "bad" if off else "good"))
        below = limit
    bars.append(Bar("unknown", len(asked) - len(known), "warn"))
    return [one for one in bars if one.hosts]


def _table(hosts: list[Json]) -> Markup:
    heads = [element("th", element("button", column.name, type="button"), scope="col") for column in COLUMNS]
    rows = [element("tr", *(_cell(column, host) for column in COLUMNS)) for host in hosts]
    return element("table", element("thead", element("tr", *heads)), element("tbody", *rows))


def _cell(column: Column, host: Json) -> Markup:
    content = column.cell(host)
    sort = column.sort(host) if column.sort else None
    return element("td", *_lines(content), data_label=column.name, data_sort=sort)


def _lines(content: str | list[str]) -> list[Child]:
    if isinstance(content, str):
        return [element("span", content)] if content else []
    if not content:
        return []
    shown = [*content[:_LINES], *([f"and {len(content) - _LINES} more"] if len(content) > _LINES else [])]
    return [element("ul", *(element("li", line) for line in shown))]


def _state(host: Json) -> str:
    return words.state(host["state"])


def _wrong(host: Json) -> list[str]:
    return [each["message"] for each in host["problems"]]


def _offset(host: Json) -> float:
    offset = (host["clock"] or {}).get("offset_seconds")
    return -1 if offset is None else float(offset)


COLUMNS = (
    Column("Host", lambda host: str(host["name"])),
    Column("State", _state, lambda host: STATES.index(host["state"])),
    Column("What is wrong", _wrong, lambda host: len(host["problems"])),
    Column("Flatcar", words.version),
    Column("Update", words.update),
    Column("Reboot", words.reboot),
    Column("Extensions", words.sysexts),
    Column("Kubernetes", words.kubernetes),
    Column("Clock", words.clock, _offset),
    Column("Machine", words.machine),
)
