# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The sugar that stands for members of its own place: contents given inline or by a local file.

The keys of the sugar stay in the config (nothing that reads Ignition looks at them), for Origins to see. Entries
have paths of the document.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane import dataurl
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.localfiles import (
    NO_FILES_DIR,
    LocalFileError,
    LocalFiles,
)
from ansible_collections.flatops.flatcar.plugins.module_utils._butane.origins import Made
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

Config = dict[str, t.Any]


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class Desugar:
    """base: version of the base specification; compress: whether contents may be compressed."""

    def __init__(self, files: LocalFiles, base: int, compress: bool) -> None:
        self.files, self.base, self.compress = files, base, compress
        self.entries: list[Entry] = []

    def run(self, config: Config, made: Made) -> list[Entry]:
        """Replace the sugar in config, in the order in which butane reports what fails."""
        ignition, storage = config.get("ignition") or {}, config.get("storage") or {}
        configs = ignition.get("config") or {}
        self.resources(configs.get("merge"), ("ignition", "config", "merge"))
        self.resource(configs.get("replace"), ("ignition", "config", "replace"))
        tls = (ignition.get("security") or {}).get("tls") or {}
        self.resources(tls.get("certificateAuthorities"), ("ignition", "security", "tls", "certificate_authorities"))
        for index, user in enumerate((config.get("passwd") or {}).get("users") or ()):
            self.ssh_keys(user, index, made)
        for index, file in enumerate(storage.get("files") or ()):
            self.resources(file.get("append"), ("storage", "files", index, "append"))
            self.resource(file.get("contents"), ("storage", "files", index, "contents"))
        for index, luks in enumerate(storage.get("luks") or ()):
            self.resource(luks.get("keyFile"), ("storage", "luks", index, "key_file"))
        for index, unit in enumerate((config.get("systemd") or {}).get("units") or ()):
            path: Path = ("systemd", "units", index)
            for number, dropin in enumerate(unit.get("dropins") or ()):
                self.contents(dropin, (*path, "dropins", number))
            self.contents(unit, path)
        return self.entries

    def resources(self, resources: list[Config] | None, path: Path) -> None:
        for index, resource in enumerate(resources or ()):
            self.resource(resource, (*path, index))

    def resource(self, resource: Config | None, path: Path) -> None:
        if not resource:
            return
        if "local" in resource:
            body = self.read(resource["local"], (*path, "local"))
        elif "inline" in resource:
            body = to_bytes(resource["inline"])
        else:
            return
        if body is not None:
            self.fill(resource, body)

    def fill(self, resource: Config, body: bytes) -> None:
        """Put body into a resource as a data URL."""
        if self.base == 1:
            # Version 0.1 of the base specification only escapes, and leaves compression alone.
            resource["source"] = dataurl.escape(body)
            return
        resource["source"], compression = dataurl.encode(body, resource.get("compression"), self.compress)
        if compression is not None:
            resource["compression"] = compression

    def contents(self, unit: Config, path: Path) -> None:
        if unit.get("contents_local"):
            body = self.read(unit["contents_local"], (*path, "contents_local"))
            if body is not None:
                unit["contents"] = to_text(body)

    def ssh_keys(self, user: Config, index: int, made: Made) -> None:
        names = user.get("ssh_authorized_keys_local")
        if not names:
            return
        path: Path = ("passwd", "users", index, "ssh_authorized_keys_local")
        member: Path = ("passwd", "users", index, "sshAuthorizedKeys")
        if not self.files.root:
            self.entries.append(Entry("error", path, NO_FILES_DIR))
            return
        made.one(member, path)
        keys = user["sshAuthorizedKeys"] = list(user.get("sshAuthorizedKeys") or ())
        for number, name in enumerate(names):
            for line in re.split(rb"\r?\n", self.read(name, (*path, number)) or b""):
                if line:
                    made.one((*member, len(keys)), (*path, number))
                    keys.append(to_text(line))

    def read(self, name: str, path: Path) -> bytes | None:
        try:
            return self.files.read(name)
        except LocalFileError as error:
            self.entries.append(Entry("error", path, str(error)))
            return None
