# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a fleet report in a browser: on a screen, on a phone and on paper, with 3 and with 1,000 hosts.

Its pictures are in the folder that PICTURES names, to be looked at.
"""

from __future__ import annotations

import os
import pathlib
import re
import struct
import zlib

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._report.document import document
from ansible_collections.flatops.flatcar.plugins.module_utils._report.page import page
from ansible_collections.flatops.flatcar.tests.chromium import browser
from ansible_collections.flatops.flatcar.tests.chromium.browser import PHONE, SCREEN, Browser
from ansible_collections.flatops.flatcar.tests.fleet_found import AT, fleet

PAGES = {size: page(document(fleet(size), "Flatcar fleet", AT)) for size in (3, 1000)}
both = pytest.mark.parametrize("hosts", PAGES)

#: Whether it is as wide as the window, which labels are cut, and what the style has done.
LAYOUT = """() => ({
  wide: document.documentElement.scrollWidth - innerWidth,
  cut: [...document.querySelectorAll("svg text")].filter(text => {
    const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
    return box.x < 0 || box.x + box.width > view.width;
  }).map(text => text.textContent),
  sorted: document.querySelector("th[aria-sort]")?.textContent,
  head: getComputedStyle(document.querySelector("thead")).display,
  cell: getComputedStyle(document.querySelector("td")).display,
  rows: document.querySelectorAll("tbody tr").length,
})"""
RIGHT = {"wide": 0, "cut": [], "sorted": "State"}
#: The hosts in their order after clicks on the heads of columns.
SORTED = """() => {
  const click = name => {
    [...document.querySelectorAll("th")].find(head => head.textContent === name).querySelector("button").click();
    const rows = [...document.querySelectorAll("tbody tr")];
    return rows.slice(0, 3).map(row => row.cells[0].textContent);
  };
  return [click("Host"), click("Host"), click("Clock"), click("Clock"), click("State")];
}"""
FILTERED = """() => {
  const input = document.querySelector("input");
  input.value = "LTS docker.service";
  input.dispatchEvent(new Event("input"));
  const shown = [...document.querySelectorAll("tbody tr")].filter(row => row.offsetHeight);
  return shown.map(row => row.cells[0].textContent);
}"""

#: A picture of one pixel (GIF89a), and what a page that holds it shows: its title and how wide the picture is.
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs="
SEEN = "() => [document.title, document.querySelector('img').naturalWidth]"


@pytest.fixture
def chromium(tmp_path: pathlib.Path) -> Browser:
    found = browser.program()
    if found is None:
        pytest.skip("there is no Chromium; Debian's package chromium has it")
    return Browser(found, tmp_path)


@pytest.fixture
def pictures(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def colours(png: bytes) -> int:
    """How many different bytes the lines of a picture have: an empty page has a few."""
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    return len(set(zlib.decompress(data)))


@both
def test_on_a_screen(chromium: Browser, pictures: pathlib.Path, hosts: int) -> None:
    found = chromium.ask(PAGES[hosts], LAYOUT)
    assert found == {**RIGHT, "head": "table-header-group", "cell": "table-cell", "rows": hosts}
    assert colours(chromium.picture(PAGES[hosts], SCREEN, pictures / f"screen-{hosts}.png")) > 100


@both
def test_on_a_phone(chromium: Browser, pictures: pathlib.Path, hosts: int) -> None:
    found = chromium.ask(PAGES[hosts], LAYOUT, PHONE)
    assert found == {**RIGHT, "head": "block", "cell": "flex", "rows": hosts}
    assert colours(chromium.picture(PAGES[hosts], PHONE, pictures / f"phone-{hosts}.png")) > 100


@both
def test_on_paper(chromium: Browser, pictures: pathlib.Path, hosts: int) -> None:
    paper = chromium.printed(PAGES[hosts], pictures / f"paper-{hosts}.pdf")
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert sheets == 1 if hosts == 3 else 20 < sheets < 80


def test_sorting(chromium: Browser) -> None:
    up, down, exact, off, state = chromium.ask(PAGES[1000], SORTED)
    assert (up, down) == (["node0", "node1", "node2"], ["node999", "node998", "node997"])
    assert set(exact) < {"node1", *(f"node{number}" for number in range(2, 1000, 4))}
    assert set(off) < {f"node{number}" for number in range(3, 1000, 4)}
    assert state[0] == "node1"


def test_filtering(chromium: Browser) -> None:
    shown = chromium.ask(PAGES[1000], FILTERED)
    assert shown == [f"node{number}" for number in range(2, 1000, 13) if number % 5 == 4]


def test_nothing_else_runs(chromium: Browser) -> None:
    """A script that got into the page in spite of all would not run, nor a picture load."""
    strange = f"<script>document.title = 'run'</script><img src='{DOT}' onload=\"document.title = 'run'\">"
    found = chromium.ask(PAGES[3].replace("<h1>", f"{strange}<h1>"), SEEN)
    assert found == ["Flatcar fleet", 0]
    # Elsewhere both work.
    assert chromium.ask(f"<!-- script-src --><body>{strange}</body>", SEEN) == ["run", 1]
