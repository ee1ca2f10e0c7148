# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""URLs as Go's net/url reads them: laxer than RFC 3986 in paths and queries, strict in hosts.

Source: net/url of Go 1.26 with urlstrictcolons=0, which is how the released butane and ignition-validate are built.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
import urllib.parse

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER_INFO = re.compile(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*\Z")
_PORT = re.compile(r"(?::[0-9]*)?\Z")
# Everything beyond ASCII may stand in a host; of ASCII, only these, and an escape only of a byte beyond ASCII or %25.
_HOST_CHARACTER = re.compile(r"""[A-Za-z0-9_.~!$&'()*+,;=:<>"\[\]\u0080-\U0010ffff-]""")
_BAD_HOST = re.compile(r"""[^A-Za-z0-9_.~!$&'()*+,;=:<>"\[\]\u0080-\U0010ffff%-]|%(?!25|[89A-Fa-f][0-9A-Fa-f])""")


class URL(t.NamedTuple):
    """The parts that the rules look at. scheme is lower case; opaque is what follows it when that has no slash."""

    scheme: str
    opaque: str
    query: str


def parse(text: str) -> URL | None:
    """The URL, or None when Go's url.Parse refuses it. A relative reference and "" are URLs without a scheme."""
    rest, dummy, fragment = text.partition("#")
    if _CONTROL.search(rest) or _BAD_ESCAPE.search(fragment):
        return None
    if rest == "*":
        return URL("", "", "")
    scheme = ""
    if rest.startswith(":"):
        return None
    match = _SCHEME.match(rest)
    if match:
        scheme, rest = match[0][:-1].lower(), rest[match.end() :]
    rest, dummy, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return URL(scheme, rest, query)
        if ":" in rest.partition("/")[0]:
            return None
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        if not _authority(authority):
            return None
        rest = slash + path
    return None if _BAD_ESCAPE.search(rest) else URL(scheme, "", query)


def first_query_value(query: str, name: str) -> str | None:
    """The first value of a parameter; pieces with ";" or a bad escape do not count. None when there is none."""
    for piece in query.split("&"):
        if ";" in piece or _BAD_ESCAPE.search(piece):
            continue
        key, dummy, value = piece.partition("=")
        if urllib.parse.unquote_plus(key) == name:
            return value
    return None


def _authority(authority: str) -> bool:
    user, at_sign, host = authority.rpartition("@")
    if at_sign and (not _USER_INFO.match(user) or _BAD_ESCAPE.search(user)):
        return False
    if not host.startswith("["):
        # An opening bracket further in is refused; the port follows the last colon.
        colon = host.rfind(":")
        return "[" not in host and (colon < 0 or bool(_PORT.match(host[colon:]))) and not _BAD_HOST.search(host)
    address, bracket, port = host.rpartition("]")
    if not bracket or "[" in host[1:] or not _PORT.match(port):
        return False
    plain, escape, zone = address[1:].partition("%25")
    return _is_ipv6(plain) and (not escape or _zone(zone))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _zone(zone: str) -> bool:
    """A zone takes any escape of a byte that a host may hold as it is, and of a space and of "%"; it is not empty."""
    if not zone or _BAD_ESCAPE.search(zone):
        return False
    position = 0
    while position < len(zone):
        character = zone[position]
        if character == "%":
            character = chr(int(zone[position + 1 : position + 3], 16))
            if not (character in " %" or (character.isascii() and _HOST_CHARACTER.match(character))):
                return False
            position += 3
        elif _HOST_CHARACTER.match(character):
            position += 1
        else:
            return False
    return True
