# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page, the metrics and the text."""

from __future__ import annotations

import html.parser
import json
import re
import typing as t

import pytest
from prometheus_client import parser as prometheus

from ansible_collections.flatops.flatcar.plugins.module_utils._report import words
from ansible_collections.flatops.flatcar.plugins.module_utils._report.charts import Bar, chart
from ansible_collections.flatops.flatcar.plugins.module_utils._report.document import document
from ansible_collections.flatops.flatcar.plugins.module_utils._report.formats import FORMATS
from ansible_collections.flatops.flatcar.plugins.module_utils._report.markup import Markup, element
from ansible_collections.flatops.flatcar.tests.fleet_found import AT, facts, fleet, machine

HOSTILE = """</td><script>alert(1)</script>"onload='alert(2)'&\\n{{ 7 * 7 }}"""
VOID = ("meta", "input")


class Page(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the texts of its cells by row; it must be well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.rows and ("td" in self._open or "th" in self._open):
            self.rows[-1][-1] += data


def made(text: str) -> dict[str, t.Any]:
    hostile = facts(version=text, channel=text, failed_units=[text], kernel=text)
    return document([{"name": text, "facts": hostile, "cluster": text, "errors": [text]}], text, AT)


def test_markup() -> None:
    assert element("p", "a<b", Markup("<i>"), 1, class_="x", data_sort='"1"', title=None) == (
        '<p class="x" data-sort="&quot;1&quot;">a&lt;b<i>1</p>'
    )
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_nothing_from_a_node_becomes_an_element() -> None:
    page = Page(FORMATS["html"](made(HOSTILE)))
    assert [tag for tag, dummy in page.elements].count("script") == 1
    assert not any(name.startswith("on") for dummy, attributes in page.elements for name in attributes)
    assert page.rows[1][0] == HOSTILE


def test_the_page_loads_nothing() -> None:
    text = FORMATS["html"](document(fleet(3), "Fleet", AT))
    page = Page(text)
    assert {tag for tag, dummy in page.elements} & {"link", "img", "iframe", "object", "a", "base", "form"} == set()
    assert not any({"src", "href", "style"} & attributes.keys() for dummy, attributes in page.elements)
    assert "http" not in text.replace("http-equiv", "") and "url(" not in text and "@import" not in text
    (policy,) = (each["content"] for tag, each in page.elements if each.get("http-equiv"))
    assert policy and policy.startswith("default-src 'none'; style-src 'sha256-")


def test_each_host_has_a_row() -> None:
    page = Page(FORMATS["html"](document(fleet(1000), "Fleet", AT)))
    assert len(page.rows) == 1001
    assert {len(row) for row in page.rows} == {10}
    row = next(row for row in page.rows if row[0] == "node2")
    assert row[:2] == ["node2", "attention"]
    assert row[2].startswith("failed: docker.service, a-<b>bold</b>.servicekured and locksmithd would each reboot it")
    assert row[3] == "4593.2.4 stable"
    assert row[4:] == [
        "idle",
        "no (by kured and locksmithd)",
        "kubernetes",
        "1.34.2",
        "unknown from PHC0 (PTP)",
        "azure: running, made of 4593.2.4",
    ]


def test_charts() -> None:
    drawn = chart("Versions", [Bar(f"version {number}", 20 - number) for number in range(14)])
    rows = re.findall(r"<title>(.*?)</title>", drawn)
    assert rows[0] == "version 0: 20" and rows[-1] == "3 others: 24" and len(rows) == 12
    widths = [float(width) for width in re.findall(r'width="([0-9.]+)"', drawn)]
    assert max(widths) == widths[-1] and widths[0] == round(max(widths) * 20 / 24, 1)
    assert "none" in chart("Versions", [])


@pytest.mark.parametrize("max_offset, tone", [(None, "bad"), (0.5, "good")])
def test_clocks_are_judged_by_the_limit_of_their_host(max_offset: float | None, tone: str) -> None:
    told = facts()
    told["time"]["offset_seconds"] = 0.02
    page = FORMATS["html"](document([{"name": "a", "facts": told, "max_offset": max_offset}], "Fleet", AT))
    assert f'up to 100 ms</text><rect class="{tone}"' in page


@pytest.mark.parametrize(
    "value, said",
    [(None, "unknown"), (0.0, "0 ns"), (5e-9, "5 ns"), (1.234e-6, "1.23 µs"), (0.02, "20 ms"), (75.0, "75 s")],
)
def test_seconds(value: float | None, said: str) -> None:
    assert words.seconds(value) == said


def test_words_of_an_update() -> None:
    engine = {"operation": "UPDATED_NEED_REBOOT", "new_version": "4593.2.6", "masked": True, "server": None}
    (host,) = document([{"name": "a", "facts": facts(update_engine=engine)}], "Fleet", AT)["hosts"]
    assert words.update(host) == "updated need reboot, 4593.2.6, not by itself"


def samples(text: str, fleet: str = "Fleet") -> dict[str, dict[tuple[str, ...], float]]:
    """metric -> its values by their labels but that of the fleet, as Prometheus' own client reads them."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in prometheus.text_string_to_metric_families(text):
        assert family.type == "gauge" and family.documentation
        assert all(sample.labels.pop("fleet") == fleet for sample in family.samples)
        found[family.name] = {tuple(sample.labels.values()): sample.value for sample in family.samples}
        assert len(found[family.name]) == len(family.samples)
    return found


def test_metrics() -> None:
    text = FORMATS["prom"](document(fleet(4), "Fleet", AT))
    found = samples(text)
    assert found["flatcar_fleet_report_timestamp_seconds"] == {(): 1795334400}
    assert found["flatcar_fleet_hosts"] == {
        ("unreachable",): 1,
        ("unknown",): 0,
        ("attention",): 2,
        ("not_asked",): 0,
        ("ok",): 1,
    }
    assert found["flatcar_node_up"] == {("node0",): 1, ("node1",): 0, ("node2",): 1, ("node3",): 1}
    assert found["flatcar_node_reboot_required"] == {("node0",): 0, ("node2",): 0, ("node3",): 1}
    assert found["flatcar_node_clock_offset_seconds"] == {("node0",): 3e-6, ("node3",): 0.02}
    assert found["flatcar_node_failed_units"] == {("node0",): 0, ("node2",): 2, ("node3",): 0}
    assert found["flatcar_node_drift"] == {("node0",): 0, ("node2",): 1, ("node3",): 0}
    assert found["flatcar_node_problem"][("node2", "authorities_compete")] == 1
    assert found["flatcar_node_info"][("node3", "4459.2.1", "beta", "amd64", "azure", "1.34.2")] == 1


def test_nobody_asked_whether_it_is_up() -> None:
    off = {"name": "off", "cloud": "azure", "vm": machine(power_state="stopped")}
    hosts = [{"name": "idle"}, off, {"name": "odd", "errors": ["no root"]}]
    assert samples(FORMATS["prom"](document(hosts, "Fleet", AT)))["flatcar_node_up"] == {("odd",): 0}


def test_labels_are_escaped() -> None:
    hostile = made(HOSTILE)
    found = samples(FORMATS["prom"](hostile), hostile["title"])
    assert (hostile["hosts"][0]["name"], "units_failed") in found["flatcar_node_problem"]


def test_text() -> None:
    lines = FORMATS["txt"](document(fleet(3), "Fleet", AT)).splitlines()
    assert lines[:-1] == [
        "Fleet, 2026-11-22T08:00:00Z",
        "3 hosts: 1 unreachable, 1 attention, 1 ok",
        "Flatcar stable: 4593.2.5 (1), 4593.2.4 (1)",
        "Kubernetes prod: 1.34.2 (2)",
        "node1: cannot be reached: ssh: connect to host node1 port 22: No route to host",
    ]
    assert re.match(r"node2: failed: docker.service, .*; kured and .*; differs from .*: /etc/motd", lines[-1])
    many = FORMATS["txt"](document(fleet(1000), "Fleet", AT)).splitlines()
    assert len(many) < 70 and re.fullmatch(r"and \d+ more", many[-1])


def test_json_is_the_document() -> None:
    found = document(fleet(50), "Fleet", AT)
    assert json.loads(FORMATS["json"](found)) == found
    assert found["format"] == 1
