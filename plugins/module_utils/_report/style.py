# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The style of the page, for screens, phones and paper, and the script that sorts and filters its table."""

from __future__ import annotations

import base64
import hashlib

CSS = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --line: #d1d9e0; --ground: #fff; --tile: #f6f8fa;
  --good: #1a7f37; --warn: #9a6700; --bad: #c1121f; --plain: #4a6fa5 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --ground: #0d1117; --tile: #151b23;
    --good: #3fb950; --warn: #d29922; --bad: #f85149; --plain: #6f9ad3 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 110rem; font: 15px/1.45 system-ui, sans-serif; color: var(--text);
  background: var(--ground) }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem }
p { margin: .25rem 0 }
.soft, .none { color: var(--soft) }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; padding: 0; list-style: none }
.tiles li { flex: 1 1 6rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--tile) }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2 }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem }
figure { margin: 0; padding: .75rem; border: 1px solid var(--line); border-radius: 6px }
figcaption { font-weight: 600; margin-bottom: .5rem }
svg { display: block; width: 100%; height: auto }
svg text { font-size: 13px; fill: var(--text); dominant-baseline: central }
svg .count { font-weight: 600 }
rect.good { fill: var(--good) } rect.warn { fill: var(--warn) } rect.bad { fill: var(--bad) }
rect.plain { fill: var(--plain) }
b.good { color: var(--good) } b.warn { color: var(--warn) } b.bad { color: var(--bad) }
input { width: 100%; max-width: 24rem; padding: .4rem .6rem; margin-bottom: .5rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: 6px }
table { width: 100%; border-collapse: collapse; font-size: .9rem }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: break-word }
thead th { position: sticky; top: 0; background: var(--tile); white-space: nowrap }
th button { padding: 0; border: 0; background: none; font: inherit; color: inherit; cursor: pointer }
th[aria-sort=ascending] button::after { content: " ▲" }
th[aria-sort=descending] button::after { content: " ▼" }
td ul { margin: 0; padding: 0; list-style: none }
td:nth-child(3) { min-width: 18rem; overflow-wrap: anywhere }
@media screen and (max-width: 60rem) {
  table, thead, tbody, tr, td { display: block }
  thead tr { display: flex; flex-wrap: wrap; gap: .25rem; margin-bottom: .75rem }
  thead th { position: static; padding: 0; border: 1px solid var(--line); border-radius: 6px }
  th button { padding: .35rem .6rem }
  tbody tr { margin-bottom: .75rem; border: 1px solid var(--line); border-radius: 6px }
  tr[hidden] { display: none }
  td, td:nth-child(3) { display: flex; gap: .5rem; min-width: 0; padding: .3rem .6rem; border: 0 }
  td > * { min-width: 0; overflow-wrap: anywhere }
  td::before { content: attr(data-label); flex: 0 0 7.5rem; color: var(--soft) }
  td:first-child { font-weight: 600; background: var(--tile) }
  td:empty { display: none }
}
@media print {
  :root { --text: #000; --soft: #444; --line: #999; --ground: #fff; --tile: #fff;
    --good: #1a7f37; --warn: #9a6700; --bad: #c1121f; --plain: #4a6fa5 }
  @page { size: landscape; margin: 10mm }
  html { font-size: 9px }
  body { max-width: none; padding: 0; font-size: 1rem }
  input { display: none }
  .charts { grid-template-columns: repeat(4, 1fr) }
  thead th { position: static }
  figure, thead, tr { break-inside: avoid }
  svg, rect { print-color-adjust: exact }
}
"""

SCRIPT = """
const table = document.querySelector("table");
const body = table.tBodies[0];
const rows = [...body.rows];
const sorted = (head, way) => {
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", way);
};
sorted(table.tHead.rows[0].cells[1], "ascending");
const order = new Intl.Collator(undefined, {numeric: true});
const compare = (one, two) => "sort" in one.dataset
  ? one.dataset.sort - two.dataset.sort : order.compare(one.textContent, two.textContent);
table.tHead.addEventListener("click", event => {
  const head = event.target.closest("th");
  if (!head) return;
  const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  sorted(head, sign > 0 ? "ascending" : "descending");
  rows.sort((one, two) => sign * compare(one.cells[head.cellIndex], two.cells[head.cellIndex]));
  body.append(...rows);
});
document.querySelector("input").addEventListener("input", event => {
  const words = event.target.value.toLowerCase().split(/\\s+/);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(word => text.includes(word));
  }
});
"""


def policy() -> str:
    """The page's Content-Security-Policy: nothing is loaded, and only this style and this script count."""
    return f"default-src 'none'; style-src '{_digest(CSS)}'; script-src '{_digest(SCRIPT)}'"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
