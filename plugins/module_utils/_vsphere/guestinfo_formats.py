# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""Guestinfo keys as other programs take them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

# A VMX file has no other way to write these in a value: "|" and two hexadecimal digits. Source: libvirt, src/vmx/vmx.c.
_ESCAPE = re.compile(r'[|"\x00-\x1f\x7f]')
_UNESCAPE = re.compile(r"\|([0-9A-Fa-f]{2})")
_LINE = re.compile(r'([^\s=#]+)[ \t]*=[ \t]*"([^"]*)"[ \t]*')

_ALLOW = "--allowExtraConfig"
_OPTION = "--extraConfig:"


def vmx(keys: t.Mapping[str, str]) -> str:
    """Lines for the VMX file of Workstation, Fusion or ESXi."""
    return "".join(
        f'{key} = "{_ESCAPE.sub(lambda match: f"|{ord(match[0]):02X}", value)}"\n' for key, value in keys.items()
    )


def from_vmx(text: str) -> dict[str, str]:
    """The settings of a VMX file; VsphereError bad_option when no line of it is one."""
    matches = filter(None, map(_LINE.fullmatch, text.replace("\r", "").split("\n")))
    found = {match[1]: _UNESCAPE.sub(lambda escape: chr(int(escape[1], 16)), match[2]) for match in matches}
    if not found:
        raise VsphereError("bad_option", 'the text has no line like guestinfo.x = "value", as VMX files have')
    return found


def ovftool(keys: t.Mapping[str, str]) -> list[str]:
    """Arguments of ovftool, which goes on without them unless it is allowed to take them."""
    return [_ALLOW, *(f"{_OPTION}{key}={value}" for key, value in keys.items())]


def from_ovftool(arguments: t.Iterable[str]) -> dict[str, str]:
    """The settings among the arguments of ovftool."""
    pairs = (item.removeprefix(_OPTION).partition("=") for item in arguments if item.startswith(_OPTION))
    return {key: value for key, dummy, value in pairs}
