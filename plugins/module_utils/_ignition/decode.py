# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""JSON text to a config, by the rules of Go's encoding/json for Ignition's types.

Nearly every document is read by Python's own parser. Whatever that reads otherwise than Go (members in another
letter case, repeated members, null, numbers that are no integers, wrong types, syntax errors, text that is not
UTF-8, unknown members) is left to the slow way, token by token.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import (
    JSONError,
    Token,
    skip,
    tokens,
    unquoted,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89A-Fa-f]")
_INTEGER = re.compile(rb"-?[0-9]{1,19}\Z")
_INT64 = 1 << 63
# The letters beyond ASCII that Go's case folding takes for ASCII ones.
_FOLDED = str.maketrans("\u017f\u212a", "sk")
_KINDS = {'"': "string", "0": "number", "t": "bool", "f": "bool", "{": "object", "[": "array"}


class Document:
    """One JSON text, read once. Every method raises JSONError for what Go refuses."""

    def __init__(self, source: bytes | str) -> None:
        self.data = _encoded(source) if isinstance(source, str) else source
        #: What Python's parser makes of it, None where Go would read something else.
        self.plain: t.Any = _plain(self.data)

    def spec_version(self) -> str:
        """ignition.version as it stands there; "" when it is missing. Nothing else is looked at but the syntax."""
        version = _only(_only(self.plain, "ignition"), "version")
        if isinstance(version, str):
            return version
        stub = _Decoder(self.data, "versionStub").config(schema.STUB)
        return str(stub.get("ignition", {}).get("version", ""))

    def config(self, version: str) -> schema.Config:
        """The config by the types of one of schema.VERSIONS: known members only, absent instead of null."""
        struct = schema.root(version)
        if isinstance(self.plain, dict) and _fits(struct, self.plain):
            return self.plain
        return _Decoder(self.data, "Config").config(struct)

    def is_plain(self, config: schema.Config) -> bool:
        """Whether the text says this config and nothing besides."""
        return config is self.plain


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def is_json(text: str) -> bool:
    """Whether Go would read the text as some JSON value: numbers must fit into a float."""
    try:
        json.loads(text, parse_int=_finite, parse_float=_finite, parse_constant=_refuse)
    except RecursionError:
        return has_finite_numbers(text.encode("utf-8", "surrogateescape"))
    except ValueError:
        return False
    return True


def has_finite_numbers(data: bytes) -> bool:
    """Whether a text is JSON, every number of which fits into a float."""
    try:
        return all(kind != "0" or math.isfinite(float(data[start:end])) for kind, start, end in tokens(data))
    except JSONError:
        return False


class _UnusualError(ValueError):
    """Something that Python's parser reads otherwise than Go."""


def _plain(data: bytes) -> t.Any:
    """What Python's parser makes of a document that has nothing unusual; None for any other."""
    try:
        text = data.decode("utf-8")
        if _SURROGATE_ESCAPE.search(text):
            return None
        return json.loads(text, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _only(value: t.Any, name: str) -> t.Any:
    """A member of an object that has no other of that name in another letter case; None otherwise."""
    if not isinstance(value, dict) or any(_folded(other) == name for other in value if other != name):
        return None
    return value.get(name)


def _unique(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _UnusualError("a repeated member")
    return members


def _refuse(text: str) -> t.NoReturn:
    raise _UnusualError(f"a number that is no integer: {text}")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _UnusualError("a number that is too large")
    return number


def _fits(struct: schema.Struct, value: dict[str, t.Any]) -> bool:
    """Whether an object has only members that the struct has, spelled so, and of their types."""
    for name, member in value.items():
        field = struct.by_name.get(name)
        if field is None:
            return False
        if field.is_list:
            if not isinstance(member, list) or not all(_item_fits(field, item) for item in member):
                return False
        elif not _item_fits(field, member):
            return False
    return True


def _item_fits(field: schema.Field, value: t.Any) -> bool:
    if field.struct:
        return isinstance(value, dict) and _fits(field.struct, value)
    if field.kind == "string":
        return isinstance(value, str)
    if field.kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64
    return isinstance(value, bool)


class _Decoder:
    """Go's way: the first wrong type is remembered and raised at the end, so that syntax errors come before it."""

    def __init__(self, data: bytes, root_type: str) -> None:
        self.data = data
        self.root_type = root_type
        self.tokens = tokens(data)
        self.error: JSONError | None = None
        # A list that is given again overwrites the items of the one before, member by member, however long that was.
        self.items: dict[tuple[int, str], tuple[schema.Config, list[t.Any]]] = {}

    def config(self, struct: schema.Struct) -> schema.Config:
        token = next(self.tokens)
        config: schema.Config = {}
        if token[0] == "{":
            self._object(struct, config, ())
        elif token[0] != "n":
            package = "util" if self.root_type == "versionStub" else "types"
            self._wrong_type(token, f"{package}.{self.root_type}", ())
        for dummy in self.tokens:
            # The scanner has yet to see the end of the document.
            continue
        if self.error:
            raise self.error
        return config

    def _object(self, struct: schema.Struct, target: schema.Config, path: Path) -> None:
        for kind, start, end in self.tokens:
            if kind == "}":
                return
            name = unquoted(self.data[start:end])
            field = _field(struct, name)
            token = next(self.tokens)
            if field is None:
                skip(self.tokens, token[0])
            elif field.is_list:
                self._list(field, target, token, (*path, name))
            elif token[0] == "n":
                if field.pointer:
                    target.pop(field.name, None)
            else:
                value = self._value(field, target.get(field.name), token, (*path, name), field.go_type)
                if value is not None:
                    target[field.name] = value

    def _list(self, field: schema.Field, target: schema.Config, token: Token, path: Path) -> None:
        key = (id(target), field.name)
        if token[0] != "[":
            if token[0] == "n":
                target.pop(field.name, None)
                self.items.pop(key, None)
            else:
                self._wrong_type(token, field.go_type, path)
            return
        items = self.items.setdefault(key, (target, []))[1]
        length = 0
        for token in self.tokens:
            if token[0] == "]":
                break
            if length == len(items):
                items.append({} if field.struct else "")
            if token[0] != "n":
                value = self._value(field, items[length], token, (*path, length), field.go_item)
                items[length] = items[length] if value is None else value
            length += 1
        target[field.name] = items[:length]
        if not length:
            del self.items[key]

    def _value(self, field: schema.Field, old: t.Any, token: Token, path: Path, go_type: str) -> t.Any:
        """One value that is not null; None after a wrong type."""
        kind, start, end = token
        if field.struct and kind == "{":
            value = {} if old is None else old
            self._object(field.struct, value, path)
            return value
        text = self.data[start:end]
        if field.kind == "string" and kind == '"':
            return unquoted(text)
        if field.kind == "bool" and kind in "tf":
            return kind == "t"
        if field.kind == "int" and kind == "0":
            number = int(text) if _INTEGER.match(text) else _INT64
            if -_INT64 <= number < _INT64:
                return number
            self._wrong_type(token, go_type, path, " " + text.decode())
        else:
            self._wrong_type(token, go_type, path)
        return None

    def _wrong_type(self, token: Token, go_type: str, path: Path, detail: str = "") -> None:
        """Remembers the first error, at the end of a scalar or behind the opening bracket, and skips the value."""
        if self.error is None:
            what = _KINDS[token[0]] + detail
            where = ".".join([self.root_type, *map(str, path)])
            # Go guesses by its last step that a path leads to a list item.
            kind = "" if path and isinstance(path[-1], int) else "Go struct field "
            into = f"{kind}{where}" if path else "Go value"
            self.error = JSONError(f"json: cannot unmarshal {what} into {into} of type {go_type}", token[2])
        skip(self.tokens, token[0])


def _field(struct: schema.Struct, name: str) -> schema.Field | None:
    """The field of a member: spelled exactly so, or else in any letter case."""
    field = struct.by_name.get(name)
    if field is None:
        folded = _folded(name)
        return next((field for field in struct.fields if field.name.lower() == folded), None)
    return field


def _folded(name: str) -> str:
    """A name without its letter case; names that hold other letters than ASCII ones stay what they are."""
    folded = name.translate(_FOLDED)
    return folded.lower() if folded.isascii() else name
