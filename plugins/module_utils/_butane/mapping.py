# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Butane that comes as a mapping: its types are held against the schema before it becomes text."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import decode
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import VARIANTS
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import semver
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path, dotted

#: Characters that YAML refuses when they stand bare in a text, and JSON does not escape.
_BARE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

#: What a value of each type is in Python, and in words.
_TYPES: tuple[tuple[type[t.Any], type[t.Any], str], ...] = (
    (decode.Text, str, "text"),
    (decode.Integer, int, "a whole number"),
    (decode.Boolean, bool, "true or false"),
    (decode.List, list, "a list"),
    (decode.Labels, dict, "a mapping"),
    (decode.Struct, dict, "a mapping"),
)


class MappingError(Exception):
    """A Butane mapping holds values that are not of the type of their field; report has a line for each."""

    code = "butane_mapping_type"

    def __init__(self, report: list[str]) -> None:
        self.report = report
        super().__init__("\n".join(report))


def from_mapping(data: dict[t.Any, t.Any]) -> str:
    """The text of a Butane document that was read as YAML 1.1, as Ansible reads an inventory.

    What YAML 1.1 made of a scalar cannot be undone: 22:30 has become 1350, 1.10 has become 1.1, and yes has become
    true. So each field takes its own type only. Raises MappingError for a value of another type. Keys that Butane
    does not know pass: the engine reports them.
    """
    report: list[str] = []
    header = {name: data.get(name) for name in ("variant", "version")}
    for name, value in header.items():
        _check(decode.HEADER.fields[name][1], value, (name,), report)
    if report:
        raise MappingError(report)
    variant = VARIANTS.get((header["variant"] or "", semver.normal(header["version"] or "") or ""))
    if variant is not None:
        _check(decode.root_type(variant), data, (), report)
    if report:
        raise MappingError(report)
    text = json.dumps(data, ensure_ascii=False, skipkeys=True, default=str)
    return _BARE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _check(wanted: decode.Type[t.Any], value: t.Any, path: Path, report: list[str]) -> None:
    """Add a line for each value that is not of the type of its field. An absent value fits everywhere."""
    if value is None:
        return
    python, words = next((python, words) for kind, python, words in _TYPES if isinstance(wanted, kind))
    # To Python a bool is a number.
    if not isinstance(value, python) or (isinstance(value, bool) and python is not bool):
        hint = "quote it" if python is str else "write it so"
        what = f"{_words(value)} where Butane wants {words}; {hint}, or give this fragment as text"
        report.append(f"error at {dotted(path)}: {what}")
    elif isinstance(wanted, decode.List):
        for index, item in enumerate(value):
            _check(wanted.item, item, (*path, index), report)
    elif python is dict:
        for key, member in value.items():
            if not isinstance(key, str):
                what = f"a key that is {_words(key)}, where Butane wants text; quote it"
                report.append(f"error at {dotted((*path, str(key)))}: {what}")
            elif isinstance(wanted, decode.Labels):
                _check(wanted.text, member, (*path, key), report)
            elif isinstance(wanted, decode.Struct) and key in wanted.fields:
                _check(wanted.fields[key][1], member, (*path, key), report)


def _words(value: t.Any) -> str:
    """The type of a value in words; never the value, which may be a secret."""
    if isinstance(value, bool):
        return "true or false"
    names: dict[type, str] = {
        str: "text",
        int: "a whole number",
        float: "a number with a fraction",
        list: "a list",
        dict: "a mapping",
        bytes: "binary data",
        type(None): "nothing",
    }
    return names.get(type(value), "a date or time")
