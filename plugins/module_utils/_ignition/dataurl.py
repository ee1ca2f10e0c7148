# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Data URLs as Ignition decodes them (the Go package vincent-petithory/dataurl), with its error texts."""

from __future__ import annotations

import binascii
import re
import urllib.parse

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z{}-]")
_TOKENS = re.compile(_TOKEN.pattern + "*")
_TYPES = ("text", "image", "audio", "video", "application", "message", "multipart")
# A header without parameter values, which covers nearly all: ",", ";base64," and "text/plain;base64,".
_HEADER = re.compile(rf"data:(?:(?:{'|'.join(_TYPES)})/{_TOKEN.pattern}+)?(;base64)?,")
# Printable ASCII without the delimiters of a URL. "%" is among them, its escapes are looked at afterwards.
_URL_CHARACTERS = re.compile(r"[!$-;=?-Z_a-z~]*\Z")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_BASE64_CHARACTERS = re.compile(r"[A-Za-z0-9+/=\n]*\Z")
_QUOTED = re.compile(r'(?:[^\\"\u0080-\U0010ffff]|\\[\x00-\x7f])*')
# What Go's strconv.Unquote takes between double quotes.
_GO_STRING = re.compile(
    r"""(?:[^\\"\n]|\\[abfnrtv\\"]|\\x[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}"""
    r"""|\\u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|\\U(?!0000[Dd][89A-Fa-f])(?:000[0-9A-Fa-f]|0010)[0-9A-Fa-f]{4})*\Z"""
)


class DataURLError(ValueError):
    """A data URL that Ignition refuses; the text is Ignition's own."""

    code = "invalid_data_url"


def check(url: str) -> str | None:
    """What is wrong with a data URL, in Ignition's words, or None. Nothing is decoded."""
    try:
        is_base64, start = _header(url)
        return _body_error(url, start, is_base64)
    except DataURLError as error:
        return str(error)


def decode(url: str) -> bytes:
    """The bytes that a data URL carries, still compressed if they are; DataURLError for a bad one."""
    is_base64, start = _header(url)
    error = _body_error(url, start, is_base64)
    if error:
        raise DataURLError(error)
    body = url[start:]
    return binascii.a2b_base64(body) if is_base64 else urllib.parse.unquote_to_bytes(body)


def _header(url: str) -> tuple[bool, int]:
    """Whether the body is base64, and where it starts."""
    match = _HEADER.match(url)
    if match:
        return match[1] is not None, match.end()
    if not url.startswith("data:"):
        raise DataURLError("missing data prefix")
    return _parameters(url, _media_type(url))


def _media_type(url: str) -> int:
    """The position of the ";" or "," behind an optional media type."""
    start = position = len("data:")
    first = url[start : start + 1]
    if first == "":
        raise DataURLError("missing comma before data")
    if first in ";,":
        return start
    if not _TOKEN.match(first):
        raise DataURLError("invalid character after data prefix")
    extension = url[start : start + 2] in ("x-", "X-")
    # After an x the next character is swallowed whatever it is.
    position += 2 if first in "xX" else 1
    position = _tokens_end(url, position)
    if url[position : position + 1] == "":
        raise DataURLError("missing media type slash")
    if url[position] != "/":
        raise DataURLError("invalid character for media type")
    if not extension and not url.startswith(_TYPES, start):
        raise DataURLError("invalid media type")
    position = _tokens_end(url, position + 1)
    if url[position : position + 1] == "":
        raise DataURLError("incomplete media type")
    if url[position] not in ";,":
        raise DataURLError("invalid character for media subtype")
    return position


def _tokens_end(url: str, position: int) -> int:
    match = _TOKENS.match(url, position)
    return match.end() if match else position


def _parameters(url: str, position: int) -> tuple[bool, int]:
    """Walks `;name=value` and `;base64` from a ";" or ","; whether base64 was named and where the body starts."""
    unquote = False
    while url[position] == ";":
        start = position + 1
        position = _tokens_end(url, start)
        end = url[position : position + 1]
        if end == "" or (position == start and end in "=,"):
            raise DataURLError("unterminated parameter sequence")
        if end == ",":
            if url[start:position] != "base64":
                raise DataURLError(f"expected base64, got {url[start:position]}")
            return True, position + 1
        if end != "=" or position == start:
            raise DataURLError("invalid character for parameter attribute")
        position += 1
        if url[position : position + 1] == '"':
            # An empty quoted value leaves the next value to be read as a quoted one.
            start, position = position + 1, _quoted_end(url, position + 1)
            value, unquote = url[start:position], True
            position += 1
        else:
            start, position = position, _value_end(url, position)
            value = url[start:position]
        if value:
            _check_value(value, unquote)
            unquote = False
        if url[position : position + 1] == "":
            raise DataURLError("missing comma before data")
        if url[position] not in ";,":
            raise DataURLError("expected semicolon or comma")
    return False, position + 1


def _quoted_end(url: str, start: int) -> int:
    match = _QUOTED.match(url, start)
    position = match.end() if match else start
    following = url[position : position + 2]
    if following in ("", "\\"):
        raise DataURLError("unclosed quoted string")
    if following[0] == "\\":
        raise DataURLError("invalid escaped character")
    if following[0] != '"':
        raise DataURLError("invalid character for parameter value")
    return position


def _value_end(url: str, start: int) -> int:
    position = _tokens_end(url, start)
    following = url[position : position + 1]
    if following == "":
        raise DataURLError("missing comma before data")
    if position == start or following not in ";,":
        raise DataURLError("invalid character for parameter value")
    return position


def _check_value(value: str, unquote: bool) -> None:
    if unquote:
        if not _GO_STRING.match(value):
            raise DataURLError("invalid syntax")
        return
    error = _escape_error(value)
    if error:
        raise DataURLError(error)


def _body_error(url: str, start: int, is_base64: bool) -> str | None:
    if not is_base64:
        return _escape_error(url[start:]) if _URL_CHARACTERS.match(url, start) else "invalid data character"
    if (len(url) - start) % 4 == 0 and _BASE64.match(url, start):
        return None
    if not _BASE64_CHARACTERS.match(url, start):
        return "invalid data character"
    position = _base64_error(url[start:])
    return None if position is None else f"illegal base64 data at input byte {position}"


def _escape_error(text: str) -> str | None:
    match = _BAD_ESCAPE.search(text)
    if not match:
        return None
    following = text[match.end() : match.end() + 2]
    if following == "" or (len(following) == 1 and following in "0123456789ABCDEFabcdef"):
        return "rfc2396: unexpected end of unescape sequence"
    return "rfc2396: invalid char 0x25 in unescape sequence"


def _base64_error(body: str) -> int | None:
    """Where Go's base64.StdEncoding stops; line feeds are skipped, and spare bits at the end are not looked at."""
    end = len(body)
    padding = body.find("=")
    data = padding if padding >= 0 else end
    filled = (data - body.count("\n", 0, data)) % 4
    if padding < 0:
        return end - filled if filled else None
    if filled < 2:
        return padding
    position = _skip_line_feeds(body, padding + 1)
    if filled == 2:
        if position == end:
            return end
        if body[position] != "=":
            return position - 1
        position = _skip_line_feeds(body, position + 1)
    return position if position < end else None


def _skip_line_feeds(body: str, position: int) -> int:
    while body[position : position + 1] == "\n":
        position += 1
    return position
