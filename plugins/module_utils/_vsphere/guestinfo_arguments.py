# Copyright (c) 2026, flatops
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE: may change with any release.

"""The options that become guestinfo keys."""

from __future__ import annotations

import typing as t

from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere import guestinfo
from ansible_collections.flatops.flatcar.plugins.module_utils._vsphere.errors import VsphereError

_INTERFACE: dict[str, dict[str, t.Any]] = {
    "name": {"type": "str"},
    "mac": {"type": "str"},
    "role": {"type": "str", "choices": ["public", "private"], "default": "private"},
    "dhcp": {"type": "bool", "default": False},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "routes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"gateway": {"type": "str", "required": True}, "destination": {"type": "str"}},
    },
}
_DNS: dict[str, dict[str, t.Any]] = {
    "servers": {"type": "list", "elements": "str", "default": []},
    "domains": {"type": "list", "elements": "str", "default": []},
}
#: How the keys are made; the filter takes these too. The host name is `hostname` there, and `guest_hostname` where
#: the server has that name.
FORM: dict[str, dict[str, t.Any]] = {
    "encoding": {"type": "str", "choices": list(guestinfo.ENCODINGS), "default": guestinfo.ENCODINGS[0]},
    "force_plain": {"type": "bool", "default": False},
    "network_kargs": {"type": "raw"},
    "interfaces": {"type": "list", "elements": "dict", "default": [], "options": _INTERFACE},
    "dns": {"type": "dict", "options": _DNS},
    "max_guestinfo": {"type": "int", "default": guestinfo.LIMIT},
}
SPEC: dict[str, dict[str, t.Any]] = {
    "ignition": {"type": "json", "no_log": True},
    "ignition_file": {"type": "path"},
    "ignition_url": {"type": "str", "no_log": True},
    "guest_hostname": {"type": "str"},
    **FORM,
}
MUTUALLY_EXCLUSIVE = [("ignition", "ignition_file", "ignition_url")]


def read(options: t.Mapping[str, t.Any], extra_config: t.Mapping[str, t.Any] | None = None) -> guestinfo.Guestinfo:
    """What the options of SPEC and some further settings lead to; VsphereError as guestinfo.guestinfo raises it."""
    text = options["ignition"]
    data = None if text is None else text.encode()
    if options["ignition_file"] is not None:
        data = _contents(options["ignition_file"])
    return made(options, data, options["ignition_url"], hostname=options["guest_hostname"], extra_config=extra_config)


def made(
    options: t.Mapping[str, t.Any],
    data: bytes | None,
    url: str | None = None,
    *,
    hostname: str | None = None,
    extra_config: t.Mapping[str, t.Any] | None = None,
) -> guestinfo.Guestinfo:
    """The same for user data that are read already, and options of FORM."""
    return guestinfo.guestinfo(
        data,
        url=url,
        encoding=options["encoding"],
        force_plain=options["force_plain"],
        network=options["network_kargs"],
        hostname=hostname,
        interfaces=options["interfaces"] or (),
        dns=options["dns"],
        extra_config=extra_config,
        limit=options["max_guestinfo"],
    )


def _contents(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise VsphereError("bad_option", f"ignition_file {path} cannot be read: {error.strerror}") from error
