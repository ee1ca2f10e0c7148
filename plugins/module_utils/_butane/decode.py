# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""From YAML nodes to a typed document, as go-yaml v3 fills Go structures.

The types of one variant and version are compiled from the schema once. A structure becomes a dict under Ignition's
member names (sugar keeps its Butane names), a list a list; what is absent or null is not there. Type errors are
collected, all of them, in the words of go-yaml. Source: go-yaml 3.0.1, decode.go.
"""

from __future__ import annotations

import base64
import binascii
import functools
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import schema
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.scalars import (
    INT_MAX,
    INT_MIN,
    NULLS,
    OLD_BOOLS,
    ScalarError,
    resolve,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.variants import Variant
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.yamltree import (
    Alias,
    Document,
    Mapping,
    Node,
    Scalar,
    Sequence,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.gotext import quoted

T = t.TypeVar("T")

#: Aliases that add up to more text are refused. go-yaml counts only how many there are.
MAX_ALIAS_BYTES = 64 * 1024 * 1024


class DecodeError(Exception):
    """The document does not fit the types; the message is the one of go-yaml, lines joined by newlines."""

    code = "yaml_types"


class State:
    """One decoding: its errors, its use of aliases, and whether keys or positions need a second look."""

    def __init__(self, aliased: bool) -> None:
        self.errors: list[str] = []
        self.aliased = aliased
        #: An unknown key, a null or alias where a structure belongs, or an item left out: the positions in the
        #: document may not be those in the result, and there is something to warn of.
        self.uneven = False
        #: Names that a merged mapping does not set again, while one is decoded.
        self.merged: set[str] | None = None
        self.inside: set[int] = set()
        self.depth = self.count = self.alias_count = self.alias_bytes = 0

    def visit(self) -> None:
        """Count a step and refuse a document that is mostly aliases, by go-yaml's rule."""
        self.count += 1
        if self.depth:
            self.alias_count += 1
        if self.alias_count <= 100 or self.count <= 1000:
            return
        share = min(max((self.count - 400_000) / 3_600_000, 0.0), 1.0)
        if self.alias_count / self.count > 0.99 - 0.89 * share:
            raise DecodeError("document contains excessive aliasing")

    def through(self, alias: Alias, kind: Type[T]) -> T | None:
        if id(alias) in self.inside:
            raise DecodeError(f"anchor '{alias.name}' value contains itself")
        self.inside.add(id(alias))
        self.depth += 1
        value = kind.decode(alias.target, self)
        self.depth -= 1
        self.inside.discard(id(alias))
        if isinstance(value, str):
            self.alias_bytes += len(value)
            if self.alias_bytes > MAX_ALIAS_BYTES:
                raise DecodeError("document contains excessive aliasing")
        return value

    def mismatch(self, node: Node, kind: Type[t.Any]) -> None:
        if isinstance(node, Mapping) and refuse_duplicates(node, self):
            return
        if isinstance(node, Scalar):
            tag, dummy = resolved(node)
            raw = node.value.encode("utf-8", "surrogateescape")
            text = (raw[:7] + b"..." if len(raw) > 10 else raw).decode("utf-8", "replace")
            shown = f" `{text}`"
        else:
            tag = node.tag or ("!!map" if isinstance(node, Mapping) else "!!seq")
            shown = "" if tag in ("!!map", "!!seq") else " ``"
        self.errors.append(f"line {node.line}: cannot unmarshal {tag}{shown} into {kind.name}")


def resolved(node: Scalar) -> tuple[str, t.Any]:
    try:
        tag, value = resolve(node.tag, node.value, node.plain)
    except ScalarError as error:
        raise DecodeError(str(error)) from None
    if tag == "!!binary":
        try:
            data = base64.b64decode(node.value.replace("\r", "").replace("\n", ""), validate=True)
        except (binascii.Error, ValueError):
            raise DecodeError("!!binary value contains invalid base64 data") from None
        return tag, data.decode("utf-8", "surrogateescape")
    return tag, value


class Type(t.Generic[T]):
    """name is Go's name of the type, as errors print it."""

    name = ""

    def decode(self, node: Node, state: State) -> T | None:
        """The value, or None for null and for what does not fit (which state remembers)."""
        raise NotImplementedError


class Text(Type[str]):
    def __init__(self, name: str = "string") -> None:
        self.name = name

    def decode(self, node: Node, state: State) -> str | None:
        if state.aliased:
            state.visit()
        if isinstance(node, Scalar):
            if node.tag is None:
                return None if node.plain and node.value in NULLS else node.value
            tag, value = resolved(node)
            if value is None:
                return None
            return value if tag == "!!binary" else node.value
        if isinstance(node, Alias):
            return state.through(node, self)
        state.mismatch(node, self)
        return None


class Integer(Type[int]):
    name = "int"

    def decode(self, node: Node, state: State) -> int | None:
        if state.aliased:
            state.visit()
        if isinstance(node, Scalar):
            value = resolved(node)[1]
            if value is None:
                return None
            if isinstance(value, int) and not isinstance(value, bool) and value <= INT_MAX:
                return value
            if isinstance(value, float) and value <= INT_MAX:
                # What amd64 makes of a number beyond the range.
                return int(value) if INT_MIN <= value < INT_MAX else INT_MIN
        elif isinstance(node, Alias):
            return state.through(node, self)
        state.mismatch(node, self)
        return None


class Boolean(Type[bool]):
    name = "bool"

    def decode(self, node: Node, state: State) -> bool | None:
        if state.aliased:
            state.visit()
        if isinstance(node, Scalar):
            tag, value = resolved(node)
            if value is None or isinstance(value, bool):
                return value
            if isinstance(value, str) and tag != "!!timestamp" and value in OLD_BOOLS:
                return OLD_BOOLS[value]
        elif isinstance(node, Alias):
            return state.through(node, self)
        state.mismatch(node, self)
        return None


class List(Type[list[t.Any]]):
    def __init__(self, name: str, item: Type[t.Any]) -> None:
        self.name, self.item = name, item

    def decode(self, node: Node, state: State) -> list[t.Any] | None:
        if state.aliased:
            state.visit()
        if isinstance(node, Sequence):
            decode = self.item.decode
            values = [decode(child, state) for child in node.items]
            if None in values:
                state.uneven = True
                return [value for value in values if value is not None]
            return values
        if isinstance(node, Alias):
            return state.through(node, self)
        if not isinstance(node, Scalar) or resolved(node)[1] is not None:
            state.mismatch(node, self)
        return None


class Labels(Type[dict[str, str]]):
    """A mapping of texts to texts; a null value is an empty text."""

    name = "map[string]string"
    text = Text()

    def decode(self, node: Node, state: State) -> dict[str, str] | None:
        if isinstance(node, Alias):
            return state.through(node, self)
        if not isinstance(node, Mapping):
            if not isinstance(node, Scalar) or resolved(node)[1] is not None:
                state.mismatch(node, self)
            return None
        if refuse_duplicates(node, state):
            return None
        values: dict[str, str] = {}
        merges = []
        for key, value in node.pairs():
            if is_merge(key):
                merges.append(value)
                continue
            name = self.text.decode(key, state)
            if name is not None:
                values[name] = self.text.decode(value, state) or ""
        for mapping in merges:
            for source in merge_sources(mapping):
                values = {**(self.decode(source, state) or {}), **values}
        return values


class Struct(Type[dict[str, t.Any]]):
    """fields: Butane key -> (member of the result, type). optional: butane tells an empty one from none.

    required are the members that butane knows even when they are absent: plain values, not pointers.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.optional = False
        self.required: set[str] = set()
        self.fields: dict[str, tuple[str, Type[t.Any]]] = {}

    def decode(self, node: Node, state: State) -> dict[str, t.Any] | None:
        if state.aliased:
            state.visit()
        if isinstance(node, Mapping):
            out: dict[str, t.Any] = {}
            return out if self.fill(out, node, state) else None
        state.uneven = True
        if isinstance(node, Alias):
            return state.through(node, self)
        if not isinstance(node, Scalar) or resolved(node)[1] is not None:
            state.mismatch(node, self)
        return None

    def member(self, name: str | int) -> Type[t.Any]:
        """The type of a member of the result."""
        return next((kind for member, kind in self.fields.values() if member == name), self)

    def fill(self, out: dict[str, t.Any], node: Mapping, state: State) -> bool:
        if refuse_duplicates(node, state):
            return False
        fields, merged = self.fields, state.merged
        state.merged = None
        merge: Node | None = None
        seen = set()
        for key, value in node.pairs():
            if isinstance(key, Scalar) and key.tag is None and (key.value != "<<" or not key.plain):
                if state.aliased:
                    state.visit()
                name: str | None = None if key.plain and key.value in NULLS else key.value
            elif is_merge(key):
                merge, state.uneven = value, True
                continue
            else:
                name = KEY.decode(key, state)
            if name is None:
                state.uneven = True
                continue
            if merged is not None:
                if name in merged:
                    continue
                merged.add(name)
            field = fields.get(name)
            if field is None:
                state.uneven = True
                continue
            if name in seen:
                state.errors.append(f"line {key.line}: field {name} already set in type {self.name}")
                continue
            seen.add(name)
            decoded = field[1].decode(value, state)
            if decoded is not None:
                out[field[0]] = decoded
        state.merged = merged
        if merge is not None:
            self.merge(out, node, merge, state)
        return True

    def merge(self, out: dict[str, t.Any], parent: Mapping, merge: Node, state: State) -> None:
        before = state.merged
        if before is None:
            state.merged = {key.value for key in parent.items[::2] if isinstance(key, Scalar)}
        for source in merge_sources(merge):
            if isinstance(source, Alias):
                state.through(source, _Filling(self, out))
            else:
                _Filling(self, out).decode(source, state)
        state.merged = before


class _Filling(Type[None]):
    """A structure that is filled further by a merged mapping."""

    def __init__(self, struct: Struct, out: dict[str, t.Any]) -> None:
        self.struct, self.out = struct, out

    def decode(self, node: Node, state: State) -> None:
        if state.aliased:
            state.visit()
        if isinstance(node, Mapping):
            self.struct.fill(self.out, node, state)


KEY = Text()


def is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.value == "<<" and (key.tag == "!!merge" or (key.tag is None and key.plain))


def merge_sources(value: Node) -> list[Node]:
    """The mappings (or aliases of mappings) that the value of a merge key names."""
    sources = value.items if isinstance(value, Sequence) else [value]
    for source in sources:
        target = source.target if isinstance(source, Alias) else source
        if not isinstance(target, Mapping):
            raise DecodeError("map merge requires map or sequence of maps as the value")
    return sources


def refuse_duplicates(node: Mapping, state: State) -> bool:
    """One error for each pair of equal keys; quotes make no difference."""
    keys = node.items[::2]
    names = [_key_identity(key) for key in keys]
    if len(set(names)) == len(names):
        return False
    places: dict[tuple[type, str], list[Node]] = {}
    for name, key in zip(names, keys, strict=True):
        places.setdefault(name, []).append(key)
    for name, key in zip(names, keys, strict=True):
        same = places[name]
        same.pop(0)
        for later in same:
            text = f"mapping key {quoted(name[1])} already defined at line {key.line}"
            state.errors.append(f"line {later.line}: {text}")
    return True


def _key_identity(key: Node) -> tuple[type, str]:
    if isinstance(key, Scalar):
        return Scalar, key.value
    return type(key), key.name if isinstance(key, Alias) else ""


def finish(state: State) -> None:
    """Raise what the decoding has collected."""
    if state.errors:
        raise DecodeError("unmarshal errors:\n  " + "\n  ".join(state.errors))


HEADER = Struct("config.commonFields")
HEADER.fields = {"version": ("version", Text()), "variant": ("variant", Text())}


def decode(document: Document, kind: Struct) -> tuple[dict[str, t.Any], bool]:
    """The document as kind, and whether positions or keys need a look (State.uneven). Raises DecodeError."""
    state = State(document.aliased)
    value = kind.decode(document.root, state) if document.root else None
    finish(state)
    return value or {}, state.uneven


@functools.cache
def root_type(variant: Variant) -> Struct:
    """The type of a whole document of this variant and version."""
    return _Compiler(variant).root()


class _Compiler:
    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        suffix = "_exp" if variant.ignition.endswith("-experimental") else ""
        base = f"v0_{variant.base}{suffix}"
        self.layers = [
            (schema.BASE, variant.base, base),
            (schema.FCOS, variant.fcos, f"v1_{variant.fcos}{suffix}"),
            (schema.OPENSHIFT, variant.openshift, variant.package),
        ]
        self.types: dict[str, Type[t.Any]] = {"string": Text(), "int": Integer(), "bool": Boolean()}
        self.types["map[string]string"] = Labels()
        self.types.update({name: Text(f"{base}.{name}") for name in schema.STRING_TYPES})
        for name, items in schema.LIST_TYPES.items():
            self.types[name] = List(f"{base}.{name}", self.type(items[2:]))

    def root(self) -> Struct:
        root = Struct(f"{self.variant.package}.Config")
        for table, level, dummy in self.layers:
            if level >= 0:
                self.fill(root, table["Config"], level)
        return root

    def type(self, name: str) -> Type[t.Any]:
        if name not in self.types:
            if name[0] == "*":
                kind = self.type(name[1:])
                if isinstance(kind, Struct):
                    kind.optional = True
                return kind
            if name.startswith("[]"):
                item = self.type(name[2:])
                self.types[name] = List(f"[]{item.name}", item)
            else:
                table, level, package = next(layer for layer in self.layers if name in layer[0])
                struct = Struct(f"{package}.{name}")
                self.types[name] = struct
                self.fill(struct, table[name], level)
        return self.types[name]

    def fill(self, struct: Struct, declared: tuple[schema.Field, ...], level: int) -> None:
        for field in declared:
            if field.since <= level <= field.until:
                member = schema.ignition_name(field.name)
                struct.fields[field.name] = (member, self.type(field.type))
                if field.type in ("string", "int", "bool"):
                    struct.required.add(member)
