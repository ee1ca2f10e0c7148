# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""JSON as Go's encoding/json reads it, token by token, with its errors and their offsets.

The wording is that of Go 1.27, whose encoding/json stands on the v2 packages. Programs built with an older Go name
control characters, escapes and the place of a wrong type otherwise.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import SPACE, quoted

_DEPTH_MAX = 10_000
_OBJECT_END = ord("}")
_SPACE = rb"[ \t\r\n]*"
_PLAIN = rb'[^"\\\x00-\x1f]*'
_CHARACTERS = _PLAIN + rb'(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})' + _PLAIN + rb")*"
# What may come next; the number of the group tells what it is.
_INTEGER = rb"-?(?:0|[1-9][0-9]*(?![0-9]))"
_FRACTION = rb"(?:\.[0-9]+(?![0-9])|(?!\.))"
_EXPONENT = rb"(?:[eE][+-]?[0-9]+|(?![eE]))"
_VALUE = re.compile(
    rb"%b(?:(\{)|(\[)|(\"%b\")|(%b)|(null|true|false))" % (_SPACE, _CHARACTERS, _INTEGER + _FRACTION + _EXPONENT)
)
_KEY = re.compile(rb'%b("%b")%b:' % (_SPACE, _CHARACTERS, _SPACE))
_BEHIND = re.compile(rb"%b(?:(,)|([}\]]))" % _SPACE)
# For errors: the good part of what comes next.
_SPACES = re.compile(_SPACE)
_STRING_START = re.compile(rb'"' + _CHARACTERS)
_CUT_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_NUMBER_START = re.compile(rb"-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+)?)?(?:(?<=[0-9])[eE][+-]?)?)?")
_LITERALS = {b"n": b"null", b"t": b"true", b"f": b"false"}
_ESCAPE = re.compile(r"\\(?:u(....)|(.))")
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

#: kind, start and end: data[start:end] is its text; kind is that text's first character (0 for a number), or "key".
Token = tuple[str, int, int]


class JSONError(ValueError):
    """JSON that Go refuses; the text is Go's, offset the number of bytes that it had read."""

    code = "invalid_json"

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def tokens(data: bytes) -> t.Iterator[Token]:
    """The brackets, keys and scalars of a JSON document in order; JSONError where Go would stop."""
    closers: list[int] = []
    position = 0
    while True:
        match = _VALUE.match(data, position)
        if match is None:
            raise _value_error(data, position)
        kind, position = match.lastindex or 0, match.end()
        start = match.start(kind)
        if kind > 2:
            yield '"' if kind == 3 else "0" if kind == 4 else chr(data[start]), start, position
        elif len(closers) == _DEPTH_MAX:
            raise JSONError("exceeded max depth", position)
        else:
            yield chr(data[start]), start, position
            closers.append(data[start] + 2)
            end = _after_space(data, position)
            if data[end : end + 1] != closers[-1].to_bytes(1, "big"):
                if kind == 1:
                    token, position = _key(data, position)
                    yield token
                continue
        # Behind a value, or before the end of an empty container.
        more = False
        while closers and not more:
            match = _BEHIND.match(data, position)
            if match is None:
                raise _behind_error(data, position, closers[-1])
            start, position = match.end() - 1, match.end()
            if match[1]:
                more = True
            elif data[start] == closers[-1]:
                closers.pop()
                yield chr(data[start]), start, position
            else:
                raise _behind_error(data, start, closers[-1])
        if not more:
            break
        if closers[-1] == _OBJECT_END:
            token, position = _key(data, position)
            yield token
    end = _after_space(data, position)
    if end < len(data):
        raise _invalid(data, end, "after top-level value")


def skip(stream: t.Iterator[Token], kind: str) -> None:
    """Reads on to the end of the value that starts with a token of a kind."""
    depth = 0
    while True:
        if kind in "{[":
            depth += 1
        elif kind in "}]":
            depth -= 1
        if not depth:
            return
        kind = next(stream)[0]


def unquoted(text: bytes) -> str:
    """The value of a string token. What is not UTF-8, and halves of surrogate pairs, become U+FFFD."""
    value = text[1:-1].decode("utf-8", "surrogateescape")
    if not value.isascii():
        value = _SURROGATE.sub("\ufffd", value)
    if "\\" not in value:
        return value
    value = _ESCAPE.sub(_escaped, value)
    if value.isascii():
        return value
    return _SURROGATE.sub("\ufffd", _SURROGATE_PAIR.sub(_joined, value))


def _escaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _SHORT_ESCAPES.get(match[2], match[2])


def _joined(match: re.Match[str]) -> str:
    high, low = map(ord, match[0])
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _after_space(data: bytes, position: int) -> int:
    match = _SPACES.match(data, position)
    return match.end() if match else position


def _key(data: bytes, position: int) -> tuple[Token, int]:
    """The name of a member, and the position behind its colon."""
    match = _KEY.match(data, position)
    if match:
        return ("key", match.start(1), match.end(1)), match.end()
    start = _after_space(data, position)
    if data[start : start + 1] != b'"':
        raise _invalid(data, start, "looking for beginning of object key string")
    match = _STRING_START.match(data, start)
    end = match.end() if match else start
    if data[end : end + 1] != b'"':
        raise _string_error(data, end)
    raise _invalid(data, _after_space(data, end + 1), "after object key")


def _value_error(data: bytes, position: int) -> JSONError:
    start = _after_space(data, position)
    character = data[start : start + 1]
    if character == b'"':
        match = _STRING_START.match(data, start)
        return _string_error(data, match.end() if match else start)
    if character and character in b"-0123456789":
        match = _NUMBER_START.match(data, start)
        return _invalid(data, match.end() if match else start, "in numeric literal")
    literal = _LITERALS.get(character, b"")
    for index in range(len(literal)):
        if data[start + index : start + index + 1] != literal[index : index + 1]:
            expected = quoted(chr(literal[index]), "'")
            return _invalid(data, start + index, f"in literal {literal.decode()} (expecting {expected})")
    return _invalid(data, start, "looking for beginning of value")


def _string_error(data: bytes, position: int) -> JSONError:
    """The error about what stands behind the good part of a string."""
    following = data[position : position + 6]
    if not following or (_CUT_ESCAPE.match(following) and position + len(following) == len(data)):
        return _cut_short(data)
    if following[0] < 0x20:
        return _invalid(data, position, "in string")
    escape = following if following[1:2] == b"u" else following[:2]
    text = escape.decode("utf-8", "surrogateescape")
    plain = quoted(text) == '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    printed = f"`{text}`" if plain and not set(text) & {"`", "\ufffd", *SPACE} else quoted(text)
    return JSONError(f"invalid escape sequence {printed} in string", position + len(escape))


def _behind_error(data: bytes, position: int, closer: int) -> JSONError:
    where = "object key:value pair" if closer == _OBJECT_END else "array element"
    return _invalid(data, _after_space(data, position), f"after {where}")


def _cut_short(data: bytes) -> JSONError:
    return JSONError("unexpected end of JSON input", len(data))


def _invalid(data: bytes, position: int, where: str) -> JSONError:
    """The error about the character at a position, or about the end of the data."""
    if position >= len(data):
        return _cut_short(data)
    character = data[position : position + 4].decode("utf-8", "surrogateescape")[0]
    offset = position + len(character.encode("utf-8", "surrogateescape"))
    return JSONError(f"invalid character {quoted(character, chr(39))} {where}", offset)
