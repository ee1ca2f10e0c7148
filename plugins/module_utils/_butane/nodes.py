# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Files, links and directories that trees and quadlets add."""

from __future__ import annotations

import os
import stat
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.desugar import Desugar, to_bytes
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.localfiles import (
    NO_FILES_DIR,
    LocalFileError,
    join,
    os_error,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.origins import Made
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.source_rules import template_of
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

Config = dict[str, t.Any]

EXISTS = "matching filesystem node has existing contents or different type"


class Nodes:
    """The storage section while nodes are added to it."""

    def __init__(self, config: Config, desugar: Desugar) -> None:
        self.storage: Config = config.setdefault("storage", {})
        self.desugar = desugar
        self.made = Made()
        self.entries: list[Entry] = []
        self.places: dict[str, dict[str, int]] = {
            kind: {node.get("path", ""): index for index, node in enumerate(self.storage.get(kind) or ())}
            for kind in ("files", "directories", "links")
        }

    def error(self, path: Path, message: str) -> None:
        self.entries.append(Entry("error", path, message))

    def exists(self, path: str) -> bool:
        return any(path in places for places in self.places.values())

    def get(self, kind: str, path: str) -> tuple[int, Config | None]:
        index = self.places[kind].get(path)
        return (0, None) if index is None else (index, self.storage[kind][index])

    def add(self, kind: str, node: Config, source: Path) -> tuple[int, Config]:
        """Append a node that source has made."""
        nodes = self.storage[kind] = list(self.storage.get(kind) or ())
        index = len(nodes)
        nodes.append(node)
        self.places[kind][node["path"]] = index
        self.made.part(("storage", kind, index), source)
        if index == 0:
            self.made.one(("storage", kind), source)
        return index, node

    # trees

    def trees(self, trees: list[Config]) -> None:
        for number, tree in enumerate(trees):
            path: Path = ("storage", "trees", number)
            if not self.desugar.files.root:
                self.error(path, NO_FILES_DIR)
                return
            try:
                root = self.desugar.files.path(tree.get("local", ""))
                self.tree(root, tree, path)
            except LocalFileError as error:
                self.error(path, str(error))

    def tree(self, root: str, tree: Config, path: Path) -> None:
        try:
            found = os.stat(root)
        except OSError as error:
            raise os_error("stat", root, error) from None
        except ValueError:
            raise LocalFileError(f"stat {root}: invalid argument") from None
        if not stat.S_ISDIR(found.st_mode):
            raise LocalFileError("root of tree must be a directory")
        owner = {key: dict(tree[key]) for key in ("group", "user") if tree.get(key)}
        # Depth first, each directory's entries in the order of their bytes; no link is followed, not even the root.
        pending = [(root, tree.get("path") or "/")]
        while pending:
            source, target = pending.pop()
            try:
                mode = os.lstat(source).st_mode
                if stat.S_ISDIR(mode):
                    names = sorted(os.listdir(source), key=os.fsencode, reverse=True)
                    pending += [(join(source, name), join(target, name)) for name in names]
                self.entry(source, join(target), mode, tree, owner, path)
            except LocalFileError as error:
                self.error(path, str(error))
            except OSError as error:
                self.error(path, str(os_error("open", source, error)))

    def entry(self, source: str, target: str, mode: int, tree: Config, owner: Config, path: Path) -> None:
        if stat.S_ISDIR(mode):
            if owner or "dirMode" in tree:
                self.tree_directory(target, tree, owner, path)
        elif stat.S_ISREG(mode):
            self.tree_file(source, target, mode, tree, owner, path)
        elif stat.S_ISLNK(mode):
            self.tree_link(source, target, owner, path)
        else:
            raise LocalFileError("trees may only contain files, directories, and symlinks")

    def tree_directory(self, target: str, tree: Config, owner: Config, path: Path) -> None:
        if self.exists(target):
            raise LocalFileError(EXISTS)
        self.add("directories", {"path": target, **owner, "mode": tree.get("dirMode", 0o755)}, path)

    def place(
        self, kind: str, target: str, filled: t.Callable[[Config], t.Any], owner: Config, path: Path
    ) -> tuple[int, Config]:
        """The node at target that is to be filled: the user's own while it is empty, or else a new one."""
        index, node = self.get(kind, target)
        if node is not None:
            if filled(node):
                raise LocalFileError(EXISTS)
            return index, node
        if self.exists(target):
            raise LocalFileError(EXISTS)
        return self.add(kind, {"path": target, **owner}, path)

    def tree_file(self, source: str, target: str, mode: int, tree: Config, owner: Config, path: Path) -> None:
        index, file = self.place("files", target, lambda node: (node.get("contents") or {}).get("source"), owner, path)
        contents = file["contents"] = dict(file.get("contents") or {})
        self.desugar.fill(contents, self.desugar.files.read_path(source))
        member: Path = ("storage", "files", index)
        for name in (("contents", "source"), ("contents",)):
            self.made.one((*member, *name), path)
        if "mode" not in file:
            file["mode"] = tree.get("fileMode", 0o755 if mode & 0o111 else 0o644)
            self.made.one((*member, "mode"), path)

    def tree_link(self, source: str, target: str, owner: Config, path: Path) -> None:
        index, link = self.place("links", target, lambda node: node.get("target"), owner, path)
        link["target"] = os.readlink(source)
        self.made.one(("storage", "links", index, "target"), path)

    # quadlets

    def quadlets(self, quadlets: list[Config]) -> None:
        if quadlets:
            self.made.one(("storage",), ("systemd", "quadlets"))
        for number, quadlet in enumerate(quadlets):
            path: Path = ("systemd", "quadlets", number)
            folder = "/etc/containers/systemd" if quadlet.get("rootful") else "/etc/containers/systemd/users"
            target = join(folder, quadlet.get("name", ""))
            template = template_of(quadlet.get("name", ""))
            if template:
                self.quadlet_link(target, template, path)
            else:
                self.quadlet_file(target, quadlet, path)
            for index, dropin in enumerate(quadlet.get("dropins") or ()):
                self.quadlet_file(f"{target}.d/{dropin.get('name', '')}", dropin, (*path, "dropins", index))

    def quadlet_link(self, target: str, template: str, path: Path) -> None:
        if self.exists(target):
            self.error(path, EXISTS)
            return
        index, dummy = self.add("links", {"path": target, "target": template}, path)
        self.made.one(("storage", "links", index, "path"), (*path, "name"))

    def quadlet_file(self, target: str, unit: Config, path: Path) -> None:
        if self.exists(target):
            self.error(path, EXISTS)
            return
        index, file = self.add("files", {"path": target, "contents": {}}, path)
        member: Path = ("storage", "files", index)
        self.made.one((*member, "path"), (*path, "name"))
        key, body = "contents", to_bytes(unit.get("contents") or "")
        if not body and unit.get("contents_local"):
            key = "contents_local"
            try:
                body = self.desugar.files.read(unit["contents_local"])
            except LocalFileError as error:
                self.error((*path, key), str(error))
                return
        self.desugar.fill(file["contents"], body)
        file["mode"] = 0o644
        self.made.one((*member, "contents"), (*path, key))
        self.made.one((*member, "contents", "source"), (*path, key))
