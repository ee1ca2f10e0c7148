# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Typed decoding: values, the words of type errors, merge keys, and aliases."""

from __future__ import annotations

import pytest

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.decode import DecodeError, decode, root_type
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import VARIANTS
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamltree import parse

FLATCAR = root_type(VARIANTS["flatcar", "1.1.0"])


def decoded(text: str) -> dict[str, object]:
    return decode(parse(text.encode()), FLATCAR)[0]


def file(text: str) -> object:
    """The one file of a document, given in flow style."""
    storage = decoded(f"storage: {{files: [{text}]}}")["storage"]
    assert isinstance(storage, dict)
    return storage["files"][0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{path: 0777}", {"path": "0777"}),
        ("{path: 1.50, mode: 0o644}", {"path": "1.50", "mode": 420}),
        ("{mode: 644.9}", {"mode": 644}),
        ("{mode: 1e3}", {"mode": 1000}),
        ("{mode: -.inf}", {"mode": -(2**63)}),
        ("{mode: ~, path: ~, contents: ~}", {}),
        ("{overwrite: yes}", {"overwrite": True}),
        ("{overwrite: 'off'}", {"overwrite": False}),
        ("{path: !!binary L2V0Yw==}", {"path": "/etc"}),
        ("{path: 2024-01-01}", {"path": "2024-01-01"}),
        ("{unknown: [1, {2: 3}], path: /a}", {"path": "/a"}),
        ("{~: x, path: /a}", {"path": "/a"}),
    ],
)
def test_values(text: str, value: object) -> None:
    assert file(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("storage: 5", "line 1: cannot unmarshal !!int `5` into v0_5.Storage"),
        ("storage: []", "line 1: cannot unmarshal !!seq into v0_5.Storage"),
        ("storage: {files: {}}", "line 1: cannot unmarshal !!map into []v0_5.File"),
        ("storage: {files: [x]}", "line 1: cannot unmarshal !!str `x` into v0_5.File"),
        ("\nstorage:\n  files:\n    - mode: '0644'", "line 4: cannot unmarshal !!str `0644` into int"),
        ("storage: {files: [{mode: .nan}]}", "line 1: cannot unmarshal !!float `.nan` into int"),
        ("storage: {files: [{mode: 2024-01-01}]}", "line 1: cannot unmarshal !!timestamp `2024-01-01` into int"),
        ("storage: {files: [{overwrite: 'true'}]}", "line 1: cannot unmarshal !!str `true` into bool"),
        ("storage: {files: [{overwrite: 12345678901}]}", "line 1: cannot unmarshal !!int `1234567...` into bool"),
        ("storage: {files: [{path: {a: 1}}]}", "line 1: cannot unmarshal !!map into string"),
        ("storage: {files: [{path: !foo [a]}]}", "line 1: cannot unmarshal !foo `` into string"),
        ("passwd: {users: [{groups: [[]]}]}", "line 1: cannot unmarshal !!seq into v0_5.Group"),
        (
            "storage: {files: [{contents: {http_headers: 1}}]}",
            "line 1: cannot unmarshal !!int `1` into v0_5.HTTPHeaders",
        ),
        ("a: 1\na: 2\n'a': 3", 'line 2: mapping key "a" already defined at line 1'),
    ],
)
def test_type_errors(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decoded(text)
    assert str(caught.value).splitlines()[:2] == ["unmarshal errors:", "  " + message]


def test_every_pair_of_equal_keys_is_told() -> None:
    with pytest.raises(DecodeError) as caught:
        decoded("a: 1\na: 2\n'a': 3")
    assert str(caught.value).count("already defined") == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("storage: !!bool yes", "cannot decode !!str `yes` as a !!bool"),
        ("storage: {files: [{path: !!binary '***'}]}", "!!binary value contains invalid base64 data"),
        ("<<: 5", "map merge requires map or sequence of maps as the value"),
        ("storage: &s {<<: *s}", "anchor 's' value contains itself"),
    ],
)
def test_fatal(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decoded(text)
    assert str(caught.value) == message


def test_merge_keys() -> None:
    text = """
base: &base {path: /base, mode: 0600, user: {id: 1, name: a}}
more: &more {path: /more, overwrite: true}
storage:
  files:
    - <<: [*base, *more]
      user: {id: 2}
"""
    storage = decoded(text)["storage"]
    assert storage == {"files": [{"path": "/base", "mode": 384, "overwrite": True, "user": {"id": 2}}]}


def test_null_items_are_left_out() -> None:
    value, uneven = decode(parse(b"passwd: {users: [~, {name: a}], groups: []}"), FLATCAR)
    assert value == {"passwd": {"users": [{"name": "a"}], "groups": []}}
    assert uneven


def test_plain_document_is_even() -> None:
    assert decode(parse(b"passwd: {users: [{name: a}]}"), FLATCAR)[1] is False


def test_alias_bomb() -> None:
    # Ten lists of ten aliases each that a field would have to expand.
    rows = ["header: &a0 {name: x}"]
    rows += [f"list{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 10)]
    text = "\n".join(rows) + "\nstorage: {files: [*a9]}\n"
    with pytest.raises(DecodeError, match="excessive aliasing"):
        decoded(text)
