# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tree of a YAML text: positions, aliases, and what is refused."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamltree import (
    MAX_DEPTH,
    MAX_DEPTH_PURE,
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlError,
    parse,
)


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader")
    else:
        assert yaml.__with_libyaml__


def shape(node: Node | None) -> object:
    """The node as plain values, each with its line and column."""
    if isinstance(node, Scalar):
        return (node.value, node.line, node.column)
    if isinstance(node, Alias):
        return ("*" + node.name, node.line, node.column)
    if isinstance(node, Sequence):
        return ([shape(item) for item in node.items], node.line, node.column)
    assert isinstance(node, Mapping)
    return ({shape(key): shape(value) for key, value in node.pairs()}, node.line, node.column)


def test_positions() -> None:
    document = parse(b"a: 1\nb:\n  - x\n  - &k {c: 'q'}\nd: *k\ne:\n")
    assert shape(document.root) == (
        {
            ("a", 1, 1): ("1", 1, 4),
            ("b", 2, 1): ([("x", 3, 5), ({("c", 4, 9): ("q", 4, 12)}, 4, 5)], 3, 3),
            ("d", 5, 1): ("*k", 5, 4),
            ("e", 6, 1): ("", 6, 3),
        },
        1,
        1,
    )
    assert document.aliased


@pytest.mark.parametrize("source", [b"", b"# only a comment\n", b"\n\n"])
def test_empty(source: bytes) -> None:
    assert parse(source).root is None


@pytest.mark.parametrize(
    "source", [b"a: 1\n---\nb: 2\n", b"%YAML 1.1\n---\na: 1\n", "\ufeffa: 1".encode(), "a: 1".encode("utf-16")]
)
def test_first_document(source: bytes) -> None:
    root = parse(source).root
    assert isinstance(root, Mapping) and [key.value for key in root.items[::2] if isinstance(key, Scalar)] == ["a"]


def test_anchor_may_be_defined_twice() -> None:
    root = parse(b"a: &x 1\nb: &x 2\nc: *x\n").root
    assert isinstance(root, Mapping)
    alias = root.items[-1]
    assert isinstance(alias, Alias) and isinstance(alias.target, Scalar) and alias.target.value == "2"


def test_tags_are_short() -> None:
    root = parse(b"[!!int '1', !foo x, ! y, !<tag:yaml.org,2002:str> z]").root
    assert isinstance(root, Sequence)
    assert [item.tag for item in root.items] == ["!!int", "!foo", None, "!!str"]


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        (b"a: b: c\n", 1, "mapping values are not allowed"),
        (b"a: 1\n  b: 2\n", 2, "mapping values are not allowed"),
        (b"a: [1, 2\nb: 3\n", 2, "expected"),
        (b"a: *nope\n", 1, "unknown anchor 'nope' referenced"),
        (b'a: 1\nb: "x\\/y"\n', 2, "found unknown escape character"),
        ('a: 1\nb: "x\\/y"\n'.encode("utf-16"), 2, "found unknown escape character"),
        (b"a:\n  {b: https://c?d}\n", 2, "expected ','"),
        (b"%YAML 1.2\n---\na: 1\n", 1, "found incompatible YAML document"),
        (b"a: 1\n---\n@x\n", 3, "cannot start any token"),
        (b"a: 1\n--- o:\n", 2, "mapping values are not allowed"),
    ],
)
def test_refused(source: bytes, line: int, problem: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse(source)
    assert problem in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize("source", [b"a: \x00\n", b"a: \x07\n", b"a: \xff\n", b"a: \xc3\n"])
def test_refused_bytes(source: bytes) -> None:
    with pytest.raises(YamlError):
        parse(source)


def test_escaped_backslash_before_slash_is_fine() -> None:
    root = parse(rb'a: "x\\/y"').root
    assert isinstance(root, Mapping) and isinstance(root.items[1], Scalar) and root.items[1].value == "x\\/y"


def test_depth_is_bounded() -> None:
    depth = MAX_DEPTH if hasattr(yaml, "CSafeLoader") else MAX_DEPTH_PURE
    with pytest.raises(YamlError, match=f"max depth of {depth}"):
        parse(b"[" * (depth + 1))
