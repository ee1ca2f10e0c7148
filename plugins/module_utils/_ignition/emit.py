# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Ignition JSON as butane prints it: members in the order of Go's structs, nothing empty, Go's escapes."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import schema

# Go escapes these where Python does not. They stand only inside strings, so replacing them in the finished text is
# right.
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
_ESCAPED_BEYOND_ASCII = {"\u2028": "\\u2028", "\u2029": "\\u2029"}
# Each byte that was not UTF-8 becomes an escaped U+FFFD; one that stands in the text stays as it is.
_SURROGATE = re.compile("[\ud800-\udfff]")
# json.dumps writes \b and \f where Go writes the number; an escaped backslash before the letter is no escape of it.
_SHORT = re.compile(r"\\(?:([bf])|.)")
_LONG = {"b": "\\u0008", "f": "\\u000c"}


def dumps(config: schema.Config, *, pretty: bool = False) -> str:
    """The JSON text of a config without a trailing newline: ordered(config); pretty indents by two spaces."""
    layout: dict[str, t.Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(ordered(config), ensure_ascii=False, **layout)
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    if not text.isascii():
        for character, escape in _ESCAPED_BEYOND_ASCII.items():
            text = text.replace(character, escape)
        text = _SURROGATE.sub(r"\\ufffd", text)
    if "\\b" in text or "\\f" in text:
        text = _SHORT.sub(lambda match: _LONG.get(match[1], match[0]), text)
    return text


def ordered(config: schema.Config) -> schema.Config:
    """What is printed of a config: a new one, in the order in which its members are printed.

    Members that its spec version does not know are left out, and so is whatever is empty: absent optional values,
    empty lists, and objects that hold nothing, however deep. Optional values that are set to "", 0 or false stay, and
    so does each item of a list. Required strings are there even when they are empty.
    """
    return _object(schema.root(schema.version_of(config)), config)


def _object(struct: schema.Struct, value: schema.Config) -> schema.Config:
    printed: schema.Config = {}
    for field in struct.fields:
        member = value.get(field.name)
        if member is None:
            if field.always:
                printed[field.name] = None if field.is_list or field.pointer else "" if field.struct is None else {}
        elif field.is_list:
            if member or field.always:
                printed[field.name] = [_object(field.struct, item) for item in member] if field.struct else member
        elif field.struct:
            if field.always or field.pointer or not schema.is_zero(field.struct.fields, member):
                printed[field.name] = _object(field.struct, member)
        elif member or field.pointer or field.always:
            printed[field.name] = member
    return printed
