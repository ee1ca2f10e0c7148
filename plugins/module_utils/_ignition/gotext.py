# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""How Go prints text, where its wording stands in a report."""

from __future__ import annotations

import unicodedata

#: What Go's unicode.IsSpace takes for white space (bytes that are not UTF-8 are none).
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_WIDTH_MAX = 1_000_000
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}


def quoted(text: str, quote: str = '"') -> str:
    """The text as Go's %q prints it; with a single quote as %q prints a rune.

    Surrogate escapes stand for bytes that are not UTF-8 and come out as \\xNN.
    """
    return quote + "".join(_printed(character, quote) for character in text) + quote


def _printed(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character == " " or unicodedata.category(character)[0] in "LMNPS":
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def size(text: str) -> int:
    """The length in bytes of a text that may hold surrogate escapes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def formatted(text: str) -> str:
    """The text as Go's Printf prints it when it is taken for a format and there are no arguments."""
    printed: list[str] = []
    position = 0
    while True:
        percent = text.find("%", position)
        if percent < 0:
            return "".join((*printed, text[position:]))
        printed.append(text[position:percent])
        directive, position = _directive(text, percent + 1)
        printed.append(directive)


def _directive(text: str, position: int) -> tuple[str, int]:
    """What becomes of flags, width, precision and verb behind a percent sign, and where they end."""
    printed = ""
    while text[position : position + 1] and text[position] in "#0+- ":
        position += 1
    position, indexed, good = _argument(text, position, True)
    if text.startswith("*", position):
        position, printed, indexed = position + 1, "%!(BADWIDTH)", False
    else:
        start, position = position, _number_end(text, position)
        good = good and not (indexed and position > start)
    if text.startswith(".", position):
        position, indexed, good = _argument(text, position + 1, good and not indexed)
        if text.startswith("*", position):
            position, printed, indexed = position + 1, printed + "%!(BADPREC)", False
        else:
            position = _number_end(text, position)
    if not indexed:
        position, indexed, good = _argument(text, position, good)
    verb = text[position : position + 1]
    if not verb:
        return printed + "%!(NOVERB)", len(text)
    return printed + ("%" if verb == "%" else f"%!{verb}({'MISSING' if good else 'BADINDEX'})"), position + 1


def _argument(text: str, position: int, good: bool) -> tuple[int, bool, bool]:
    """Behind an explicit index like [1]: its end, whether it is a number, and whether it is good, which none is."""
    if not text.startswith("[", position):
        return position, False, good
    closing = text.find("]", position)
    if closing < 0 or len(text) - position < 3:
        return position + 1, False, False
    return closing + 1, position + 1 < closing == _number_end(text, position + 1), False


def _number_end(text: str, position: int) -> int:
    """Behind the digits; at the end of the text when they are too many."""
    start = position
    while text[position : position + 1].isascii() and text[position : position + 1].isdigit():
        if int(text[start:position] or "0") > _WIDTH_MAX:
            return len(text)
        position += 1
    return position
