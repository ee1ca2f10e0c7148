# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The first YAML document of a text as a tree of nodes that know their positions.

libyaml does the parsing (PyYAML's pure Python parser where it is missing). The tree is built from events, not by
PyYAML's composer, because that resolves aliases and so loses where they stand, and refuses an anchor that is defined
twice, which butane accepts.
"""

from __future__ import annotations

import re
import typing as t

#: Deeper nesting is refused, as go-yaml does; PyYAML's pure parser takes time with the square of the depth.
MAX_DEPTH = 10_000
MAX_DEPTH_PURE = 1_000

#: More nodes are refused: a document of 1 MB has some ten thousand, and what they mean takes memory and time.
MAX_NODES = 250_000

_LONG = "tag:yaml.org,2002:"


class YamlError(Exception):
    """The text is no YAML document. line and column count from 1; 0 where the parser does not tell."""

    code = "yaml_syntax"

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem, line, column


class Node:
    """A value of the document. tag is the explicit one in its short form (`!!int`), or None."""

    __slots__ = ("column", "line", "tag")

    def __init__(self, tag: str | None, line: int, column: int) -> None:
        self.tag, self.line, self.column = tag, line, column


class Scalar(Node):
    """plain: neither quoted nor a block scalar."""

    __slots__ = ("plain", "value")

    def __init__(self, tag: str | None, line: int, column: int, value: str, plain: bool) -> None:
        self.tag, self.line, self.column, self.value, self.plain = tag, line, column, value, plain


class Sequence(Node):
    __slots__ = ("items",)

    def __init__(self, tag: str | None, line: int, column: int) -> None:
        self.tag, self.line, self.column = tag, line, column
        self.items: list[Node] = []


class Mapping(Node):
    """items holds keys and values in turn."""

    __slots__ = ("_children", "items")

    def __init__(self, tag: str | None, line: int, column: int) -> None:
        self.tag, self.line, self.column = tag, line, column
        self.items: list[Node] = []
        self._children: dict[str, tuple[Node, Node]] | None = None

    def children(self) -> dict[str, tuple[Node, Node]]:
        """The keys by their text, each with key and value node; of equal keys the last."""
        if self._children is None:
            self._children = {key.value if isinstance(key, Scalar) else "": (key, value) for key, value in self.pairs()}
        return self._children

    def pairs(self) -> t.Iterator[tuple[Node, Node]]:
        return zip(self.items[::2], self.items[1::2], strict=True)


class Alias(Node):
    __slots__ = ("name", "target")

    def __init__(self, line: int, column: int, name: str, target: Node) -> None:
        self.tag, self.line, self.column, self.name, self.target = None, line, column, name, target


class Document(t.NamedTuple):
    """root is None for an empty text; aliased tells whether the document has an alias at all."""

    root: Node | None
    aliased: bool


def parse(source: bytes) -> Document:
    """The first document of the text (UTF-8, or UTF-16 with a byte order mark). Raises YamlError."""
    import yaml

    has_libyaml = hasattr(yaml, "CSafeLoader")
    try:
        loader = (yaml.CSafeLoader if has_libyaml else yaml.SafeLoader)(source)
        try:
            max_depth = MAX_DEPTH if has_libyaml else MAX_DEPTH_PURE
            return _Builder(loader.get_event, yaml, source, max_depth).document()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "unknown problem parsing YAML content"
        raise YamlError(problem, mark.line + 1 if mark else 0, mark.column + 1 if mark else 0) from None
    except yaml.reader.ReaderError as error:
        raise YamlError(error.reason) from None


class _Builder:
    def __init__(self, get_event: t.Callable[[], t.Any], yaml: t.Any, source: bytes, max_depth: int) -> None:
        self.get_event = get_event
        self.max_depth = max_depth
        self.yaml = yaml
        # libyaml takes the JSON escape \/ in double quotes, go-yaml refuses it.
        encoding = "utf-16" if source.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        text = source.decode(encoding, "replace")
        self.text = text if "\\/" in text else ""
        self.anchors: dict[str, Node] = {}
        self.aliased = False

    def document(self) -> Document:
        yaml, get_event = self.yaml, self.get_event
        get_event()  # the start of the stream
        start = get_event()
        if isinstance(start, yaml.StreamEndEvent):
            return Document(None, False)
        # go-yaml knows version 1.1 only, libyaml takes 1.2 as well.
        if start.version and tuple(start.version) != (1, 1):
            mark = start.start_mark
            raise YamlError("found incompatible YAML document", mark.line + 1, mark.column + 1)
        root = self.node()
        get_event()  # the end of the document
        # go-yaml's scanner is two tokens ahead of its parser, so junk after the document makes it fail.
        try:
            for dummy in range(3):
                if isinstance(get_event(), yaml.StreamEndEvent):
                    break
        except yaml.parser.ParserError:
            return Document(root, self.aliased)
        return Document(root, self.aliased)

    def node(self) -> Node:
        """The next node and all below it, without recursion: a text may nest deeper than Python's stack."""
        yaml, get_event = self.yaml, self.get_event
        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        mapping, sequence = yaml.MappingStartEvent, yaml.SequenceStartEvent
        root = Sequence(None, 0, 0)
        items = root.items
        stack: list[list[Node]] = []
        count = 0
        flow = 0  # how many of the open collections are in flow style: all from the first one on
        while True:
            event = get_event()
            kind = type(event)
            mark = event.start_mark
            node: Node
            if kind is scalar:
                style = event.style
                node = Scalar(event.tag, mark.line + 1, mark.column + 1, event.value, not style)
                if style == '"' and self.text and "/" in event.value:
                    self.refuse_slash_escape(event)
                if flow and not style and "?" in event.value:
                    # go-yaml has the rule of older libyaml: a question mark ends a plain scalar in flow style.
                    problem = "did not find expected ',' or the closing bracket; quote a text that has a question mark"
                    raise YamlError(problem, mark.line + 1, mark.column + 1)
                items.append(node)
            elif kind is mapping or kind is sequence:
                container = (Mapping if kind is mapping else Sequence)(None, mark.line + 1, mark.column + 1)
                node = container
                items.append(node)
                stack.append(items)
                items = container.items
                flow += flow > 0 or bool(event.flow_style)
                if len(stack) > self.max_depth:
                    raise YamlError(f"exceeded max depth of {self.max_depth}", mark.line + 1, mark.column + 1)
            elif kind is alias:
                target = self.anchors.get(event.anchor)
                if target is None:
                    raise YamlError(f"unknown anchor '{event.anchor}' referenced", mark.line + 1, mark.column + 1)
                self.aliased = True
                node = Alias(mark.line + 1, mark.column + 1, event.anchor, target)
                items.append(node)
            else:
                items = stack.pop()
                flow -= flow > 0
            if not stack:
                return root.items[0]
            if kind is scalar or kind is mapping or kind is sequence:
                if event.tag is not None:
                    node.tag = _short(event.tag)
                if event.anchor is not None:
                    self.anchors[event.anchor] = node
                count += 1
                if count > MAX_NODES:
                    raise YamlError(f"more than {MAX_NODES} YAML nodes", mark.line + 1, mark.column + 1)

    def refuse_slash_escape(self, event: t.Any) -> None:
        start, end = event.start_mark, event.end_mark
        found = re.search(r"(?<!\\)(?:\\\\)*\\/", self.text[start.index : end.index])
        if found:
            before = self.text[: start.index + found.end() - 2]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            raise YamlError("found unknown escape character", line, column)


def _short(tag: str) -> str | None:
    if tag == "!":
        return None
    return "!!" + tag.removeprefix(_LONG) if tag.startswith(_LONG) else tag
