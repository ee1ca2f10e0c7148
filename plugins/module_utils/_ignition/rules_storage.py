# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The rules of files, directories and links."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import gopath, schema
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.rules_resource import check_resource

_SPECIAL_BITS = "setuid/setgid/sticky bits are not supported or functional in spec versions older than 3.6.0"


def path_error(path: str) -> str | None:
    """What is wrong with a path that must be absolute and in its shortest form, or None."""
    if not path:
        return "path not specified"
    if path[0] != "/":
        return "path not absolute"
    return None if gopath.is_clean(path) else "path is not fully simplified"


#: Enough findings of nodes below links: a hostile config has as many as it has links times files.
_MOST = 100_000


def check_parents(storage: schema.Config, minor: int, found: list[Entry]) -> None:
    """What concerns several nodes: paths that lead through links, hard links, and filesystems over whole disks."""
    links = storage.get("links") or ()
    if links:
        through = _Links(links)
        for kind, name in (("directories", "directory"), ("files", "file")):
            for index, node in enumerate(storage.get(kind) or ()):
                if len(found) > _MOST:
                    return
                message = f"{name} path includes link in config"
                found += [Entry("error", ("storage", kind, index), message)] * through.above(node.get("path") or "")
        directories = collections.Counter(node.get("path") or "" for node in storage.get("directories") or ())
        for index, link in enumerate(links):
            if len(found) > _MOST:
                return
            _check_link(link, index, through, directories, minor, found)
    disks = {disk.get("device") or "": disk for disk in storage.get("disks") or ()}
    for index, filesystem in enumerate(storage.get("filesystems") or () if disks else ()):
        disk = disks.get(filesystem.get("device") or "")
        if disk is None:
            continue
        path = ("storage", "filesystems", index, "device")
        if disk.get("partitions"):
            found.append(Entry("warning", path, "filesystem overwrites partitioned device"))
        elif disk.get("wipeTable") and not filesystem.get("wipeFilesystem"):
            message = "device matches disk with wipeTable enabled; filesystem will be wiped"
            found.append(Entry("warning", path, message))


class _Links:
    """The paths of all links, to be asked which of them lie above a path."""

    def __init__(self, links: t.Sequence[schema.Config]) -> None:
        self.paths = collections.Counter(link.get("path") or "" for link in links)
        self.sizes = set(map(len, self.paths))

    def above(self, path: str) -> int:
        """How many links a path leads through. A link without a path counts for every absolute path."""
        number = 0
        slash = path.find("/")
        while slash >= 0:
            if slash in self.sizes:
                number += self.paths[path[:slash]]
            slash = path.find("/", slash + 1)
        return number


def _check_link(
    link: schema.Config,
    index: int,
    through: _Links,
    directories: collections.Counter[str],
    minor: int,
    found: list[Entry],
) -> None:
    path = link.get("path") or ""
    place: Path = ("storage", "links", index)
    found += [Entry("error", place, "link path includes link in config")] * through.above(path)
    target = link.get("target") or ""
    if not target and minor >= 3:
        found.append(Entry("error", (*place, "target"), "link target is required"))
        return
    if not link.get("hard"):
        return
    # A relative target is taken to start at the link itself, not at its parent.
    full = gopath.clean(target) if target.startswith("/") else gopath.join(path, target)
    found += [Entry("error", place, "hard link target is a directory")] * directories[full]
    for owner in ("user", "group"):
        for member in ("id", "name"):
            if (link.get(owner) or {}).get(member) is not None:
                found.append(Entry("warning", (*place, owner, member), "user/group ignored for hard link"))


def check_directories(storage: schema.Config, minor: int, found: list[Entry]) -> None:
    for index, node in enumerate(storage.get("directories") or ()):
        path: Path = ("storage", "directories", index)
        _check_path(node, path, found)
        _check_mode(node, path, minor, found)
        _check_owners(node, path, found)


def check_files(storage: schema.Config, minor: int, found: list[Entry]) -> None:
    for index, node in enumerate(storage.get("files") or ()):
        path: Path = ("storage", "files", index)
        contents = node.get("contents") or {}
        _check_path(node, path, found)
        _check_mode(node, path, minor, found)
        if node.get("overwrite") and contents.get("source") is None:
            message = "overwrite must be false if source is unspecified"
            found.append(Entry("error", (*path, "overwrite"), message))
        _check_owners(node, path, found)
        for number, resource in enumerate(node.get("append") or ()):
            check_resource(resource, (*path, "append", number), minor, found)
        check_resource(contents, (*path, "contents"), minor, found)


def check_links(storage: schema.Config, found: list[Entry]) -> None:
    for index, node in enumerate(storage.get("links") or ()):
        path: Path = ("storage", "links", index)
        _check_path(node, path, found)
        _check_owners(node, path, found)


def _check_path(node: schema.Config, path: Path, found: list[Entry]) -> None:
    message = path_error(node.get("path") or "")
    if message:
        found.append(Entry("error", (*path, "path"), message))


def _check_mode(node: schema.Config, path: Path, minor: int, found: list[Entry]) -> None:
    mode = node.get("mode")
    if mode is None or 0 <= mode <= 0o777:
        return
    if not 0 <= mode <= 0o7777:
        found.append(Entry("error", (*path, "mode"), "illegal file mode"))
    if mode & 0o7000 and minor < 6:
        found.append(Entry("warning", (*path, "mode"), _SPECIAL_BITS))


def _check_owners(node: schema.Config, path: Path, found: list[Entry]) -> None:
    for member in ("group", "user"):
        owner = node.get(member)
        if owner and owner.get("id") is not None and owner.get("name"):
            found.append(Entry("error", (*path, member), "cannot set both id and name"))
