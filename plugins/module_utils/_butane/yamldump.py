# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""YAML as go-yaml v3 writes it. Source: go-yaml 3.0.1, encode.go and emitterc.go.

Not copied: go-yaml sorts the digits in the names of members as numbers.
"""

from __future__ import annotations

import decimal
import math
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.scalars import OLD_BOOLS, resolve

_TEXT = "tag:yaml.org,2002:str"

_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")

#: What go-yaml escapes and PyYAML would not.
_ESCAPED = re.compile("[\x85\U00010000-\U0010ffff]")


def dump(value: t.Any) -> str:
    """Mappings, lists, texts, whole numbers and bools as YAML."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Every scalar is a text to it: which of them need quotes is decided here, by go-yaml's rules."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def choose_scalar_style(self) -> t.Any:
            event: t.Any = self.event
            style = super().choose_scalar_style()
            return '"' if event.style == "|" and style == "'" else style

        def write_literal(self, text: str) -> None:
            # go-yaml loses the line break with which a block begins.
            super().write_literal(text.removeprefix("\n"))

    def scalar(style: t.Callable[[t.Any], str | None], text: t.Callable[[t.Any], str]) -> t.Any:
        return lambda dumper, value: dumper.represent_scalar(_TEXT, text(value), style=style(value))

    Dumper.yaml_implicit_resolvers = {}
    Dumper.add_representer(str, scalar(_style, str))
    Dumper.add_representer(int, scalar(_plain, _number))
    Dumper.add_representer(bool, scalar(_plain, lambda value: str(value).lower()))
    return yaml.dump(value, Dumper=Dumper, default_flow_style=False, allow_unicode=True, width=math.inf)


def _plain(value: t.Any) -> None:
    return None


def _style(text: str) -> str | None:
    """A block for lines, quotes for what would be read as anything but a text, or else what PyYAML finds fit."""
    if _ESCAPED.search(text):
        return '"'
    if "\n" in text:
        return "|"
    # go-yaml writes the merge key bare, but reads it as a text where it is a value.
    is_text = text == "<<" or resolve(None, text, True)[0] == "!!str"
    return None if is_text and text not in OLD_BOOLS and not _BASE_60.fullmatch(text) else '"'


def _number(value: int) -> str:
    """The shortest form of the float64 that a number of JSON is to Go, with an exponent from a million on."""
    if abs(value) < 10**6:
        return str(value)
    sign, digits, exponent = decimal.Decimal(repr(float(value))).normalize().as_tuple()
    first, *rest = map(str, digits)
    fraction = "." + "".join(rest) if rest else ""
    return f"{'-' * sign}{first}{fraction}e+{len(rest) + int(exponent):02d}"
