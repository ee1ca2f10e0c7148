# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The MachineConfig around an Ignition config, and what the machine config operator cannot do."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._butane.origins import Found, Made, Origins
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition import gourl
from ansible_collections.flatops.flatcar.plugins.module_utils._ignition.report import Entry, Path

Config = dict[str, t.Any]

_SPEC = {
    "kernelArguments": "kernel_arguments",
    "extensions": "extensions",
    "fips": "fips",
    "kernelType": "kernel_type",
}


class Wrapped:
    """A layer of Origins: the Ignition config is the member spec.config of a MachineConfig."""

    def find(self, path: Path) -> Found | None:
        if path[:2] == ("spec", "config"):
            return Found(path[2:])
        if len(path) > 1 and path[0] == "spec" and path[1] in _SPEC:
            return Found(("openshift", _SPEC[str(path[1])], *path[2:]), True)
        return None


class GrubFile:
    """A layer of Origins: the appended part of a file has become its contents."""

    def __init__(self, file: Path) -> None:
        self.before, self.after = (*file, "append", 0), (*file, "contents")

    def find(self, path: Path) -> Found:
        size = len(self.after)
        return Found((*self.before, *path[size:]) if path[:size] == self.after else path)


def grub_contents(config: Config) -> tuple[Config, GrubFile | None]:
    """The config with the file of GRUB's users written whole: the operator does not append to files."""
    storage: Config = config.get("storage") or {}
    files: list[Config] = storage.get("files") or []
    for index, file in enumerate(files):
        if file.get("path") != "/boot/grub2/user.cfg":
            continue
        # Any other number of parts: the user's own file.
        if len(file.get("append") or ()) != 1:
            break
        whole = {**file, "contents": file["append"][0], "append": []}
        files = [*files[:index], whole, *files[index + 1 :]]
        return {**config, "storage": {**storage, "files": files}}, GrubFile(("storage", "files", index))
    return config, None


def adapt(config: Config, spec: Config, minor: int, origins: Origins) -> Config:
    """The config as the operator takes it."""
    if minor >= 23:
        config, grub_file = grub_contents(config)
        if grub_file:
            origins.add(grub_file)
    if minor < 20:
        origins.add(fips_ciphers(config, spec.get("fips")))
    return config


def fips_ciphers(config: Config, fips: bool | None) -> Made:
    """Give LUKS volumes a cipher that FIPS 140-2 allows where the user names none."""
    made = Made()
    for index, luks in enumerate((config.get("storage") or {}).get("luks") or ()):
        options = luks.get("options") or []
        chosen = any(option in ("--cipher", "-c") or option.startswith("--cipher=") for option in options)
        if not fips or chosen:
            continue
        path: Path = ("storage", "luks", index, "options")
        for place in (*((*path, len(options) + number) for number in range(2)), *([] if options else [path])):
            made.one(place, ("openshift", "fips"))
        luks["options"] = [*options, "--cipher", "aes-cbc-essiv:sha256"]
    return made


def operator_rules(config: Config, minor: int) -> list[Entry]:
    """What the operating system or the operator refuses, also where sugar made it. Paths in the MachineConfig."""
    entries = []
    storage: Config = config.get("storage") or {}
    filesystems, files = storage.get("filesystems") or (), storage.get("files") or ()

    def refuse(section: str, kind: str, index: int, *rest: str, message: str) -> None:
        entries.append(Entry("error", ("spec", "config", section, kind, index, *rest), message))

    for index, filesystem in enumerate(filesystems):
        if filesystem.get("format") == "btrfs":
            refuse("storage", "filesystems", index, "format", message="btrfs is not supported in this spec version")
    for index, filesystem in enumerate(filesystems):
        if minor >= 14 and filesystem.get("format") == "none":
            message = 'format "none" is not supported in this spec version'
            refuse("storage", "filesystems", index, "format", message=message)
    for index, file in enumerate(files):
        source = (file.get("contents") or {}).get("source")
        if source is not None and not _is_data_or_broken(source):
            message = "file contents source must be data URL in this spec version"
            refuse("storage", "files", index, "contents", "source", message=message)
        if minor >= 10 and (file.get("mode") or 0) & ~0o777:
            message = "special mode bits are not supported in this spec version"
            refuse("storage", "files", index, "mode", message=message)
    for index, user in enumerate((config.get("passwd") or {}).get("users") or ()):
        if user.get("name") != "core":
            message = 'users other than "core" are not supported in this spec version'
            refuse("passwd", "users", index, "name", message=message)
    return entries


def machine_config(metadata: Config, openshift: Config, config: Config) -> Config:
    labels = metadata.get("labels")
    return {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"name": metadata.get("name", ""), **({"labels": labels} if labels else {})},
        "spec": {"config": config, **{key: value for key, value in openshift.items() if value != []}},
    }


def duplicate_spec(openshift: Config) -> list[Entry]:
    """Repeated kernel arguments and extensions. Paths in the MachineConfig."""
    entries = []
    for key in ("kernelArguments", "extensions"):
        seen = set()
        for index, value in enumerate(openshift.get(key) or ()):
            if value in seen:
                entries.append(Entry("error", ("spec", key, index), "duplicate entry defined"))
            seen.add(value)
    return entries


def elided(openshift: Config) -> list[Entry]:
    """Warnings for what a plain Ignition config cannot hold. Paths of the document."""
    return [
        Entry("warning", ("openshift", name), "field ignored in raw mode")
        for key, name in _SPEC.items()
        if openshift.get(key) is not None
    ]


def _is_data_or_broken(source: str) -> bool:
    """Whether a URL has the scheme data, or is one that the checks of the result refuse anyway."""
    url = gourl.parse(source)
    return url is None or url.scheme == "data"
