# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that stays text."""

from __future__ import annotations

import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.flatops.flatcar.plugins.plugin_utils._plain import plain
from ansible_collections.flatops.flatcar.plugins.plugin_utils._templates import trust_as_template
from ansible_collections.flatops.flatcar.plugins.plugin_utils._text import text

TEXTS = [
    "",
    "plain",
    '{"a": 1}',
    "[1, 2]",
    "True",
    "{{.Names}}",
    "{% x %}",
    "{# x #}",
    "{{ lookup('ansible.builtin.pipe', 'exit 1') }}",
]


@pytest.mark.parametrize("value", TEXTS)
@pytest.mark.parametrize(
    "expression, wrapped",
    [
        ("{{ value }}", lambda x: x),
        ("{{ [value] }}", lambda x: [x]),
        ("{{ {'a': value} }}", lambda x: {"a": x}),
        ("{{ value | default('') }}", lambda x: x),
        ("{{ nested.a[0] }}", lambda x: x),
        ("{{ nested }}", lambda x: {"a": [x]}),
        ("{{ again }}", lambda x: x),
    ],
)
def test_ansible_leaves_it_alone(value: str, expression: str, wrapped: t.Callable[[t.Any], t.Any]) -> None:
    variables = {
        "value": text(value),
        "nested": text({"a": [value]}),
        "again": trust_as_template("{{ value }}"),
    }
    templar = Templar(DataLoader(), variables)
    assert plain(templar.template(trust_as_template(expression))) == wrapped(value)


@pytest.mark.parametrize("value", [None, True, 5, [1, {"a": None}]])
def test_other_values_pass(value: t.Any) -> None:
    assert text(value) == value
