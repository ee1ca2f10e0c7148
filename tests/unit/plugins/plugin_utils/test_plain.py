# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of Ansible as plain Python."""

from __future__ import annotations

import datetime
import json
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from jinja2.runtime import StrictUndefined

from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import PlainError, kind, plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._templates import trust_as_template

INVENTORY = """
text: a
number: 5
fraction: 1.5
truth: yes
nothing:
day: 2026-01-02
list: [a, {b: 1}]
mapping: {1: {c: d}}
"""


def is_plain(value: t.Any) -> bool:
    if isinstance(value, dict):
        return value.__class__ is dict and all(is_plain(key) and is_plain(member) for key, member in value.items())
    if isinstance(value, list):
        return value.__class__ is list and all(map(is_plain, value))
    return type(value) in (str, int, float, bool, type(None)) or isinstance(value, datetime.date)


def test_values_of_an_inventory() -> None:
    value = plain(DataLoader().load(INVENTORY))
    assert is_plain(value)
    assert value == yaml.safe_load(INVENTORY)


def test_values_of_a_template() -> None:
    template = trust_as_template("{{ {'a': [b, 'x' ~ b], 'n': 5} }}")
    value = plain(Templar(DataLoader(), {"b": "text"}).template(template))
    assert is_plain(value)
    assert json.loads(json.dumps(value)) == yaml.safe_load(yaml.safe_dump(value)) == {"a": ["text", "xtext"], "n": 5}


@pytest.mark.parametrize("wrapped", [lambda x: x, lambda x: [x], lambda x: {"a": [x]}])
def test_undefined_is_an_error(wrapped: t.Callable[[t.Any], t.Any]) -> None:
    with pytest.raises(AnsibleUndefinedVariable, match="'nope' is undefined"):
        plain(wrapped(StrictUndefined(name="nope")))


def test_what_has_no_plain_type_is_an_error() -> None:
    with pytest.raises(PlainError, match="a value of type object cannot be used here"):
        plain({"a": object()})


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "nothing"),
        (True, "a bool"),
        ("", "text"),
        (1, "a number"),
        (1.5, "a number"),
        ({}, "a mapping"),
        ([], "a list"),
        (object(), "object"),
    ],
)
def test_types_have_names(value: t.Any, words: str) -> None:
    assert kind(value) == words
