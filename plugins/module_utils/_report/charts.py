# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Bars that count hosts, as SVG in the page. Their colours and fonts are those of the page's style."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._report.markup import Markup, element

#: In the units of the drawing, which is scaled to the width that there is.
_WIDTH, _ROW, _BAR, _LABEL, _COUNT = 420, 24, 16, 215, 40
#: Characters of a label that fit beside the bars.
_LETTERS = 30
#: Rows of one chart; what is left is summed up in the last one.
_ROWS = 12


class Bar(t.NamedTuple):
    """hosts is how many there are; tone is good, bad, warn or plain, which the style knows."""

    label: str
    hosts: int
    tone: str = "plain"


def chart(title: str, bars: t.Sequence[Bar]) -> Markup:
    """A figure with its title; without bars it says that there is nothing."""
    caption = element("figcaption", title)
    if not bars:
        return element("figure", caption, element("p", "none", class_="none"))
    rows = _fitting(bars)
    most = max(one.hosts for one in rows) or 1
    drawn = [_row(number, one, most) for number, one in enumerate(rows)]
    told = ", ".join(f"{one.label}: {one.hosts}" for one in rows)
    return element(
        "figure",
        caption,
        element("svg", *drawn, viewBox=f"0 0 {_WIDTH} {len(rows) * _ROW}", role="img", aria_label=f"{title}. {told}"),
    )


def _fitting(bars: t.Sequence[Bar]) -> list[Bar]:
    if len(bars) <= _ROWS:
        return list(bars)
    kept, left = bars[: _ROWS - 1], bars[_ROWS - 1 :]
    return [*kept, Bar(f"{len(left)} others", sum(one.hosts for one in left))]


def _row(number: int, one: Bar, most: int) -> Markup:
    middle = number * _ROW + _ROW / 2
    longest = _WIDTH - _LABEL - _COUNT
    width = round(longest * one.hosts / most, 1)
    label = one.label if len(one.label) <= _LETTERS else f"{one.label[: _LETTERS - 1]}…"
    return element(
        "g",
        element("title", f"{one.label}: {one.hosts}"),
        element("text", label, x=_LABEL - 8, y=middle, text_anchor="end"),
        element("rect", class_=one.tone, x=_LABEL, y=middle - _BAR / 2, width=width, height=_BAR, rx=2),
        element("text", one.hosts, x=_LABEL + width + 6, y=middle, class_="count"),
    )
