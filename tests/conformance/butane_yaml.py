# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values written as YAML in every style that the language has."""

from __future__ import annotations

import random
import re
import typing as t


class Token(t.NamedTuple):
    """YAML that stands as it is, on one line."""

    text: str


class Text(t.NamedTuple):
    """A string; in a style that cannot hold it, it is written double-quoted."""

    text: str
    style: str = "plain"
    head: str = ""


class Map(t.NamedTuple):
    """A mapping: keys as YAML, values as nodes."""

    items: list[tuple[str, Node]]
    flow: bool
    head: str = ""


class Seq(t.NamedTuple):
    """A list; a tight one is not indented below its key."""

    items: list[Node]
    flow: bool
    head: str = ""
    tight: bool = False


#: A change of a whole document.
Change = t.Callable[[random.Random, str], str]

Node = Token | Text | Map | Seq

_PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.=+@%-]*(?: [A-Za-z0-9/_.=+-]+)*")
_NOT_A_STRING = re.compile(r"true|false|null|yes|no|on|off|[yn]", re.IGNORECASE)
_BLOCK = re.compile(r"[^\s#][ -~\xa0-\ud7ff\ue000-\ufffd\n]*")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0"}


def style(rng: random.Random) -> str:
    return rng.choice(("plain",) * 6 + ("literal",) * 4 + ("double", "single", "folded"))


def key(rng: random.Random, name: str) -> str:
    """A key as YAML."""
    draw = rng.random()
    if draw < 0.94:
        return name
    return rng.choice((f'"{name}"', f"'{name}'", f"!!str {name}", f"{name} "))


def quoted(text: str) -> str:
    """text in double quotes, with escapes for all that cannot stand there."""
    return '"' + "".join(_SHORT.get(c) or (c if c.isprintable() or c == " " else _escape(ord(c))) for c in text) + '"'


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def scalar(node: Text, indent: int, flow: bool) -> str:
    text = node.text
    if node.style == "plain" and _PLAIN.fullmatch(text) and not _NOT_A_STRING.fullmatch(text):
        return text
    if node.style == "single" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if node.style in ("literal", "folded") and not flow and _BLOCK.fullmatch(text) and indent:
        end = "" if text.endswith("\n") and not text.endswith("\n\n") else "+" if text.endswith("\n") else "-"
        lines = text.removesuffix("\n").split("\n")
        return f"{'|' if node.style == 'literal' else '>'}{end}" + "".join(f"\n{' ' * indent}{line}" for line in lines)
    return quoted(text)


def inline(node: Node) -> str:
    """A node in flow style."""
    if isinstance(node, Token):
        return node.text
    head = node.head + " " if node.head else ""
    if isinstance(node, Text):
        return head + scalar(node, 0, flow=True)
    if isinstance(node, Seq):
        return head + "[" + ", ".join(inline(item) for item in node.items) + "]"
    return head + "{" + ", ".join(f"{name}: {inline(value)}" for name, value in node.items) + "}"


def block(node: Node, indent: int) -> str:
    """What follows a key's colon or an item's dash; indent is the column of what comes on lines of its own."""
    if isinstance(node, Token):
        return f" {node.text}"
    head = f" {node.head}" if node.head else ""
    if isinstance(node, Text):
        return f"{head} {scalar(node, indent, flow=False)}"
    if node.flow or not node.items:
        return f" {inline(node)}"
    return head + "".join(f"\n{line}" for line in lines(node, indent))


def lines(node: Map | Seq, indent: int) -> t.Iterator[str]:
    """The entries of a mapping or list in block style, each from its first line's start."""
    if isinstance(node, Map):
        for name, value in node.items:
            yield f"{' ' * indent}{name}:{block(value, indent + 2)}"
        return
    indent -= 2 if node.tight and indent >= 2 else 0
    for item in node.items:
        text = block(item, indent + 2)
        compact = text.startswith("\n") and isinstance(item, Map)
        yield f"{' ' * indent}-" + (f" {text[1:].lstrip(' ')}" if compact else text)


def _some(old: str, new: str) -> Change:
    """New for old in about every tenth place."""

    def change(rng: random.Random, document: str) -> str:
        return re.sub(re.escape(old), lambda match: new if rng.random() < 0.1 else match[0], document)

    return change


def _remarks(rng: random.Random, document: str) -> str:
    return "".join(line + rng.choice(("", " ", " # remark")) + "\n" for line in document.split("\n"))


#: What may be done to a whole document that changes little of what it means.
CHANGES: tuple[Change, ...] = (
    lambda rng, document: document.replace("\n", "\r\n"),
    lambda rng, document: document.replace("\n", "\r"),
    lambda rng, document: document.replace("\n", rng.choice("\x85\u2028\u2029")),
    lambda rng, document: document.replace("  ", "    "),
    lambda rng, document: "# remark\n\n" + document.replace("\n", "\n\n", 3),
    lambda rng, document: f"---{rng.choice((' ', chr(10), ' # remark' + chr(10)))}{document}...\n",
    lambda rng, document: f"%YAML {rng.choice(('1.1', '1.2', '1.0'))}\n---\n{document}",
    lambda rng, document: f"%TAG !e! tag:example.com,2000:\n---\n{document}",
    lambda rng, document: f"{document}---{rng.choice((' ', chr(10)))}other: document\n",
    lambda rng, document: f"\ufeff{document}",
    _remarks,
    # Lists and mappings in flow style over several lines.
    _some(", ", ",\n                "),
    # Values on a line of their own.
    _some(": ", ":\n                    "),
    # Tabs for spaces.
    _some(" ", "\t"),
    # More space.
    _some(": ", ":   "),
    # Space before a colon.
    _some(": ", " : "),
    # Keys that are said to be keys.
    _some("\n  - ", "\n  - ? "),
    # Space in flow style.
    _some("{", "{ "),
    # No space in flow style.
    _some(", ", ","),
    # A comma too many.
    _some("}", ",}"),
)


def dump(rng: random.Random, config: Map, noise: float) -> bytes:
    """A document; with noise also in unusual encodings and layouts."""
    text = inline(config) + "\n" if rng.random() < 0.05 else "".join(f"{line}\n" for line in lines(config, 0))
    if rng.random() * 100 < noise * 2:
        text = rng.choice(CHANGES)(rng, text)
    if rng.random() * 1000 < noise:
        return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be")), "replace")
    return text.encode("utf-8", "surrogatepass")
