# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Elements of HTML and SVG. Whatever is no markup yet is escaped; there is no other way into a page."""

from __future__ import annotations

import html
import typing as t

#: Elements that have no end (https://html.spec.whatwg.org/#void-elements).
_VOID = ("input", "meta")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = t.Union[Markup, str, int, float]


def element(tag: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. class_ is the attribute class, data_sort data-sort; an attribute that is None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{_joined(children)}</{tag}>")


def _joined(children: t.Iterable[Child]) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else html.escape(str(child)) for child in children))
