# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Which key of the document a member of the result comes from.

Checks of the result name Ignition paths; reports name the document's. Each step of the engine that moves or makes
members adds a layer; a path is led down through the layers only when something is reported. A path that a layer
does not know is reported by butane under its own name in Butane's spelling, and so it is here.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.decode import List, Struct, Type
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.schema import butane_name
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Path

Config = dict[str, t.Any]


class Found(t.NamedTuple):
    """A path one layer down, or in the document itself."""

    path: Path
    in_document: bool = False


class Layer(t.Protocol):
    def find(self, path: Path) -> Found | None:
        """Where path comes from, or None where this layer has nothing to tell."""


def spelled(path: Path) -> Path:
    """The path in Butane's spelling."""
    return tuple(butane_name(step) if isinstance(step, str) else step for step in path)


class Origins:
    """The layers, from the document up."""

    def __init__(self, config: Config, kind: Struct) -> None:
        self.layers: list[Layer] = [Written(config, kind)]

    def add(self, layer: Layer) -> None:
        self.layers.append(layer)

    def trace(self, path: Path) -> Path:
        """The document's path for a path of the result."""
        here = path
        for layer in reversed(self.layers):
            found = layer.find(here)
            if found is None:
                break
            here = found.path
            if found.in_document:
                return here
        return spelled(path)


class Written:
    """The members that stand in the document under their own names, and the sugar that stands for one member."""

    def __init__(self, config: Config, kind: Struct) -> None:
        self.config, self.kind = config, kind

    def find(self, path: Path) -> Found | None:
        if path == ("ignition", "version"):
            return Found(("version",), True)
        owner, known = self.owner(path)
        sugars: tuple[str, ...] = ()
        if path and path[-1] == "source":
            sugars = ("inline", "local")
        elif path and path[-1] == "contents":
            sugars = ("contents_local",)
        sugar = next((name for name in sugars if owner.get(name) is not None), None)
        if sugar:
            return Found((*spelled(path[:-1]), sugar), True)
        return Found(spelled(path), True) if known else None

    def owner(self, path: Path) -> tuple[Config, bool]:
        """The object that holds the last member of path, and whether butane knows of that member.

        It does when the member is there, or is a plain value, which is always there for it.
        """
        kind: Type[t.Any] = self.kind
        value: t.Any = self.config
        owner: Config = {}
        known = True
        for step in path:
            if isinstance(kind, List) and isinstance(value, list) and isinstance(step, int) and step < len(value):
                kind, value = kind.item, value[step]
            elif isinstance(kind, Struct) and isinstance(value, dict):
                owner, known = value, step in value or step in kind.required
                kind, value = kind.member(step), value.get(str(step))
            else:
                return {}, False
        return owner, known and value != {}


class Made:
    """Members that the engine has made: single paths, and whole parts of the result."""

    def __init__(self) -> None:
        self.single: dict[Path, Path] = {}
        self.parts: dict[Path, tuple[Path, bool]] = {}

    def one(self, path: Path, source: Path) -> None:
        self.single[path] = source

    def part(self, path: Path, source: Path, parallel: bool = False) -> None:
        """All below path comes from source; with parallel each path below from the same path below source."""
        self.parts[path] = (source, parallel)

    def lookup(self, path: Path) -> Path | None:
        if path in self.single:
            return self.single[path]
        for length in range(len(path), 0, -1):
            source, parallel = self.parts.get(path[:length], (None, False))
            if source is not None:
                return (*source, *spelled(path[length:])) if parallel else source
        return None

    def find(self, path: Path) -> Found:
        source = self.lookup(path)
        return Found(path) if source is None else Found(source, True)


class Merged:
    """The result of merging what the engine has made (the parent) with the config below (the child)."""

    def __init__(self, parent: Config, made: Made, child: Config) -> None:
        self.parent, self.made, self.child = parent, made, child
        self.moves: dict[Path, tuple[str, Path]] | None = None

    def find(self, path: Path) -> Found | None:
        if self.moves is None:
            from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.merge import merge_pair

            transcript: list[tuple[str, Path, Path]] = []
            merge_pair(self.parent, self.child, transcript)
            self.moves = {}
            for side, before, after in transcript:
                # Where both sides contribute, the user's own part is the better place to point at.
                if side == "child" or after not in self.moves:
                    self.moves[after] = (side, before)
        if path not in self.moves:
            return None
        side, before = self.moves[path]
        if side == "child":
            return Found(before)
        source = self.made.lookup(before)
        return None if source is None else Found(source, True)
