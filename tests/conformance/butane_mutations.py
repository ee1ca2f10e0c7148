# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutants of the golden inputs: changed bytes, lines, tokens and subtrees, and other headers."""

from __future__ import annotations

import random
import re
import typing as t

import yaml

from ansible_collections.flatops.flatcar.tests.conformance import butane_documents
from ansible_collections.flatops.flatcar.tests.conformance.butane_documents import HEADERS, Document
from ansible_collections.flatops.flatcar.tests.conformance.butane_values import ODD_KEYS, ODD_TOKENS
from ansible_collections.flatops.flatcar.tests.conformance.check_butane import load, source_of

#: No golden input beyond this size is mutated.
LARGEST = 4096

_BYTES = b"\t\n\r \"'#%&*,-.:<>?@[]`{|}~\\!0aZ\0\x7f\x80\xc3\xff"
_TOKEN = re.compile(r"[\w./~!*&@-]+|\"[^\"\n]*\"|'[^'\n]*'")
_HEAD = re.compile(rb"variant:.*\nversion:.*\n")
_VERSION = re.compile(r"(?m)^(\"?version\"?: *)[^\n,]*")
_VARIANT = re.compile(r"(?m)^(\"?variant\"?: *)[^\n,]*")


class _Span(t.NamedTuple):
    """A value in a document: where its text stands and under which key."""

    start: int
    end: int
    key: str


def _spans(text: str) -> list[_Span]:
    """The values of mappings and lists, by the names of their keys."""
    found: list[_Span] = []

    def walk(node: yaml.Node, key: str, depth: int) -> None:
        if depth > 20:
            return
        found.append(_Span(node.start_mark.index, node.end_mark.index, key))
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                walk(value, str(name.value), depth + 1)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                walk(item, key + "[]", depth + 1)

    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return []
    if root is not None:
        walk(root, "", 0)
    return [span for span in found[1:] if span.key not in ("variant", "version")]


def _inline(text: str) -> str:
    """A YAML value in flow style on one line."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    _flow(node)
    return yaml.serialize(node, Dumper=yaml.CSafeDumper, width=2**30, allow_unicode=True).removesuffix("...\n").strip()


def _flow(node: yaml.Node | None) -> None:
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = True
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                _flow(part)
    elif isinstance(node, yaml.ScalarNode) and (node.style in ("|", ">") or "\n" in node.value):
        node.style = '"'


def _seeds() -> list[bytes]:
    return [source for source in map(source_of, load()) if len(source) <= LARGEST]


def _grafts(texts: list[str]) -> dict[str, list[str]]:
    """The values of all golden inputs in flow style, by key."""
    grafts: dict[str, set[str]] = {}
    for text in texts:
        lines = text.split("\n")
        for span in _spans(text):
            column = span.start - text.rfind("\n", 0, span.start) - 1
            value = " " * column + text[span.start : span.end]
            try:
                graft = _inline(value)
            except (yaml.YAMLError, ValueError):
                continue
            if len(graft) < 400 and len(lines) < 200:
                grafts.setdefault(span.key, set()).add(graft)
    return {key: sorted(values) for key, values in sorted(grafts.items())}


SEEDS = _seeds()
GRAFTS = _grafts([seed.decode("utf-8", "replace") for seed in SEEDS])
_ALL_GRAFTS = [graft for values in GRAFTS.values() for graft in values]


def _byte(rng: random.Random, source: bytes) -> bytes:
    at = rng.randrange(len(source) + 1)
    new = bytes([rng.choice(_BYTES)])
    return source[:at] + (new if rng.random() < 0.7 else b"") + source[at + rng.randrange(2) :]


def _line(rng: random.Random, source: bytes) -> bytes:
    lines = source.split(b"\n")
    at = rng.randrange(len(lines))
    action = rng.randrange(6)
    if action == 0:
        del lines[at]
    elif action == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif action == 2:
        lines[at] = b"  " + lines[at]
    elif action == 3:
        lines[at] = lines[at].removeprefix(b"  ")
    elif action == 4:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        indent = len(lines[at]) - len(lines[at].lstrip(b" -"))
        lines.insert(at, b" " * indent + rng.choice(ODD_KEYS).encode() + b": x")
    return b"\n".join(lines)


def _token(rng: random.Random, source: bytes) -> bytes:
    text = source.decode("utf-8", "surrogateescape")
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return source
    token = rng.choice(tokens)
    other = rng.choice(ODD_TOKENS) if rng.random() < 0.6 else rng.choice(tokens)[0]
    return (text[: token.start()] + other + text[token.end() :]).encode("utf-8", "surrogateescape")


def _subtree(rng: random.Random, source: bytes) -> bytes:
    try:
        text = source.decode()
    except UnicodeDecodeError:
        return source
    spans = _spans(text)
    if not spans:
        return source
    span = rng.choice(spans)
    graft = rng.choice(GRAFTS.get(span.key) or _ALL_GRAFTS) if rng.random() < 0.85 else rng.choice(_ALL_GRAFTS)
    before, old, after = text[: span.start], text[span.start : span.end], text[span.end :]
    space = old[len(old.rstrip()) :]
    if not before.rpartition("\n")[2].strip():
        before = before.rstrip() + " "
    return (before + graft + space + after).encode("utf-8", "surrogatepass")


def _header(rng: random.Random, source: bytes) -> bytes:
    variant, version = rng.choice(list(HEADERS))
    text = source.decode("utf-8", "surrogateescape")
    text = _VERSION.sub(rf"\g<1>{version}", text, count=1)
    return _VARIANT.sub(rf"\g<1>{variant}", text, count=1).encode("utf-8", "surrogateescape")


def mutant(rng: random.Random) -> Document:
    """A golden input, or now and then a random document, with one to four changes, and random options."""
    source = rng.choice(SEEDS) if rng.random() < 0.8 else butane_documents.document(rng).source
    for dummy in range(rng.choice((1, 1, 2, 2, 3, 4))):
        change = rng.choice((_byte, _line, _token, _token, _subtree, _subtree, _subtree, _header))
        # The first two lines say which version it is: where they break, nothing after them is looked at.
        head = _HEAD.match(source) if change not in (_subtree, _header) and rng.random() < 0.9 else None
        start = head.end() if head else 0
        source = source[:start] + change(rng, source[start:])
    return Document(source, *butane_documents.options(rng))
