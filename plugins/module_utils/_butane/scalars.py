# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""What a scalar means to go-yaml v3: YAML 1.2 with the octal numbers of 1.1. Source: go-yaml 3.0.1, resolve.go."""

from __future__ import annotations

import datetime
import re
import typing as t

NULLS = frozenset(("", "~", "null", "Null", "NULL"))

_CONSTANTS: dict[str, tuple[str, t.Any]] = {
    **dict.fromkeys(("true", "True", "TRUE"), ("!!bool", True)),
    **dict.fromkeys(("false", "False", "FALSE"), ("!!bool", False)),
    **dict.fromkeys(NULLS, ("!!null", None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ("!!float", float("nan"))),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), ("!!float", float("inf"))),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), ("!!float", float("-inf"))),
    "<<": ("!!merge", "<<"),
}

#: Strings that fill a bool field although they are no bool of YAML 1.2.
OLD_BOOLS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}

INT_MIN, INT_MAX, UINT_MAX = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1

_DIGITS = {2: re.compile("[01]+"), 8: re.compile("[0-7]+"), 10: re.compile("[0-9]+"), 16: re.compile("[0-9a-fA-F]+")}
_BASES = {"0x": 16, "0X": 16, "0o": 8, "0O": 8, "0b": 2, "0B": 2}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt](?P<zoned>[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?)(?P<zone>Z|[-+][0-9]{2}:[0-9]{2}))"
    r"|(?: (?P<local>[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]+)?)))?"
)

#: Tags whose text is looked at; the text under any other tag stays a string of that tag.
_RESOLVABLE = frozenset(("!!bool", "!!int", "!!float", "!!null", "!!timestamp"))


class ScalarError(Exception):
    """A text that is not what its explicit tag says."""

    code = "yaml_scalar"


def resolve(tag: str | None, text: str, plain: bool) -> tuple[str, t.Any]:
    """The tag and value of a scalar, given its explicit tag.

    Values are None, bool, int, float or str; a timestamp stays its text. Raises ScalarError.
    """
    if tag is None:
        return _guess(text, None) if plain else ("!!str", text)
    if tag not in _RESOLVABLE:
        return tag, text
    found, value = _guess(text, tag)
    if found == tag:
        return found, value
    if tag == "!!float" and found == "!!int" and value <= INT_MAX:
        return tag, float(value)
    raise ScalarError(f"cannot decode {found} `{text}` as a {tag}")


def _guess(text: str, tag: str | None) -> tuple[str, t.Any]:
    constant = _CONSTANTS.get(text)
    if constant:
        return constant
    first = text[0] if text else ""
    if first == ".":
        return _float(text) if _DOT_FLOAT.fullmatch(text) else ("!!str", text)
    if not (first in "+-" or "0" <= first <= "9"):
        return "!!str", text
    if tag in (None, "!!timestamp") and _is_timestamp(text):
        return "!!timestamp", text
    digits = text.replace("_", "")
    number = _integer(digits)
    if number is not None:
        return "!!int", number
    if _FLOAT.fullmatch(digits):
        found, value = _float(digits)
        if found == "!!float":
            return found, value
    return "!!str", text


def _float(text: str) -> tuple[str, t.Any]:
    value = float(text)
    return ("!!str", text) if value in (float("inf"), float("-inf")) else ("!!float", value)


def _integer(digits: str) -> int | None:
    """Go's ParseInt with base 0, or else its ParseUint: a leading 0 is octal as in YAML 1.1."""
    sign = digits[:1] if digits[:1] in ("+", "-") else ""
    body = digits[len(sign) :]
    base = _BASES.get(body[:2])
    if base:
        body = body[2:]
    elif len(body) > 1 and body[0] == "0":
        base, body = 8, body[1:]
    else:
        base = 10
    if not _DIGITS[base].fullmatch(body) or len(body) > 80:
        return None
    value = int(sign + body, base)
    if INT_MIN <= value <= INT_MAX or (not sign and value <= UINT_MAX):
        return value
    return None


def _is_timestamp(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if not found:
        return False
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    try:
        # Go's calendar has a year 0, a leap year.
        datetime.date(year or 4, month, day)
    except ValueError:
        return False
    clock = found["zoned"] or found["local"]
    if clock:
        hour, minute, second = re.split("[:.,]", clock)[:3]
        if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
            return False
    zone = found["zone"]
    return zone in (None, "Z") or (int(zone[1:3]) <= 24 and int(zone[4:6]) <= 60)
