# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templating, and the line on which it fails."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.flatops.flatcar.plugins.plugin_utils import _templates


def rendered(text: str, folder: pathlib.Path, **variables: t.Any) -> t.Any:
    return _templates.render(Templar(DataLoader(), variables), text, variables, str(folder))


def test_text_stays_text(tmp_path: pathlib.Path) -> None:
    assert rendered('{"a": "{{ b }}"}', tmp_path, b="c") == '{"a": "c"}'
    assert rendered("a\\n{{ b }}\n\n", tmp_path, b="c") == "a\\nc\n\n"


def test_values_are_not_templated_again(tmp_path: pathlib.Path) -> None:
    text = "{{ '{' ~ '{ 1 + 1 }' ~ '}' }}\n{% raw %}{{.Names}}{% endraw %}\n"
    assert rendered(text, tmp_path) == "{{ 1 + 1 }}\n{{.Names}}\n"


def test_includes_lie_beside(tmp_path: pathlib.Path) -> None:
    (tmp_path / "part.j2").write_text("part of {{ b }}")
    assert rendered("{% include 'part.j2' %}!", tmp_path, b="c") == "part of c!"


@pytest.mark.parametrize(
    "text, message, line",
    [
        ("a\nb\n{% if %}\n", "Expected an expression", 3),
        ("a\n{{ b }}\n{{ nope }}\n", "'nope' is undefined", 3),
        ("a\n{{ b.nope }}\n", "nope", 2),
        ("a\n\n{{ c }}\n", "'nope' is undefined", 0),
    ],
)
def test_the_line_of_an_error(text: str, message: str, line: int, tmp_path: pathlib.Path) -> None:
    variables = {"b": {"x": 1}, "c": _templates.trust_as_template("{{ nope }}")}
    with pytest.raises(_templates.ERRORS) as caught:
        rendered(text, tmp_path, **variables)
    reason, number = _templates.reason(caught.value, text)
    assert message in reason
    assert number == line


def test_a_syntax_error_does_not_quote_the_text(tmp_path: pathlib.Path) -> None:
    text = "password: hunter2\n{% if %}\n"
    with pytest.raises(_templates.ERRORS) as caught:
        rendered(text, tmp_path)
    assert "hunter2" not in _templates.reason(caught.value, text)[0]
