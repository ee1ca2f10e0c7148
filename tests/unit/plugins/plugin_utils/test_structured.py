# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and mappings that come as text, by themselves and as options of a role."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.fragments import Fragment
from ansible_collections.flatops.flatcar.plugins.plugin_utils._fragments import BadFragmentError, Inventory
from ansible_collections.flatops.flatcar.plugins.plugin_utils._structured import structured

ROLE = {
    "templates/fragment.bu.j2": "{{ servers | join('+') }} {{ labels.items() | map('join', '=') | join('+') }}",
    "defaults/main.yml": "servers: [a]\nlabels: {}\n",
    "meta/argument_specs.yml": """
argument_specs:
  main:
    options:
      servers: {type: list, elements: str}
      labels: {type: dict}
""",
}


@pytest.mark.parametrize(
    "text, value",
    [
        ("[a, b]", ["a", "b"]),
        ("- a\n- b\n", ["a", "b"]),
        ('{"a": {"b": 1}}', {"a": {"b": 1}}),
        ("a: 1\nb: [c]", {"a": 1, "b": ["c"]}),
        ("a, b", "a, b"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_structured(text: str, value: t.Any) -> None:
    assert structured(text) == value


def test_no_yaml() -> None:
    with pytest.raises(ValueError, match=r"^no YAML or JSON: .* on line 2$"):
        structured("a: [hunter2,\nb: }")


def fragment(folder: pathlib.Path, **variables: t.Any) -> str:
    """The fragment of ROLE for a host with these variables."""
    for name, text in ROLE.items():
        file = folder / "roles" / "given" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    loader = DataLoader()
    loader.set_basedir(str(folder))
    (found,) = Inventory(loader, Templar(loader, variables), variables).named({"role": "given"}, Fragment(""))
    return str(found.content)


@pytest.mark.parametrize(
    "variables, content",
    [
        ({}, "a "),
        ({"servers": ["b", "c"], "labels": {"d": "e"}}, "b+c d=e"),
        ({"servers": '["b", "c"]', "labels": '{"d": "e", "f": "g"}'}, "b+c d=e+f=g"),
        ({"servers": "- b\n- c", "labels": "d: e"}, "b+c d=e"),
        ({"servers": "b,c", "labels": "d=e"}, "b+c d=e"),
        ({"servers": "b"}, "b "),
        ({"servers": "", "labels": ""}, "a "),
        ({"servers": None, "labels": None}, "a "),
    ],
)
def test_options_of_a_role(variables: dict[str, t.Any], content: str, tmp_path: pathlib.Path) -> None:
    assert fragment(tmp_path, **variables) == content


@pytest.mark.parametrize(
    "variables, message",
    [
        ({"labels": "[d]"}, "role given: .*labels"),
        ({"servers": "[b"}, "role given, option servers .*: no YAML or JSON"),
        ({"servers": "[b\x1b]"}, "role given, option servers .*: no YAML or JSON: a control character"),
    ],
)
def test_options_of_another_kind(variables: dict[str, t.Any], message: str, tmp_path: pathlib.Path) -> None:
    with pytest.raises(BadFragmentError, match=message):
        fragment(tmp_path, **variables)
