# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Where a machine comes from: its source in words, which it keeps in a stamp, and how an OVA is opened."""

from __future__ import annotations

import os
import re
import typing as t
import urllib.parse

from ansible_collections.flatops.flatcar.plugins.module_utils._release import layout
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import ova_arguments, ova_source
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

Options = t.Mapping[str, t.Any]

_MOID = re.compile(r"vm-[0-9]+|[0-9]+")
_CHECKSUM = re.compile(r"(sha[0-9]+|md5):[0-9a-fA-F]+")
_TEXT = re.compile(r"(.*?)( (?:sha[0-9]+|md5):[0-9a-f]+)?", re.DOTALL)


def text(options: Options, version: str | None = None) -> str:
    """Such as "ova flatcar.ova", "release stable 4593.2.5" or "template flatcar"; no folder, no credentials.

    "" where no source is given, or where a template is named by its id. version is the exact one of a release.
    """
    checksum = options["checksum"] or ""
    tail = f" {checksum.lower()}" if _CHECKSUM.fullmatch(checksum) else ""
    if options["ova"]:
        return f"ova {os.path.basename(options['ova'])}{tail}"
    if options["url"]:
        parts = urllib.parse.urlsplit(options["url"])
        host = parts.netloc.rpartition("@")[2]
        return f"url {urllib.parse.urlunsplit((parts.scheme, host, parts.path, '', ''))}{tail}"
    if options["channel"]:
        return f"release {options['channel']} {version or options['version']}"
    if options["template"] and not _MOID.fullmatch(options["template"]):
        return template(options["template"])
    return ""


def template(name: str) -> str:
    """The text for a template, of its name or path."""
    return f"template {name.rstrip('/').rpartition('/')[2]}"


def same(noted: str, wanted: str) -> bool:
    """Whether a machine of the noted source would do for the wanted one.

    A checksum counts where both have one. A release that is named by `current` is any of its channel: the machine
    updates itself.
    """
    kind, dummy, rest = wanted.partition(" ")
    if kind == "release" and not layout.is_exact(rest.rpartition(" ")[2]):
        return noted.split(" ")[:2] == wanted.split(" ")[:2]
    before, after = _TEXT.fullmatch(noted), _TEXT.fullmatch(wanted)
    if not before or not after or before[1] != after[1]:
        return False
    return not before[2] or not after[2] or before[2] == after[2]


def ova(options: Options, run: ova_source.Run) -> tuple[ova_source.Source, str]:
    """The OVA of the options, and its text; VsphereError where there is none to be had."""
    if not any(options[name] for name in ova_arguments.ORIGINS):
        raise VsphereError(
            "bad_option", "The VM is not there, and nothing is given to make it of: ova, url, channel or template."
        )
    source = ova_arguments.source(options, run)
    # A release lies in a folder that has the name of its version.
    return source, text(options, source.label.split("/")[-2] if options["channel"] else None)
