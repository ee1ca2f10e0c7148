# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Merging of configs by Ignition's own rules: a later config (the child) over an earlier one (the parent).

Source: config/merge/merge.go of Ignition 2.26.0.
"""

from __future__ import annotations

import functools
import json
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import emit, rules, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.decode import Document
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.jsonscan import JSONError
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path, line
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.upgrade import upgrade
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.validate import SpecError, check, spec_version

#: Which side a value of the result comes from ("parent" or "child"), its path there, and its path in the result.
Mapping = tuple[str, Path, Path]


class MergeError(ValueError):
    """A config that cannot be merged.

    code is "invalid_json", "unsupported_spec", "invalid_config" (it breaks rules), "newer_spec" (than the version
    that was asked for) or "nothing_to_merge"; index is the config's position in the list, from 0, and findings say
    what is wrong with it, in Ignition's words where they are Ignition's.
    """

    def __init__(self, code: str, index: int, findings: list[str]) -> None:
        super().__init__("\n".join(f"config {index}: {finding}" for finding in findings))
        self.code = code
        self.index = index
        self.findings = findings


def merge(
    configs: t.Sequence[schema.Config | str],
    *,
    version: str | None = None,
    release: str = rules.IGNITION_NEXT,
) -> schema.Config:
    """One config of several, each a config or a JSON text, each of any spec version.

    Every config is validated (release is one of rules.IGNITION_*) and translated to version, one of schema.VERSIONS,
    by default the highest among them. The result has what Ignition would print of it (emit.ordered); it is not
    validated, and two valid configs may make an invalid one. The given configs are left as they are. Raises
    MergeError, and ValueError for an unknown version.
    """
    if not configs:
        raise MergeError("nothing_to_merge", 0, ["give at least one config"])
    read = [_read(config, index, release) for index, config in enumerate(configs)]
    versions = [schema.minor(schema.version_of(config)) for config in read]
    target = schema.VERSIONS[max(versions)] if version is None else version
    for index, minor in enumerate(versions):
        if minor > schema.minor(target):
            finding = f"its spec version {schema.VERSIONS[minor]} is newer than {target}, the version of the result"
            raise MergeError("newer_spec", index, [finding])
    return emit.ordered(functools.reduce(merge_pair, [upgrade(config, target) for config in read]))


def _read(config: schema.Config | str, index: int, release: str) -> schema.Config:
    """The config by the types of its version. Positions are only of use for texts."""
    document = Document(config if isinstance(config, str) else json.dumps(config, ensure_ascii=False))
    try:
        checked = check(document, spec_version(document), release=release)
    except JSONError as error:
        raise MergeError("invalid_json", index, [str(error)]) from error
    except SpecError as error:
        raise MergeError("unsupported_spec", index, [str(error)]) from error
    if checked.failed:
        lines = checked.lines if isinstance(config, str) else [line(entry, None) for entry in checked.entries]
        errors = [text for entry, text in zip(checked.entries, lines, strict=True) if entry.fatal]
        raise MergeError("invalid_config", index, errors)
    return checked.config


def merge_pair(parent: schema.Config, child: schema.Config, transcript: list[Mapping] | None = None) -> schema.Config:
    """Merges two configs of one spec version, which at least one of them names. Neither is validated.

    The result shares with them what it takes as a whole. transcript, when given, gets where each value came from, as
    Ignition records it: what lies below comes before what holds it, both sides are listed for what was combined, and
    required values that are empty are left out.
    """
    known = child if (child.get("ignition") or {}).get("version") else parent
    return _Merge(transcript).objects(schema.root(schema.version_of(known)), parent, child, _Place((), (), ()))


class _Place(t.NamedTuple):
    """Where a merge is going on: the path in the parent, in the child and in the result."""

    parent: Path
    child: Path
    result: Path

    def member(self, name: str) -> _Place:
        return _Place((*self.parent, name), (*self.child, name), (*self.result, name))

    def item(self, parent: int, child: int, result: int) -> _Place:
        return _Place((*self.parent, parent), (*self.child, child), (*self.result, result))


class _Merge:
    def __init__(self, transcript: list[Mapping] | None) -> None:
        self.transcript = transcript

    def objects(
        self, struct: schema.Struct, parent: schema.Config, child: schema.Config, place: _Place
    ) -> schema.Config:
        # The items of the child's keyed lists by key space and key: the last item of a key, its list and its index.
        known: dict[tuple[str, str], tuple[str, int]] = {}
        for field in struct.keyed:
            for index, item in enumerate(child.get(field.name) or ()):
                known[field.space, _key(field, item)] = field.name, index
        result: schema.Config = {}
        for part in struct.parts:
            side = self._whole(struct, part, parent, child)
            for field in part:
                old, new, below = parent.get(field.name), child.get(field.name), place.member(field.name)
                if side:
                    value = self._taken(side, field, old if side == "parent" else new, below)
                elif not field.is_list:
                    value = self._value(field, old, new, below)
                elif field.concat:
                    value = self._concatenated(field, old or [], new or [], below)
                else:
                    value = self._keyed(field, old or [], new or [], known, below)
                if value is not None:
                    result[field.name] = value
        return result

    def _whole(
        self, struct: schema.Struct, part: tuple[schema.Field, ...], parent: schema.Config, child: schema.Config
    ) -> str:
        """Of which side an embedded struct is taken as a whole, because the other has nothing there.

        So before 3.3, where the target of a link is a required string, a link without a target and without hard
        keeps that of the parent.
        """
        if len(struct.parts) == 1:
            return ""
        return "parent" if schema.is_zero(part, child) else "child" if schema.is_zero(part, parent) else ""

    def _taken(self, side: str, field: schema.Field, value: t.Any, place: _Place) -> t.Any:
        self._transcribe(side, field, value, place.parent if side == "parent" else place.child, place.result)
        return value

    def _value(self, field: schema.Field, old: t.Any, new: t.Any, place: _Place) -> t.Any:
        """A scalar or an object: the child's where it has one, objects of both member by member."""
        struct = field.struct
        if struct and old is not None and new is not None:
            empty = not field.pointer and schema.is_zero(struct.fields, new)
            if not empty and (field.pointer or not schema.is_zero(struct.fields, old)):
                value = self.objects(struct, old, new, place)
                self._note_both(place)
                return value
            from_parent = empty
        else:
            # A required scalar is always the child's, even when it is empty.
            from_parent = new is None and (field.pointer or struct is not None)
        return self._taken("parent", field, old, place) if from_parent else self._taken("child", field, new, place)

    def _concatenated(
        self, field: schema.Field, old: list[t.Any], new: list[t.Any], place: _Place
    ) -> list[t.Any] | None:
        for index, item in enumerate(old):
            at = place.item(index, index, index)
            self._transcribe("parent", field, item, at.parent, at.result)
        for index, item in enumerate(new):
            at = place.item(index, index, len(old) + index)
            self._transcribe("child", field, item, at.child, at.result)
        if old:
            self._note("parent", place.parent, place.result)
        if new:
            self._note("child", place.child, place.result)
        return [*old, *new] or None

    def _keyed(
        self,
        field: schema.Field,
        old: list[t.Any],
        new: list[t.Any],
        known: dict[tuple[str, str], tuple[str, int]],
        place: _Place,
    ) -> list[t.Any] | None:
        """Items of both lists in the parent's place; the parent's own; the child's own.

        An item of the parent whose key stands in another list of the child's key space is dropped.
        """
        result: list[t.Any] = []
        sides = set()
        for index, item in enumerate(old):
            name, other = known.get((field.space, _key(field, item)), ("", 0))
            at = place.item(index, other, len(result))
            if not name:
                sides.add("parent")
                result.append(item)
                self._transcribe("parent", field, item, at.parent, at.result)
            elif name == field.name:
                sides = {"parent", "child"}
                newer = new[other]
                if field.struct is None:
                    result.append(newer)
                    self._transcribe("child", field, newer, at.child, at.result)
                elif field.name != "httpHeaders" or newer.get("value") is not None:
                    result.append(self.objects(field.struct, item, newer, at))
                    self._note_both(at)
                # A header without a value removes the parent's.
        taken = {_key(field, item) for item in old}
        for index, item in enumerate(new):
            if _key(field, item) not in taken:
                sides.add("child")
                at = place.item(0, index, len(result))
                result.append(item)
                self._transcribe("child", field, item, at.child, at.result)
        if "parent" in sides:
            self._note("parent", place.parent, place.result)
        if "child" in sides:
            self._note("child", place.child, place.result)
        return result or None

    def _transcribe(self, side: str, field: schema.Field, value: t.Any, source: Path, target: Path) -> bool:
        """Notes a value that is taken as a whole, with everything below it that is not empty."""
        if self.transcript is None or value is None:
            return False
        if isinstance(value, list):
            noted = [
                self._transcribe(side, field, item, (*source, index), (*target, index))
                for index, item in enumerate(value)
            ]
        elif field.struct:
            noted = [
                self._transcribe(side, inner, value.get(inner.name), (*source, inner.name), (*target, inner.name))
                for inner in field.struct.fields
            ]
        else:
            noted = [field.pointer or bool(value)]
        if any(noted):
            self._note(side, source, target)
            return True
        return False

    def _note(self, side: str, source: Path, target: Path) -> None:
        if self.transcript is not None:
            self.transcript.append((side, source, target))

    def _note_both(self, place: _Place) -> None:
        self._note("parent", place.parent, place.result)
        self._note("child", place.child, place.result)


def _key(field: schema.Field, item: t.Any) -> str:
    return field.struct.key(item) if field.struct else item
