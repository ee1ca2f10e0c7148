# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the traffic is unlike the models of the official SDK, which are made of the API's own specification.

Found are keys that a model does not have, keys that it needs, values of another JSON type, and words that are none of
an enumeration. The models are of two kinds: mappings whose annotations say what they hold, and the older ones with a
map of attributes.
"""

from __future__ import annotations

import datetime
import enum
import functools
import re
import sys
import types
import typing as t

from ansible_collections.flatops.flatcar.tests.standins.arm import shapes
from ansible_collections.flatops.flatcar.tests.standins.arm.exchange import Json

#: Enumerations that lag behind the service, as their documentation says.
_OPEN = ("VirtualMachineSizeTypes",)
#: Answers that no model describes: operations, and what every subscription has.
_BARE = re.compile(r"/(operations|operationResults)/[^/]+$|^/subscriptions(/[^/]+(/locations)?)?$", re.IGNORECASE)


def problems(log: t.Iterable[Json]) -> list[str]:
    """What is wrong with requests that were accepted, and with answers, each once; entries as the log has them."""
    found: dict[str, None] = {}
    for entry in log:
        if str(entry["path"]).lower().startswith("/subscriptions") and entry["status"]:
            found |= dict.fromkeys(_entry(entry))
    return list(found)


def _entry(entry: Json) -> t.Iterator[str]:
    where = f"{entry['method']} {entry['path']}"
    if entry["status"] >= 400:
        if not _is_error(entry["answer"]) and entry["method"] != "HEAD":
            yield f"{where}: an error without code and message"
        return
    if _BARE.search(entry["path"]):
        return
    shape = shapes.shape_of(entry["path"])
    if shape is None:
        yield f"{where}: no model is known for it"
        return
    yield from _sent(shape, entry, f"{where} sent")
    if entry["answer"] is not None and not shape.answer:
        yield f"{where} answered: a body where none is expected"
    elif entry["answer"] is not None:
        yield from _answered(shape, entry["answer"], f"{where} answered")


def _is_error(answer: t.Any) -> bool:
    error = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(error, dict) and all(isinstance(error.get(name), str) for name in ("code", "message"))


def _sent(shape: shapes.Shape, entry: Json, where: str) -> t.Iterator[str]:
    name = shape.patched if entry["method"] == "PATCH" else shape.sent
    if entry["body"] is not None and entry["method"] != "GET":
        if not name:
            yield f"{where}: a body where none is expected"
        else:
            yield from check(entry["body"], _model(shape.package, name), where)


def _answered(shape: shapes.Shape, answer: t.Any, where: str) -> t.Iterator[str]:
    rows: t.Any = [answer]
    if shape.held == "value":
        rows = answer.get("value") if isinstance(answer, dict) else None
    elif shape.held == "list":
        rows = answer
    if not isinstance(rows, list):
        yield f"{where}: no list"
        return
    for row in rows:
        yield from check(row, _model(shape.package, shape.answer), where)


def _model(package: str, name: str) -> t.Any:
    __import__(package)
    return getattr(sys.modules[package], name)


class Field(t.NamedTuple):
    """What a model says of a key: the type of its value, and whether it must be there."""

    type: t.Any
    needed: bool


@functools.cache
def fields(model: t.Any) -> dict[str, Field]:
    """The fields of a model of either kind, by their JSON names."""
    if hasattr(model, "_attribute_map"):
        return _old_fields(model)
    model({})
    package = sys.modules[model.__module__.rpartition(".")[0]]
    known = {**vars(sys.modules[model.__module__]), "_models": package, "datetime": datetime}
    hints: dict[str, t.Any] = {}
    for base in reversed(model.__mro__):
        if hasattr(base, "_is_model"):
            found = t.get_type_hints(base, globalns=known)
            hints |= {name: _resolved(hint, package) for name, hint in found.items()}
    return {
        field._rest_name: Field(hints[name], not _is_optional(hints[name]) and field._visibility != ["read"])
        for name, field in model._attr_to_rest_field.items()
    }


def _resolved(hint: t.Any, package: types.ModuleType) -> t.Any:
    """Python 3.10 leaves the name of a model in list["_models.X"] as it is."""
    if isinstance(hint, str):
        return getattr(package, hint.rpartition(".")[2])
    origin = t.get_origin(hint)
    if origin not in (list, dict, t.Union):
        return hint
    inner = tuple(_resolved(each, package) for each in t.get_args(hint))
    return t.Union[inner] if origin is t.Union else types.GenericAlias(origin, inner)


def _is_optional(hint: t.Any) -> bool:
    return type(None) in t.get_args(hint)


def _old_fields(model: t.Any) -> dict[str, Field]:
    """Keys of the older kind may be paths: these become mappings of fields."""
    tree: dict[str, Field] = {}
    for name, described in model._attribute_map.items():
        *outer, key = re.split(r"(?<!\\)\.", described["key"])
        level = tree
        for part in outer:
            level = level.setdefault(part, Field({}, False)).type
        rules = model._validation.get(name, {})
        kind = _old_type(model, described["type"])
        level[key] = Field(kind, rules.get("required", False) and not rules.get("readonly"))
    return tree


def _old_type(model: t.Any, text: str) -> t.Any:
    if text.startswith(("[", "{")):
        inner = _old_type(model, text[1:-1])
        return types.GenericAlias(list, (inner,)) if text[0] == "[" else types.GenericAlias(dict, (str, inner))
    plain = {"str": str, "int": int, "long": int, "float": float, "bool": bool, "object": t.Any, "iso-8601": str}
    if text in plain:
        return plain[text]
    return getattr(sys.modules[model.__module__.rpartition(".")[0]], text, t.Any)


def check(value: t.Any, kind: t.Any, where: str) -> t.Iterator[str]:
    """What is wrong with a value; kind is a model, a type as annotations have it, or a mapping of fields."""
    if kind is t.Any:
        return
    if isinstance(kind, dict) or hasattr(kind, "_attribute_map") or hasattr(kind, "_is_model"):
        yield from _check_fields(value, kind, where)
    elif t.get_origin(kind) in (t.Union, types.UnionType):
        yield from _check_union(value, kind, where)
    elif t.get_origin(kind) is list:
        if isinstance(value, list):
            for each in value:
                yield from check(each, t.get_args(kind)[0], f"{where}[]")
        else:
            yield f"{where}: {value!r} is no list"
    elif t.get_origin(kind) is dict:
        if isinstance(value, dict):
            for name, each in value.items():
                if each is not None:
                    yield from check(each, t.get_args(kind)[1], f"{where}.{name}")
        else:
            yield f"{where}: {value!r} is no mapping"
    else:
        yield from _check_plain(value, kind, where)


def _check_fields(value: t.Any, kind: t.Any, where: str) -> t.Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no mapping"
        return
    known: dict[str, Field] = kind if isinstance(kind, dict) else fields(kind)
    for name, each in value.items():
        if name not in known:
            yield f"{where}.{name}: no such key"
        elif each is not None or known[name].needed:
            yield from check(each, known[name].type, f"{where}.{name}")
    for name, field in known.items():
        if field.needed and name not in value:
            yield f"{where}.{name}: is missing"


def _check_union(value: t.Any, kind: t.Any, where: str) -> t.Iterator[str]:
    """One of several types, of which None is left out; a word of an enumeration may be in any case."""
    choices = [each for each in t.get_args(kind) if each is not types.NoneType]
    words = [each for each in choices if isinstance(each, type) and issubclass(each, enum.Enum)]
    if words and words[0].__name__ not in _OPEN:
        known = {str(each.value).lower() for each in words[0]}
        if not isinstance(value, str) or value.lower() not in known:
            yield f"{where}: {value!r} is none of {', '.join(sorted(known))}"
        return
    found = [list(check(value, each, where)) for each in choices if each not in words]
    if all(found):
        yield from found[0]


def _check_plain(value: t.Any, kind: t.Any, where: str) -> t.Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        yield from _check_union(value, t.Union[str, kind], where)
        return
    wanted: tuple[type, ...] = {int: (int,), float: (int, float), bool: (bool,)}.get(kind, (str,))
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        yield f"{where}: {value!r} is no {getattr(kind, '__name__', kind)}"
    elif kind is datetime.datetime:
        try:
            datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            yield f"{where}: {value!r} is no time"
